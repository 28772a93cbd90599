"""How outputs of two Pythons are compared: as a reader sees them in the end, numbers to one part in a million."""

import math
import re
from collections.abc import Sequence
from typing import Any

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
OURS = re.compile(r'File "[^"]*?(labs/[^"]+)"')
TOLERANCE = 1e-6


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


def differences(one: object, other: object, where: str = "") -> list[str]:
    """Where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) != set(other):
            return [f"{where}: keys {sorted(one)} and {sorted(other)}"]
        return [found for key in one for found in differences(one[key], other[key], f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{where}: {len(one)} and {len(other)} parts: {one!r} and {other!r}"]
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, (a, b) in pairs for found in differences(a, b, f"{where}[{place}]")]
    if isinstance(one, str) and isinstance(other, str):
        same = NUMBER.split(one) == NUMBER.split(other) and all(map(_close, NUMBER.findall(one), NUMBER.findall(other)))
    elif isinstance(one, bool) or isinstance(other, bool):
        same = one is other
    elif isinstance(one, int | float) and isinstance(other, int | float):
        same = _close(one, other)
    else:
        same = one == other
    return [] if same else [f"{where}: {one!r} and {other!r}"]


def _close(one: str | float, other: str | float) -> bool:
    return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=TOLERANCE**2)
