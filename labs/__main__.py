"""The command line: `python -m labs list | run SLUG [--control value …] [--json] | new SLUG`, and for the models
`train | measure | chat | compare`; for recorded experiments `sweep SLUG`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from labs.core.bridge import LabModule, lab_slugs, load_lab, run_lab
from labs.core.cells.messages import output_json
from labs.core.contract import Chart, Control, Moving, Progress, mimebundle
from labs.core.contract.bars import with_bars

EPILOG = "Every lab has its own options: python -m labs run SLUG --help. So has every other command."

MODEL_COMMANDS = {
    "train": ("training", "train the models of the course, or check that a training gives the same"),
    "measure": ("measuring", "measure what the models do"),
    "chat": ("chatting", "talk to a model"),
    "compare": ("comparing", "compare a published base model with the model tuned from it"),
    "sweep": ("sweeping", "run a lab's experiment over arms and seeds, and record it"),
}
"""The modules of `labs.core.commands`, which load (and NumPy with them) when they are asked for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 if it worked, 2 if it was asked for something that is not there, 130 on Ctrl-C."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="python -m labs", description="Run the course's labs.", epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the labs and their questions")
    run = commands.add_parser("run", help="run one lab", add_help=False)
    run.add_argument("slug", metavar="SLUG", help="the lab's name, as `list` prints it")
    new = commands.add_parser("new", help="make a lab that runs, with page, test and nav line, to change into yours")
    new.add_argument("slug", metavar="SLUG", help="its name: lower-case words joined by underscores")
    for name, (_, text) in MODEL_COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    try:
        chosen, rest = parser.parse_known_args(arguments)
        if chosen.command == "list":
            parser.parse_args(arguments)  # says what is too much
            return _list()
        if chosen.command == "new":
            parser.parse_args(arguments)
            return _new(chosen.slug)
        if chosen.command in MODEL_COMMANDS:
            module = import_module(f"labs.core.commands.{MODEL_COMMANDS[chosen.command][0]}")
            return int(module.main(rest))
        return _run(chosen.slug, rest)
    except SystemExit as leaving:  # argparse leaves by itself, with its message written
        return leaving.code if isinstance(leaving.code, int) else 2
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _list() -> int:
    for slug in lab_slugs():
        try:
            lab = load_lab(slug).LAB
        except ValueError as error:  # of another package: the others are there all the same
            print(f"error: {error}", file=sys.stderr)
            continue
        print(f"{slug}  {lab.title} ({lab.label})\n    {lab.question}")
    return 0


def _new(slug: str) -> int:
    from labs.core.scaffold import new_lab

    if slug in lab_slugs():
        raise ValueError(f"Slug: expected a new name, got {slug!r}, and there is a lab of that name; choose another.")
    here = Path.cwd()
    for file in new_lab(slug, here):
        print(file.relative_to(here) if file.is_relative_to(here) else file)
    print(f"Now change labs/{slug}/lab.py, and see it with `mkdocs serve` or `python -m labs run {slug}`.")
    return 0


def _run(slug: str, rest: Sequence[str]) -> int:
    lab = load_lab(slug)
    options = vars(_lab_parser(slug, lab).parse_args(rest))
    as_json = options.pop("json")
    values = {
        control.name: control.parse(options[control.name])
        for control in lab.LAB.controls
        if options[control.name] is not None
    }
    items = run_lab(slug, values)
    if as_json:
        _print_json(slug, lab, values, items)
    else:
        _print_text(items)
    return 0


def _lab_parser(slug: str, lab: LabModule) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m labs run {slug}", description=lab.LAB.question, allow_abbrev=False
    )
    for control in lab.LAB.controls:
        parser.add_argument(
            f"--{control.name.replace('_', '-')}",
            dest=control.name,
            metavar="VALUE",
            help=_help(control),
        )
    parser.add_argument("--json", action="store_true", help="print one JSON object with every display")
    return parser


def _help(control: Control) -> str:
    words = [control.label + ".", control.help, f"Default: {control.default}."]
    return " ".join(word for word in words if word).replace("%", "%%")


def _print_text(items: Iterable[object]) -> None:
    for item in _with_progress(items):
        if isinstance(item, Chart):
            print(f"{item.title}\n{item.alt}\n\n{with_bars(item.table)}\n", flush=True)
        else:
            print(f"{mimebundle(item)[0]['text/plain']}\n", flush=True)


def _with_progress(items: Iterable[object]) -> Iterator[object]:
    """The items to be printed; progress is drawn on one line of a terminal, and nowhere else."""
    open_line = False
    try:
        for item in _settled(items):
            if not isinstance(item, Progress):
                if open_line:
                    print(file=sys.stderr)
                    open_line = False
                yield item
            elif sys.stderr.isatty():
                open_line = item.done < item.total
                print(f"\r{item.text()}\x1b[K", end="" if open_line else "\n", file=sys.stderr, flush=True)
    finally:
        if open_line:
            print(file=sys.stderr)


def _settled(items: Iterable[object]) -> Iterator[object]:
    """The items, each moving display in its place and in its last state.

    What is printed can't be taken back: so from the first of them on all but progress waits for the end.
    """
    waiting: list[object] = []
    places: dict[str, int] = {}  # of moving displays, among those that wait
    for item in items:
        if isinstance(item, Moving):
            place = places.setdefault(item.name, len(waiting))
            waiting[place : place + 1] = [item.content]
        elif places and not isinstance(item, Progress):
            waiting.append(item)
        else:
            yield item
    yield from waiting


def _print_json(slug: str, lab: LabModule, values: Mapping[str, object], items: Iterable[object]) -> None:
    outputs = []
    for item in _with_progress(items):
        data, metadata = mimebundle(item)
        outputs.append({"data": data, "metadata": metadata})
    report = {
        "lab": slug,
        "title": lab.LAB.title,
        "label": lab.LAB.label,
        "values": {control.name: values.get(control.name, control.default) for control in lab.LAB.controls},
        "outputs": outputs,
    }
    print(json.dumps(json.loads(output_json(report)), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
