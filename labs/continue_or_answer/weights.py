"""How far tuning moved the weights, group by group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from labs.core.contract import Chart
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer


@dataclass(frozen=True)
class Move:
    """A group of weights: how many they are, and the norm of their change relative to their own norm before."""

    group: str
    weights: int
    relative: float


def moved(before: Transformer, after: Transformer) -> list[Move]:
    """How far each group of weights has moved, and all of them together.

    Relative: ‖after − before‖ / ‖before‖, over all weights of the group.
    Raises: ValueError if the models do not have the same weights in the same shapes.
    """
    shapes = [{name: weights.shape for name, weights in model.params.items()} for model in (before, after)]
    if shapes[0] != shapes[1]:
        raise ValueError("after: expected a model of the same shapes as before, got another; tune this very model.")
    return [_move(group, names, before.params, after.params) for group, names in _groups(list(before.params))]


def between(before: Checkpoint, after: Checkpoint, share: float) -> Checkpoint:
    """A model with every weight so far on the straight way from before to after: 0 is before, 1 after, 0.5 half way.

    Raises: ValueError if the models do not have the same weights in the same shapes.
    """
    moved(before.model, after.model)
    theirs = after.model.params
    params = {name: weights + share * (theirs[name] - weights) for name, weights in before.model.params.items()}
    return replace(before, model=Transformer(before.model.config, params))


def moved_chart(before: Transformer, after: Transformer, name: str) -> Chart:
    """The moves as bars."""
    moves = moved(before, after)
    everything = moves[-1]
    return bar_chart(
        [Bar(f"{move.group} ({move.weights:,} weights)", move.relative) for move in moves],
        title=f"How far the weights moved from base to {name}",
        alt=f"One bar for each group of layers; over all weights {percent(everything.relative)}.",
        x="norm of the change, relative to the norm before",
        domain=(0, 1),
    )


def _groups(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    yield "embedding", [name for name in names if name == "embedding"]
    blocks = dict.fromkeys(name.split(".")[1] for name in names if name.startswith("blocks."))
    for block in blocks:
        inside = [name for name in names if name.startswith(f"blocks.{block}.")]
        attention = [name for name in inside if name.endswith(("query", "key", "value", "output"))]
        yield f"layer {int(block) + 1}, attention", attention
        yield f"layer {int(block) + 1}, MLP", [name for name in inside if name.endswith(("gate", "up", "down"))]
    yield "all norms", [name for name in names if name.endswith("norm")]
    yield "everything", names


def _move(group: str, names: list[str], before: Mapping[str, Floats], after: Mapping[str, Floats]) -> Move:
    def squares(arrays: Iterator[Floats]) -> float:
        return sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays)

    change = squares(after[name] - before[name] for name in names)
    norm = squares(before[name] for name in names)
    return Move(group, sum(before[name].size for name in names), float(np.sqrt(change / norm)))
