"""What a Transformer's size is made of."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MATRICES = ("query", "key", "value", "output", "gate", "up", "down")  # the matrices of a block


@dataclass(frozen=True)
class ModelConfig:
    """The sizes that fix every weight's shape, and the constants of its layers.

    Units: context_length in tokens; head_size, left out, is n_embd / n_head.
    Raises: ValueError if a size is no positive whole number, or sizes do not divide as heads need.
    Source: Touvron et al. 2023 (Llama); Ainslie et al. 2023 for n_kv_head (grouped-query attention).
    """

    vocab_size: int
    n_layer: int
    n_head: int
    n_kv_head: int
    n_embd: int
    n_hidden: int
    context_length: int
    head_size: int | None = None
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-5
    tied: bool = True

    def __post_init__(self) -> None:
        """Refuse sizes that make no model."""
        sizes = ("vocab_size", "n_layer", "n_head", "n_kv_head", "n_embd", "n_hidden", "context_length")
        for name in sizes if self.head_size is None else (*sizes, "head_size"):
            size = getattr(self, name)
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(f"{name}: expected a whole number from 1 up, got {size!r}; give at least 1.")
        for name in ("rope_base", "norm_epsilon"):
            number = getattr(self, name)
            if not 0 < number < math.inf:
                raise ValueError(f"{name}: expected a positive number, got {number!r}; leave it out for the default.")
        if self.n_head % self.n_kv_head:
            raise ValueError(
                f"n_kv_head: expected a divisor of n_head ({self.n_head}), got {self.n_kv_head}; "
                f"each key-value head serves the same number of query heads."
            )
        if self.head_size is None and self.n_embd % self.n_head:
            raise ValueError(
                f"n_embd: expected a multiple of n_head ({self.n_head}), got {self.n_embd}; "
                "change it or give head_size."
            )
        if self.head_width % 2:
            raise ValueError(
                f"head_size: expected an even number, got {self.head_width}; rotary positions turn pairs of numbers."
            )

    @property
    def head_width(self) -> int:
        """The numbers in one head, D: head_size, or else n_embd / n_head."""
        return self.n_embd // self.n_head if self.head_size is None else self.head_size

    @property
    def n_params(self) -> int:
        """How many numbers the model learns."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every weight's name and shape; a matrix is (in, out), so that Y = X @ W."""
        C, D = self.n_embd, self.head_width
        shapes: dict[str, tuple[int, ...]] = {"embedding": (self.vocab_size, C)}
        for i in range(self.n_layer):
            shapes |= {
                f"blocks.{i}.attention_norm": (C,),
                f"blocks.{i}.query": (C, self.n_head * D),
                f"blocks.{i}.key": (C, self.n_kv_head * D),
                f"blocks.{i}.value": (C, self.n_kv_head * D),
                f"blocks.{i}.output": (self.n_head * D, C),
                f"blocks.{i}.mlp_norm": (C,),
                f"blocks.{i}.gate": (C, self.n_hidden),
                f"blocks.{i}.up": (C, self.n_hidden),
                f"blocks.{i}.down": (self.n_hidden, C),
            }
        shapes["final_norm"] = (C,)
        if not self.tied:
            shapes["head"] = (C, self.vocab_size)
        return shapes

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The config that `to_dict` described.

        Raises: ValueError for a field that there is not, or one missing that has no default.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"config: expected fields among {known}, got {unknown}; leave those out.")
        if missing := [name for name in known[:7] if name not in values]:
            raise ValueError(f"config: expected every size, got none for {missing}; add them.")
        return cls(**values)
