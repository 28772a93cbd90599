"""What was recorded, as pictures: gold and proxy over the distance, both published forms, and what they leave over."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Table
from labs.core.contract.markup import NBSP
from labs.core.drawing.points import Points, point_chart
from labs.core.sweeping import Arm, Recorded
from labs.rlhf.fitting import FORMS, Fit, fit
from labs.rlhf.optimising import Reached
from labs.rlhf.pictures import signed

CLIMBS = {"best": "best-of-n", "gradient": "policy gradient"}
"""What the names of recorded values begin with, and which optimiser that is."""
DISTANCE = "distance from the start, √KL (KL in nats a reply)"


def mean_points(found: Recorded, arm: Arm, prefix: str, measure: str, name: str, *, bounds: bool = True) -> Points:
    """A measure over the distance, means of an arm's seeds, with their 95 % intervals if these are wanted."""
    distances = [interval.mean for interval in found.intervals(arm, f"{prefix}_distance")]
    intervals = found.intervals(arm, f"{prefix}_{measure}")
    means, lows, highs = ([round(getattr(one, end), 3) for one in intervals] for end in ("mean", "low", "high"))
    return Points(name, distances, means, lows=lows if bounds else None, highs=highs if bounds else None, path=True)


def climb_chart(found: Recorded, arm: Arm) -> Chart:
    """Gold and proxy of one arm, by both ways of climbing; intervals are the gold judge's."""
    series = [
        mean_points(found, arm, prefix, measure, f"{who}, {optimiser}", bounds=measure == "gold")
        for prefix, optimiser in CLIMBS.items()
        for measure, who in (("proxy", "proxy (st. dev.)"), ("gold", "gold judge (points)"))
    ]
    said = "; ".join(
        f"{one.name}: highest {signed(max(one.ys))} at distance {one.xs[one.ys.index(max(one.ys))]:.1f}, "
        f"{signed(one.ys[-1])} at the end"
        for one in series
    )
    return point_chart(
        series,
        title=f"Recorded: gains, means of {len(found.seeds)} seeds, gold with 95 % intervals ({arm_words(arm)})",
        alt=f"Gains over the distance. {_first_up(said)}.",
        x=DISTANCE,
        y="gain",
        x_domain=(0, 1.1 * max(max(one.xs) for one in series)),
    )


def price_chart(found: Recorded, arms: Sequence[Arm]) -> Chart:
    """What policy gradient gains by the gold judge, with and without a price on KL."""
    series = [mean_points(found, arm, "gradient", "gold", f"KL price {arm['beta']:g}") for arm in arms]
    said = "; ".join(f"{one.name}: ends at distance {one.xs[-1]:.1f} with {signed(one.ys[-1])}" for one in series)
    return point_chart(
        series,
        title=f"Recorded: gain by the gold judge, mean of {len(found.seeds)} seeds with 95 % intervals",
        alt=f"Gold gain of policy gradient over the distance. {said}.",
        x=DISTANCE,
        y="gain, points",
    )


def residuals_table(found: Recorded, arm: Arm, prefix: str) -> Table:
    """Each recorded mean point of an arm, with both forms fitted to all seeds' points, and what is left over."""
    points = mean_points(found, arm, prefix, "gold", "")
    rows: list[list[object]] = []
    fits = [recorded_fit(found, arm, prefix, form) for form in FORMS]
    for d, gold in zip(points.xs, points.ys, strict=True):
        if d > 0:
            left = [gold - fitted.curve([d])[0] for fitted in fits]
            rows.append([f"{d:.2f}", signed(gold), *(signed(one) for one in left)])
    return Table(
        ["d = √KL", "Gold gain", *(f"Residual of {form}" for form in FORMS.values())],
        rows,
        f"Recorded, {CLIMBS[prefix]}, {arm_words(arm)}: means of {len(found.seeds)} seeds, in the judge's points",
    )


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def recorded_fit(found: Recorded, arm: Arm, prefix: str, form: str) -> Fit:
    """One of the published forms, fitted to the recorded points of all of an arm's seeds."""
    columns = []
    for name in ("distance", "gold"):
        rows = found.by_seed(arm, f"{prefix}_{name}")
        columns.append([value for row in rows if isinstance(row, tuple) for value in row])
    return fit(form, *columns)


def mean_fit(found: Recorded, arm: Arm, prefix: str, form: str) -> Fit:
    """The same form, fitted to the means of the seeds: what is left over is no difference between seeds."""
    points = mean_points(found, arm, prefix, "gold", "")
    return fit(form, points.xs, points.ys)


def arm_words(arm: Arm) -> str:
    """An arm of the sweep, in words."""
    raters = "unbiased" if arm["cue"] == 0 else "cue liked"
    price = f", KL price {arm['beta']:g}" if arm["beta"] else ""
    return f"{raters}, {arm['pairs']} pairs{price}"


def fits_table(found: Recorded, arms: Sequence[Arm], yours: Mapping[str, Sequence[Reached]] | None = None) -> Table:
    """Both forms fitted to both ways of climbing, in these arms and in the reader's run, with what they leave over."""
    rows: list[list[object]] = []
    for optimiser, points in (yours or {}).items():
        if sum(point.distance > 0 for point in points) >= 3:
            for form in FORMS:
                fitted = fit(form, [point.distance for point in points], [point.gold for point in points])
                rows.append([f"yours, {optimiser}", *_said(fitted), ""])
    for arm in arms:
        for prefix, optimiser in CLIMBS.items():
            if prefix == "best" and arm["beta"]:
                continue  # best-of-n has no price: these are the points of the arm without
            for form in FORMS:
                fitted, of_means = (one(found, arm, prefix, form) for one in (recorded_fit, mean_fit))
                rows.append([f"{optimiser}, {arm_words(arm)}", *_said(fitted), f"{100 * of_means.explained:.0f}%"])
    return Table(
        ["Points", "Form", "α", "β", "Peak", "RMSE", "Explained", "Of the mean"],
        rows,
        f"Gold gain R over d = √KL, fitted. All but yours recorded by “{found.command}”: points of the seeds "
        f"{', '.join(map(str, found.seeds))} together, in the last column their mean. RMSE (root mean square error) in "
        "the judge's points; explained: share of the variance",
    )


def _said(fitted: Fit) -> list[object]:
    peak = "none" if fitted.peak is None else f"{fitted.peak:.2f}"
    form = FORMS[fitted.form].removeprefix("R = ").replace(" ", NBSP)
    rmse, explained = f"{fitted.rmse:.3f}", f"{100 * fitted.explained:.0f}%"
    return [form, signed(fitted.alpha), signed(fitted.beta), peak, rmse, explained]
