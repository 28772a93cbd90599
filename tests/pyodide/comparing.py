"""How outputs of two Pythons are compared: as a reader sees them in the end, numbers to one part in a million.

What a real model computes differs more: each Python adds its float32 products in another order.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
OURS = re.compile(r'File "[^"]*?(labs/[^"]+)"')
EXACT = 1e-6
"""How far numbers may be apart, relatively; of plain arithmetic."""
MODEL = 0.02
"""The same of a model's probabilities and losses, which are shown with few digits; absolutely, a tenth of that."""


def settled(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs as they stand in the end: text of a stream in one piece, each display in its last state.

    How often a batch left or a display changed on the way depends on the clock and is left out. So are ids.
    """
    kept: list[dict[str, Any]] = []
    by_id: dict[str, dict[str, Any]] = {}
    for output in outputs:
        output = dict(output)
        name = output.pop("display_id", None)
        if output["output_type"] == "update_display_data":
            by_id[name].update(data=output["data"], metadata=output["metadata"])
            continue
        if name is not None:
            by_id[name] = output
        last = kept[-1] if kept else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            kept.append(output)
    return [_comparable(output) for output in kept]


def _comparable(output: dict[str, Any]) -> dict[str, Any]:
    """An output without what may differ: frames and paths of a traceback, the bytes of a picture."""
    if output["output_type"] == "error":
        last = output["traceback"].rstrip().splitlines()[-1:]
        return {**output, "traceback": [OURS.sub(r'File "\1"', line) for line in last]}
    pictures = [mime for mime in output.get("data", {}) if mime in ("image/png", "image/jpeg")]
    return {**output, "data": {**output["data"], **dict.fromkeys(pictures, "a picture")}} if pictures else output


def frames(outputs: Sequence[dict[str, Any]]) -> list[object]:
    """Of each output its types, and of a chart its title and axes: all that is the same after two trainings.

    A training amplifies the last bit of its first step, so that the models, and what they write, part ways.
    """
    return [
        {"kind": output["output_type"], "types": sorted(output.get("data", {})), "metadata": _titles(output)}
        for output in outputs
    ]


def _titles(output: dict[str, Any]) -> object:
    return {mime: said.get("title") for mime, said in output.get("metadata", {}).items() if isinstance(said, dict)}


def differences(one: object, other: object, where: str = "", tolerance: float = EXACT) -> list[str]:
    """Where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other):
            return [f"{where}: keys {sorted(one)} and {sorted(other)}"]
        return [found for key in one for found in differences(one[key], other[key], f"{where}.{key}", tolerance)]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{where}: {len(one)} and {len(other)} parts: {one!r} and {other!r}"]
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, (a, b) in pairs for found in differences(a, b, f"{where}[{place}]", tolerance)]
    if isinstance(one, str) and isinstance(other, str):
        numbers = zip(NUMBER.findall(one), NUMBER.findall(other), strict=False)
        same = NUMBER.split(one) == NUMBER.split(other) and all(_close(a, b, tolerance) for a, b in numbers)
    elif isinstance(one, bool) or isinstance(other, bool):
        same = one is other
    elif isinstance(one, int | float) and isinstance(other, int | float):
        same = _close(one, other, tolerance)
    else:
        same = one == other
    return [] if same else [f"{where}: {one!r} and {other!r}"]


def _close(one: str | float, other: str | float, tolerance: float) -> bool:
    least = tolerance / 10 if tolerance > EXACT else tolerance**2
    return math.isclose(float(one), float(other), rel_tol=tolerance, abs_tol=least)
