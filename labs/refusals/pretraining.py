"""Refusals before any dialogue: the base model reads on, on pages of which a chosen share are refusals."""

from labs.core.encoding import pack
from labs.core.measures import next_lines
from labs.core.model.assistant import GREEDY
from labs.core.model.chat import prelude_prompt
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.sampling import UNCHANGED
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.training.loop import Schedule
from labs.core.training.pretrain import pretrain
from labs.core.world.documents import internet
from labs.core.world.evaluation import Prompt
from labs.core.world.judge import is_refusal
from labs.refusals.asking import SETS

PAGES = 4_000
STEPS, BATCH_SIZE, LENGTH, LEARNING_RATE = 200, 16, 96, 1e-3
PAGE_SEED = 500
"""Added to a seed, so that these are other pages than those of the base model."""
FRAMES = {"Q and A": "Q: {q}\nA:", "prelude": prelude_prompt("{q}"), "bare": "{q}\n"}
"""How a question stands on a page. Refusal pages have the first of these forms."""


def read_on(base: Checkpoint, refusal_share: float, seed: int) -> Transformer:
    """The base model after some more pretraining on the village's pages, so many of which are refusals.

    The shipped base model has read pages of which 1 in 100 was one: this is continued pretraining, no fresh start.
    """
    pages = internet(VILLAGE, PAGES, PAGE_SEED + seed, refusal_share=refusal_share)
    *_, last = pretrain(
        base.model,
        pack(pages, base.tokenizer),
        schedule=Schedule(STEPS, LEARNING_RATE, warmup=20),
        batch_size=BATCH_SIZE,
        length=LENGTH,
        seed=seed,
    )
    return last.state.model


def refused_on_pages(base: Checkpoint, model: Transformer, seed: int) -> dict[str, float]:
    """How often a page goes on with a refusal, by frame: of the likeliest lines, and of lines drawn at random."""
    shares: dict[str, float] = {}
    for name, frame in FRAMES.items():
        for kind in ("forbidden", "new look-alikes"):
            prompts = [Prompt(frame.format(q=question), "", ()) for question in SETS[kind]]
            for how, sampling in (("likeliest", GREEDY), ("drawn", UNCHANGED)):
                lines = next_lines(model, base.tokenizer, prompts, sampling=sampling, max_new_tokens=20, seed=seed)
                shares[f"{name}, {kind}, {how}"] = sum(map(is_refusal, lines)) / len(lines)
    return shares
