"""The base model's own pretraining with one layer, with two and with four: when does each learn to copy a pattern?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from labs.core import recipe
from labs.core.encoding import pack
from labs.core.measures import next_word_rate
from labs.core.model.arrays import Ints
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Arm, Sweep
from labs.core.training.pretrain import pretrain
from labs.core.world.evaluation import fresh_mappings

LAYERS = (1, 2, 4)
SHOTS = (1, 2, 3, 4)
STEPS = 3_000
"""Of the recipe's 8,000: the skill appears before."""
EVERY = 100
CASES = 200
MAPPINGS_SEED = 1_000
"""The mappings are the same for every model, so that curves differ by the models alone."""


def measure(arm: Arm, seed: int) -> Mapping[str, float | Sequence[float]]:
    """Pretrain a model with so many layers, and see along the way how often it gets a fresh mapping right.

    All but the layers is the recipe's, so with four layers and seed 0 these are the base model's own first steps.
    """
    sizes = recipe.SIZES["base"]
    config = replace(recipe.CONFIG, n_layer=int(arm["layers"]))
    model = Transformer.initialize(config, seed)
    records = pretrain(
        model, _pages(), schedule=sizes.schedule, batch_size=sizes.batch_size, length=sizes.length, seed=seed
    )
    along: list[float] = []
    losses: list[float] = []
    for record in islice(records, STEPS):
        losses.append(record.loss_nats)
        if record.step % EVERY == 0:
            model = record.state.model
            along.append(_accuracy(model, shots=4))
    return {
        "along": along,
        "by_shots": [_accuracy(model, shots) for shots in SHOTS],
        "loss_nats": sum(losses[-EVERY:]) / EVERY,
    }


def tokens_seen(measurement: int) -> int:
    """How many tokens had been read when an accuracy was measured, the first being number 1."""
    sizes = recipe.SIZES["base"]
    return measurement * EVERY * sizes.batch_size * sizes.length


def _accuracy(model: Transformer, shots: int) -> float:
    return next_word_rate(model, _tokenizer(), fresh_mappings(CASES, MAPPINGS_SEED, shots)).value


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return load_checkpoint("base").tokenizer


@lru_cache(maxsize=1)
def _pages() -> Ints:
    return pack(recipe.pretraining_documents(), _tokenizer())


SWEEP = Sweep(
    arms=tuple({"layers": layers} for layers in LAYERS),
    measure=measure,
    constants={"steps": STEPS, "measured_every": EVERY, "cases": CASES},
)
