"""The command line: `python -m labs list` and `python -m labs run SLUG [--control value] [--json]`."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from labs.core.bridge import LabModule, lab_slugs, load_lab, run_lab
from labs.core.cells.messages import output_json
from labs.core.contract import Control, Progress, mimebundle

EPILOG = "Every lab has its own options: python -m labs run SLUG --help"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 if it worked, 2 if it was asked for something that is not there."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="python -m labs", description="Run the course's labs.", epilog=EPILOG
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the labs and their questions")
    run = commands.add_parser("run", help="run one lab", add_help=False)
    run.add_argument("slug", metavar="SLUG", help="the lab's name, as `list` prints it")
    try:
        chosen, rest = parser.parse_known_args(arguments)
        if chosen.command == "list":
            parser.parse_args(arguments)  # says what is too much
            return _list()
        return _run(chosen.slug, rest)
    except SystemExit as leaving:  # argparse leaves by itself, with its message written
        return leaving.code if isinstance(leaving.code, int) else 2
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _list() -> int:
    for slug in lab_slugs():
        lab = load_lab(slug).LAB
        print(f"{slug}  {lab.title} ({lab.label})\n    {lab.question}")
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
    for item in items:
        text = str(mimebundle(item)[0]["text/plain"])
        if not isinstance(item, Progress):
            print(f"{text}\n")
        elif sys.stderr.isatty():
            print(f"\r{text}", end="\n" if item.done == item.total else "", file=sys.stderr, flush=True)


def _print_json(slug: str, lab: LabModule, values: Mapping[str, object], items: Iterable[object]) -> None:
    outputs = []
    for item in items:
        if not isinstance(item, Progress):
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
