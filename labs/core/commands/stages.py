"""One stage of training, from its texts to its checkpoint: shown as it goes, kept now and then, and gone on with."""

import json
import time
from collections import deque
from pathlib import Path
from statistics import fmean

from labs.core import recipe
from labs.core.commands.kept_states import Kept, keep, kept
from labs.core.commands.progress import ProgressLine, duration
from labs.core.contract.bars import bar
from labs.core.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from labs.core.model.tokenizer import Tokenizer

KEEP_SECONDS = 30.0
RECENT = 50
"""Steps over which the loss that is told is averaged."""


def train_stage(
    name: str, parent: Checkpoint | None, folder: Path, file: Path, *, seed: int, fresh: bool, line: ProgressLine
) -> Checkpoint:
    """Train a stage, or go on with the state in the file, write its checkpoint, and load that: weights in float16.

    So what starts from it is the same, whether it was made just before or long ago.
    Raises: ValueError if the training diverges.
    """
    line.show(f"{name}: preparing its texts", now=True)
    tokenizer = parent.tokenizer if parent else recipe.make_tokenizer()
    found = None if fresh else _found(file, parent, line)
    run, identity, found = _begin(name, parent, tokenizer, seed, found, line)

    state = found.state if found else None
    losses = deque([_number(found, "loss_nats")] if found else [], maxlen=RECENT)
    seconds_before, tokens, first = _number(found, "wall_seconds"), 0, state.step if state else 0
    started = kept_at = time.monotonic()

    def told() -> dict[str, object]:
        seconds = seconds_before + time.monotonic() - started
        return identity | {"loss_nats": round(fmean(losses), 4), "wall_seconds": round(seconds, 1)}

    for record in run.records:
        state, elapsed = record.state, max(time.monotonic() - started, 1e-9)
        losses.append(record.loss_nats)
        tokens += record.tokens
        left = elapsed * (run.steps - record.step) / (record.step - first)
        done = f"{bar(record.step / run.steps):·<{len(bar(1))}}"
        line.show(
            f"{name} {done} step {record.step:,} of {run.steps:,}, loss {fmean(losses):.3f} nats, "
            f"{tokens / elapsed:,.0f} tokens/s, {duration(left)} left",
            now=record.step == run.steps,
        )
        if time.monotonic() - kept_at >= KEEP_SECONDS:
            keep(file, state, told())
            kept_at = time.monotonic()
    line.end()
    assert state is not None, "a stage has at least one step"
    meta = told()
    keep(file, state, meta)
    path = save_checkpoint(folder, name, state.model, tokenizer, meta, state.extra)
    print(
        f"{name}: {run.steps:,} steps in {duration(float(str(meta['wall_seconds'])))}, loss {meta['loss_nats']} nats; "
        f"{path} ({path.stat().st_size / 1000:,.0f} kB)",
        flush=True,
    )
    return load_checkpoint(path)


def _begin(
    name: str, parent: Checkpoint | None, tokenizer: Tokenizer, seed: int, found: Kept | None, line: ProgressLine
) -> tuple[recipe.Run, dict[str, object], Kept | None]:
    """The stage's run, what it is a run of, and the state that it goes on from: None if that was of another run."""
    start = recipe.PARENT[name]
    parents = {start: parent.model} if start and parent else {}
    try:
        run = recipe.stage(name, parents, tokenizer, seed=seed, resume=found.state if found else None)
    except ValueError:
        if not found:
            raise
        run = None  # the state's weights have other shapes
    if run:
        described = {
            "stage": name,
            "seed": seed,
            "steps": run.steps,
            "configuration": run.configuration,
            "corpus_hash": run.corpus_hash,
            "parent_sha256": parent.meta["weights_sha256"] if parent else None,
            "tokenizer_sha256": tokenizer.hash,
        }
        identity: dict[str, object] = json.loads(json.dumps(described))
        if not found:
            return run, identity, None
        if all(found.meta.get(key) == value for key, value in identity.items()):
            line.end()
            print(f"{name}: going on from step {found.state.step:,} of an interrupted training.", flush=True)
            return run, identity, found
    line.end()
    print(f"{name}: the interrupted training was another one (its recipe or its parent differ); starting anew.")
    return _begin(name, parent, tokenizer, seed, None, line)


def _found(file: Path, parent: Checkpoint | None, line: ProgressLine) -> Kept | None:
    try:
        return kept(file, parent.model if parent else None)
    except ValueError as error:
        line.end()
        print(f"{error}; it is ignored, and the stage starts anew.")
        return None


def _number(found: Kept | None, key: str) -> float:
    return float(str(found.meta[key])) if found else 0.0
