"""The two published forms of over-optimisation, fitted to points of our own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats

FORMS = {"best-of-n": "R = d(α − βd)", "policy gradient": "R = d(α − β log d)"}
"""Each optimiser's form, with d = √KL and the gold gain R. Gao et al. 2022 (arXiv:2210.10760), section 3."""


@dataclass(frozen=True)
class Fit:
    """A form with its coefficients, and how far the points lie from it.

    Units: residuals and rmse in the judge's points; `explained` is the share of the points' variance, below 0 where
    their mean would be the better curve.
    """

    form: str
    alpha: float
    beta: float
    residuals: tuple[float, ...]
    explained: float

    @property
    def rmse(self) -> float:
        """The root of the mean squared residual."""
        return float(np.sqrt(np.mean(np.square(self.residuals))))

    @property
    def peak(self) -> float | None:
        """The distance of the highest gold gain: α/2β, or exp(α/β − 1); None if the curve has no peak."""
        if self.beta <= 0 or (self.form == "best-of-n" and self.alpha <= 0):
            return None
        return self.alpha / (2 * self.beta) if self.form == "best-of-n" else float(np.exp(self.alpha / self.beta - 1))

    def curve(self, distances: Sequence[float]) -> list[float]:
        """The form's gold gain at these distances."""
        fitted: list[float] = (_basis(self.form, distances) @ np.array([self.alpha, self.beta])).tolist()
        return fitted


def fit(form: str, distances: Sequence[float], gains: Sequence[float]) -> Fit:
    """Least squares for α and β, in which both forms are linear. The start, d = 0, is on every curve and left out.

    Raises: ValueError for another form, or fewer than three points away from the start.
    """
    if form not in FORMS:
        raise ValueError(f"form: expected one of {', '.join(FORMS)}; got {form!r}.")
    away = [(d, gain) for d, gain in zip(distances, gains, strict=True) if d > 0]
    if len(away) < 3:
        raise ValueError(f"distances: expected three or more above 0, got {len(away)}; measure more points.")
    ds, rs = (np.array(column) for column in zip(*away, strict=True))
    (alpha, beta), *_ = np.linalg.lstsq(_basis(form, ds.tolist()), rs, rcond=None)
    residuals = rs - _basis(form, ds.tolist()) @ np.array([alpha, beta])
    explained = 1 - float((residuals**2).sum()) / max(1e-12, float(((rs - rs.mean()) ** 2).sum()))
    return Fit(form, float(alpha), float(beta), tuple(residuals.tolist()), explained)


def _basis(form: str, distances: Sequence[float]) -> Floats:
    d = np.asarray(distances, float)
    safe = np.where(d > 0, d, 1.0)  # d log d goes to 0 with d
    bent = d**2 if form == "best-of-n" else d * np.log(safe)
    return np.stack([d, -bent], axis=1)
