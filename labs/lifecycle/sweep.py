"""What each stage of the recipe reads, counted: texts, rows and tokens, and those of them that are scored or replayed.

Which texts a training draws depends on its seed and the step, not on the model. So the recipe is run with a model of a
few hundred weights in place of the real one, which takes seconds, and every count is the real training's.
"""

from collections.abc import Mapping, Sequence

from labs.core import recipe
from labs.core.encoding import pair_all, render_all
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Arm, Sweep
from labs.core.training.sft import sft
from labs.core.world.preferences import preferences
from labs.lifecycle.stages import corpus

TINY = ModelConfig(
    vocab_size=recipe.VOCAB_SIZE,
    n_layer=1,
    n_head=1,
    n_kv_head=1,
    n_embd=2,
    n_hidden=2,
    context_length=recipe.CONFIG.context_length,
)


def measure(arm: Arm, seed: int) -> Mapping[str, float | Sequence[float]]:
    """What a stage's training reads over all its steps, and from which corpus.

    `texts` is the size of the data set, texts that are too long left out. `rows` are those read, repeats included and
    replayed pages left out. `tokens` are of all rows; `replayed` of them are of replayed pages, and `scored` are those
    that the loss counts, where a stage says so. `corpus` is the beginning of its hash.
    """
    name = str(arm["stage"])
    tokenizer = load_checkpoint("base").tokenizer
    sizes, template = recipe.SIZES[name], ChatTemplate(tokenizer)
    run = recipe.stage(name, {"base": _tiny(), "sft": _tiny()}, tokenizer, seed=seed)
    rows_a_step = sizes.batch_size - round(sizes.replay * sizes.batch_size)
    tokens = scored = replayed = 0
    if name == "base":  # windows of one length, and every token scored: nothing to run
        texts = sizes.texts
        tokens = scored = sizes.schedule.steps * sizes.batch_size * sizes.length
    else:
        for record in run.records:
            tokens += record.tokens
            scored += getattr(record, "scored_tokens", 0)
    if name == "sft":
        dialogues = _dialogues(sizes.texts, template)
        texts = len(dialogues)
        # A step draws its dialogues before its pages: without the pages it draws the same dialogues.
        alone = sft(_tiny(), dialogues, schedule=sizes.schedule, batch_size=rows_a_step, seed=seed)
        replayed = tokens - sum(record.tokens for record in alone)
    elif name != "base":
        texts = _count_pairs(name, sizes.texts, template)
    return {
        "texts": texts,
        "rows": sizes.schedule.steps * rows_a_step,
        "tokens": tokens,
        "replayed": replayed,
        "scored": scored,
        "corpus": corpus(run.corpus_hash),
    }


def _dialogues(n: int, template: ChatTemplate) -> list[Rendered]:
    """As the recipe draws them for SFT; a test holds them against what it gives to the training."""
    rendered = render_all(recipe.sft_dialogues(n), template)
    return [dialogue for dialogue in rendered if len(dialogue.ids) <= recipe.CONFIG.context_length]


def _count_pairs(name: str, n: int, template: ChatTemplate) -> int:
    """How many pairs of a stage are short enough, drawn as the recipe does; the same test holds them against it."""
    drawn = preferences(recipe.VILLAGE, n, recipe.DATA_SEED + (name == "reward"))
    return sum(map(recipe.fits, pair_all(drawn, template)))


def _tiny() -> Transformer:
    return Transformer.initialize(TINY, seed=0)


SWEEP = Sweep(arms=tuple({"stage": name} for name in recipe.STAGES), measure=measure, seeds=(0,))
