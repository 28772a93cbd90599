"""`python -m labs measure`: what the models do, as a table with intervals and bars; and whether two tables agree."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from labs.core import behaviours, recipe
from labs.core.commands.options import seed_number
from labs.core.commands.progress import ProgressLine
from labs.core.contract.tables import Table
from labs.core.measures import Measure, loss_by_kind
from labs.core.model.checkpoint import Checkpoint, load_checkpoint, load_meta

SEEDS = (0, 1, 2)
HELD_OUT_DOCUMENTS = 300
DIGITS = 5
NO_BREAK = "\u00a0"

type Measures = dict[str, Any]  # a model's, as its JSON holds them


def main(arguments: Sequence[str]) -> int:
    """Measure the models that the arguments name, and print the table.

    Raises: ValueError if a model can't be loaded.
    """
    parser = argparse.ArgumentParser(
        prog="python -m labs measure", description="Measure what the models do.", allow_abbrev=False
    )
    parser.add_argument("--models", default="base,sft,chat,reward", help="names or paths; default: %(default)s")
    parser.add_argument("--seeds", default="0,1,2", help="of prompts and samples, different ones; default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON object with every number")
    parser.add_argument(
        "--recorded", action="store_true", help="measure nothing: print what the checkpoints' files say, as Markdown"
    )
    options = parser.parse_args(arguments)
    if options.recorded:
        names = [name.strip() for name in options.models.split(",")]
        print(markdown({name: recorded(name) for name in names}))
        return 0
    seeds = [seed_number(seed) for seed in options.seeds.split(",")]
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"--seeds: expected different ones, got {options.seeds}; a seed twice counts its cases twice.")
    checkpoints: dict[str, Checkpoint] = {}
    for name in options.models.split(","):
        checkpoint = load_checkpoint(name.strip())
        stage = str(checkpoint.meta.get("stage", checkpoint.name))
        if stage in checkpoints:
            raise ValueError(
                f"--models: expected one model of each stage, got two of {stage!r}; measure one at a time."
            )
        checkpoints[stage] = checkpoint
    with ProgressLine() as line:
        measured = measure_all(checkpoints, seeds, line)
    print(json.dumps(measured, indent=2, ensure_ascii=False) if options.json else table(measured))
    return 0


def recorded(name: str) -> Measures:
    """What a checkpoint's file says of it.

    Raises: ValueError if it was never measured.
    """
    measures = load_meta(name).get("measures")
    if not measures:
        raise ValueError(f"{name}: expected measures in its JSON, got none; `python -m labs train` puts them there.")
    return dict(measures)


def measure_all(checkpoints: Mapping[str, Checkpoint], seeds: Sequence[int], line: ProgressLine) -> dict[str, Measures]:
    """Every behaviour, and the held-out loss on each kind of page, by model."""
    found: dict[str, Measures] = {name: {"seeds": list(seeds), "behaviours": {}} for name in checkpoints}
    rows = behaviours.measure_behaviours(
        checkpoints, seeds, on_progress=lambda done, of: line.show(f"measuring: {done} of {of}", now=done == of)
    )
    for row in rows:
        for name, cell in row.cells.items():
            by_seed = [round(value, DIGITS) for value in cell.by_seed]
            found[name]["behaviours"][row.behaviour] = _plain(cell.measure) | {
                "by_seed": by_seed,
                "bar": cell.bar,
                "met": cell.met,
            }
    pages = list(recipe.held_out_documents(HELD_OUT_DOCUMENTS))
    for name, checkpoint in checkpoints.items():
        if checkpoint.reward_head is None:
            line.show(f"measuring: {name}'s held-out loss", now=True)
            losses = loss_by_kind(checkpoint.model, checkpoint.tokenizer, pages)
            found[name]["held_out_loss_nats"] = {kind: _plain(measure) for kind, measure in sorted(losses.items())}
    line.end()
    return found


def table(measured: Mapping[str, Measures]) -> str:
    """All of it for reading: a line for each behaviour and model, the bars, and the losses."""
    rows: list[list[object]] = []
    for behaviour in behaviours.BEHAVIOURS:
        title = behaviour.name
        for model, measures in measured.items():
            if cell := measures["behaviours"].get(behaviour.name):
                by_seed = " ".join(f"{100 * value:.0f}" for value in cell["by_seed"])
                verdict = {True: "met", False: "NOT MET", None: ""}[cell["met"]]
                rows.append([title, model, _share(cell), f"{by_seed} %", cell["bar"], verdict])
                title = ""
    parts = [Table(("behaviour", "model", "share [95 %]", "each seed", "bar", ""), rows).text()] if rows else []
    verdicts = [cell["met"] for measures in measured.values() for cell in measures["behaviours"].values()]
    if bars := [met for met in verdicts if met is not None]:
        parts.append(f"{sum(bars)} of {len(bars)} bars are met.")
    losses = {
        name: measures["held_out_loss_nats"] for name, measures in measured.items() if "held_out_loss_nats" in measures
    }
    if losses:
        kinds = sorted({kind for by_kind in losses.values() for kind in by_kind})
        lines = [[kind, *(_nats(by_kind[kind]) for by_kind in losses.values())] for kind in kinds]
        parts.append(Table(("kind of page", *losses), lines, "Held-out loss, nats a token [95 %]").text())
    return "\n\n".join(parts)


def markdown(measured: Mapping[str, Measures]) -> str:
    """The behaviours as a Markdown table: a row each, a column for each model, with its bar and whether it is met."""
    lines = ["| behaviour | " + " | ".join(measured) + " |", "|---" * (len(measured) + 1) + "|"]
    for behaviour in behaviours.BEHAVIOURS:
        cells = [measures["behaviours"].get(behaviour.name) for measures in measured.values()]
        if any(cells):
            lines.append(f"| {behaviour.name} | " + " | ".join(map(_markdown_cell, cells)) + " |")
    return "\n".join(lines)


def _markdown_cell(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return "–"
    verdict = {True: f"(bar {cell['bar']})", False: f"(**bar {cell['bar']} not met**)", None: ""}[cell["met"]]
    share, interval = _share(cell).split(" [")
    return " ".join(part.replace(" ", NO_BREAK) for part in (share, f"[{interval}", verdict) if part)


def check_table(shipped: Mapping[str, Any], retrained: Mapping[str, Measures]) -> tuple[str, bool]:
    """Each measure beside what it was, and whether all of them agree: whether their intervals overlap."""
    rows: list[list[object]] = []
    for model in retrained:
        old, new = _flat(shipped[model]), _flat(retrained[model])
        for what in dict.fromkeys([*old, *new]):
            was, now = old.get(what), new.get(what)
            agrees = was is not None and now is not None and was["low"] <= now["high"] and now["low"] <= was["high"]
            rows.append([what[1], model, *(_shown(what, cell) for cell in (was, now)), "yes" if agrees else "NO"])
    agreeing = sum(row[-1] == "yes" for row in rows)
    lines = [Table(("measure", "model", "shipped [95 %]", "retrained [95 %]", "agrees"), rows).text(), ""]
    without = set(retrained) - {row[1] for row in rows}
    lines += [f"{model}: there is nothing to compare it by." for model in retrained if model in without]
    return "\n".join([*lines, f"{agreeing} of {len(rows)} measures agree."]), agreeing == len(rows)


def _flat(measures: Measures) -> dict[tuple[str, str], dict[str, Any]]:
    kinds = ("behaviours", "held_out_loss_nats")
    return {(kind, name): cell for kind in kinds for name, cell in measures.get(kind, {}).items()}


def _plain(measure: Measure) -> dict[str, Any]:
    numbers = {key: round(getattr(measure, key), DIGITS) for key in ("value", "low", "high")}
    return {**numbers, "n": measure.n}


def _shown(what: tuple[str, str], cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return "none"
    return _share(cell) if what[0] == "behaviours" else f"{_nats(cell)} nats"


def _share(cell: Mapping[str, Any]) -> str:
    return f"{100 * cell['value']:.1f} % [{100 * cell['low']:.1f}, {100 * cell['high']:.1f}]"


def _nats(cell: Mapping[str, Any]) -> str:
    return f"{cell['value']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]"
