"""`python -m labs train`: make the checkpoints, or make them again and compare."""

import argparse
import os
import shlex
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from labs.core.commands.kept_states import state_file
from labs.core.commands.measuring import SEEDS, check_table, measure_all, table
from labs.core.commands.options import names_among, seed_number
from labs.core.commands.progress import ProgressLine, duration
from labs.core.commands.stages import KEEP_SECONDS, train_stage
from labs.core.course_cache import cache_folder
from labs.core.model.checkpoint import NAMES, PACKAGED, Checkpoint, load_checkpoint, load_meta, update_meta
from labs.core.recipe import PARENT, STAGES


def main(arguments: Sequence[str]) -> int:
    """Train the stages that the arguments name; 0 if it worked, 1 if --check finds other measures, 130 on Ctrl-C.

    Raises: ValueError if a stage is unknown, its parent's checkpoint can't be used, or the folder can't be written to.
    """
    options = _parser().parse_args(arguments)
    options.stages, options.seed = names_among(STAGES, options.stages), seed_number(options.seed)
    began = time.monotonic()
    try:
        agrees = _check(options) if options.check else _train(options)
    except KeyboardInterrupt:
        print(
            f"\nInterrupted. All training but the last {KEEP_SECONDS:.0f} seconds is kept in "
            f"{cache_folder('training')}.\n"
            f"To go on: {shlex.join(['python', '-m', 'labs', 'train', *_without_fresh(arguments)])}"
        )
        return 130
    for name in options.stages:
        state_file(name, options.seed, check=options.check).unlink(missing_ok=True)
    print(f"All in all: {duration(time.monotonic() - began)}.")
    return 0 if agrees else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labs train",
        description="Train the models of the course. Ctrl-C interrupts; the same command then goes on.",
        allow_abbrev=False,
    )
    parser.add_argument("--stages", default=",".join(STAGES), metavar="NAMES", help="some of %(default)s; default: all")
    parser.add_argument("--seed", default="0", help="of first weights and batches; default: 0")
    parser.add_argument("--to", type=Path, default=PACKAGED, metavar="FOLDER", help="default: the package's own folder")
    parser.add_argument(
        "--check",
        action="store_true",
        help="leave that folder alone; compare its measures with those of a new training",
    )
    parser.add_argument("--fresh", action="store_true", help="do not go on with a training that was interrupted")
    return parser


def _train(options: argparse.Namespace) -> bool:
    _refuse_unwritable(options.to)
    with ProgressLine() as line:
        made = _train_stages(options, options.to, line)
        others = [name for name in NAMES if name not in made and (options.to / f"{name}.npz").exists()]
        measured = measure_all(made, SEEDS, line)
    for name, measures in measured.items():
        update_meta(options.to / name, measures=measures)
    print(f"\n{table(measured)}\n")
    if stale := [name for name in others if _comes_from(name, made)]:
        print(f"Older than what they start from: {', '.join(stale)}. Train them too.")
    return True


def _check(options: argparse.Namespace) -> bool:
    shipped = {name: load_meta(options.to / name).get("measures") for name in options.stages}
    if without := [name for name, measures in shipped.items() if not measures]:
        raise ValueError(
            f"--check: expected measures in {options.to / without[0]}.json, got none; train it first, without --check."
        )
    with tempfile.TemporaryDirectory() as folder, ProgressLine() as line:
        made = _train_stages(options, Path(folder), line)
        measured = measure_all(made, SEEDS, line)
    for name, checkpoint in made.items():
        same = checkpoint.meta["weights_sha256"] == load_meta(options.to / name)["weights_sha256"]
        print(f"{name}: the weights are {'the same to the bit' if same else 'other ones'}.")
    text, agrees = check_table(shipped, measured)
    print(f"\n{text}\n")
    return agrees


def _train_stages(options: argparse.Namespace, folder: Path, line: ProgressLine) -> dict[str, Checkpoint]:
    """Each stage in order; one that starts from a model not trained now starts from the one in the folder given."""
    made: dict[str, Checkpoint] = {}
    for name in options.stages:
        start = PARENT[name]
        parent = (made.get(start) or load_checkpoint(options.to / start)) if start else None
        file = state_file(name, options.seed, check=options.check)
        made[name] = train_stage(name, parent, folder, file, seed=options.seed, fresh=options.fresh, line=line)
    return made


def _comes_from(name: str, made: Collection[str]) -> bool:
    """Whether a stage starts from one of these, or from one that does."""
    parent = PARENT[name]
    return parent is not None and (parent in made or _comes_from(parent, made))


def _refuse_unwritable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"--to: expected a folder to write to, got {error}; choose another.") from error
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--to: expected a folder to write to, got {folder}, which is read-only; choose another.")


def _without_fresh(arguments: Sequence[str]) -> list[str]:
    return [argument for argument in arguments if argument != "--fresh"]
