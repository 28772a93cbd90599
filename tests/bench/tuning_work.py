"""Supervised fine-tuning of the shipped base model on the recipe's dialogues, here or, sent as text, in the page."""

import time
from dataclasses import replace

from labs.core import recipe
from labs.core.encoding import pack, render_all
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.checkpoint import load_checkpoint
from labs.core.training.loop import Schedule
from labs.core.training.sft import sft
from labs.core.world.instructions import instructions

BATCH_SIZE, LENGTH = 8, 64
TEXTS = 2_000


def tune(steps: int) -> tuple[float, float]:
    """Seconds of preparing and of this many steps; each batch is full, for dialogues that are shorter are left out."""
    began = time.perf_counter()
    base = load_checkpoint("base")
    sizes = recipe.SIZES["sft"]
    rendered = render_all(instructions(recipe.VILLAGE, TEXTS, recipe.DATA_SEED), ChatTemplate(base.tokenizer))
    width = LENGTH + 1
    cut = [
        replace(dialogue, ids=dialogue.ids[:width], loss_mask=dialogue.loss_mask[:width])
        for dialogue in rendered
        if len(dialogue.ids) >= width
    ]
    dialogues = [dialogue for dialogue in cut if any(dialogue.loss_mask[1:])]
    pages = pack(recipe.replayed_documents(TEXTS), base.tokenizer)
    prepared = time.perf_counter()
    schedule = Schedule(steps, sizes.schedule.peak, warmup=min(sizes.schedule.warmup, steps))
    records = sft(
        base.model,
        dialogues,
        replay=sizes.replay,
        replay_tokens=pages,
        schedule=schedule,
        batch_size=BATCH_SIZE,
        seed=0,
    )
    assert sum(1 for _ in records) == steps
    return prepared - began, time.perf_counter() - prepared
