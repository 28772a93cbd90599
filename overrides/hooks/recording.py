"""What labs show, recorded for the build in a Python of its own, which imports `labs` as they are now.

`python -m overrides.hooks.recording` answers a list of requests (overrides/hooks/asking.py).
"""

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from overrides.hooks.asking import answer_all, answers
from overrides.hooks.common import BUILD_CACHE, ROOT, tree_hash
from overrides.hooks.wheel import labs_hash


class Request(TypedDict):
    """What a fence asks for: the panel of a lab with values for some controls, or an exercise by its name."""

    kind: Literal["lab", "exercise"]
    name: str
    values: dict[str, Any]


class Answer(TypedDict, total=False):
    """`lab` (as `describe_labs` has it) and `outputs`, or `exercise`; or else what is wrong: `fault`.

    `about` is the fence's key that is at fault, where one is; `trace` the traceback of a run that failed.
    """

    lab: dict[str, Any]
    outputs: list[dict[str, Any]]
    exercise: dict[str, Any]
    fault: str
    about: str
    trace: str


def record(requests: Sequence[Request], cache: Path = BUILD_CACHE) -> list[Answer]:
    """The answers, in order: from the cache where labs and environment are unchanged, the others from one process.

    Only good answers are kept.
    """
    hashed = labs_hash()
    places = [cache / "panels" / f"{request['name']}-{_key(request, hashed)}.json" for request in requests]
    found = answers("overrides.hooks.recording", dict(zip(places, requests, strict=True)))
    return [found[place] for place in places]


def _key(request: Request, hashed: str) -> str:
    ours = [Path(__file__), ROOT / "overrides/hooks/asking.py", ROOT / "constraints.txt"]
    return tree_hash(ours, hashed, sys.version, json.dumps(request, sort_keys=True, default=str))


def answer(request: Request) -> Answer:
    """What this Python's `labs` have for a request."""
    from labs.core import bridge

    try:
        if request["kind"] == "exercise":
            return {"exercise": bridge.describe_exercise(request["name"])}
        bridge.load_lab(request["name"])
    except ValueError as error:
        return {"fault": str(error), "about": "name"}
    return _panel(request["name"], request["values"])


def _panel(name: str, values: Mapping[str, Any]) -> Answer:
    from labs.core import bridge
    from labs.core.contract import check_controls

    controls = bridge.load_lab(name).LAB.controls
    for control, value in values.items():
        try:
            check_controls(controls, {control: value})
        except ValueError as error:
            return {"fault": str(error), "about": control}
    outputs: list[dict[str, Any]] = []
    asyncio.run(bridge.show_lab(name, json.dumps(values), lambda batch: outputs.extend(json.loads(batch))))
    error_output = next((output for output in outputs if output["output_type"] == "error"), None)
    if error_output is None:
        lab = next(lab for lab in bridge.describe_labs() if lab["slug"] == name)
        return {"lab": lab, "outputs": settled(outputs)}
    said = f"{error_output['ename']}: {error_output['evalue']}"
    if error_output["ename"] != "ValueError":
        return {"fault": said, "trace": error_output["traceback"]}
    # Our messages begin with what is wrong: "temperature: expected …", "Unknown prefix 'x': …".
    named = re.findall(r"\w+", error_output["evalue"].split(":")[0])
    return {"fault": error_output["evalue"], "about": next((name for name in values if name in named), "name")}


def settled(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs as they stand in the end: each display in its last state, and no bars of finished progress."""
    kept: list[dict[str, Any]] = []
    by_id: dict[str, dict[str, Any]] = {}
    for output in outputs:
        name = output.get("display_id") or ""
        if name.startswith("progress-"):
            continue
        if output["output_type"] == "update_display_data" and name in by_id:
            by_id[name].update(data=output["data"], metadata=output.get("metadata", {}))
            continue
        by_id[name] = output = {**output}
        kept.append(output)
    return kept


if __name__ == "__main__":
    answer_all(answer)
