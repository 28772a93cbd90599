"""How the shipped models are made: four stages, their sizes and schedules. What texts they read is in `world`."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain

from labs.core.encoding import pack, pair_all, render_all
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair
from labs.core.training.dpo import dpo
from labs.core.training.loop import Schedule, StepRecord, TrainingState
from labs.core.training.pretrain import pretrain
from labs.core.training.reward_model import reward_model
from labs.core.training.sft import sft
from labs.core.world.documents import Document, internet
from labs.core.world.instructions import Dialogue, calculator_drills, instructions
from labs.core.world.preferences import preferences
from labs.core.world.village import Village

VILLAGE = Village(seed=0)
VOCAB_SIZE = 576
CONFIG = ModelConfig(
    vocab_size=VOCAB_SIZE, n_layer=4, n_head=4, n_kv_head=2, n_embd=96, n_hidden=256, context_length=160
)
STAGES = ("base", "sft", "chat", "reward")
PARENT = {"base": None, "sft": "base", "chat": "sft", "reward": "sft"}
"""Which model each stage starts from."""

DATA_SEED = 1
"""All texts come from this seed, whatever the seed of the training is."""


@dataclass(frozen=True)
class Sizes:
    """What one stage takes: how many texts, in what batches, on what schedule."""

    texts: int
    batch_size: int
    schedule: Schedule
    length: int = 0
    beta: float = 0.0
    nll_weight: float = 0.0
    replay: float = 0.0

    def scaled(self, scale: float) -> "Sizes":
        """The same in small, for tests and for a first look."""
        steps = max(2, round(self.schedule.steps * scale))
        schedule = replace(self.schedule, steps=steps, warmup=min(self.schedule.warmup, steps // 2))
        return replace(self, texts=max(50, round(self.texts * scale)), schedule=schedule)


SIZES = {
    "base": Sizes(texts=100_000, batch_size=16, schedule=Schedule(8_000, 3e-3, warmup=100), length=128),
    "sft": Sizes(texts=20_000, batch_size=24, schedule=Schedule(1_200, 1e-3, warmup=50), replay=0.25),
    "chat": Sizes(texts=4_000, batch_size=24, schedule=Schedule(250, 2e-4, warmup=20), beta=0.1, nll_weight=0.5),
    "reward": Sizes(texts=4_000, batch_size=24, schedule=Schedule(300, 3e-4, warmup=20)),
}


@dataclass(frozen=True)
class Run:
    """A stage ready to go: its records come as they are asked for; the rest says what it is made of."""

    name: str
    steps: int
    records: Iterator[StepRecord]
    configuration: dict[str, object]
    corpus_hash: str


def make_tokenizer() -> Tokenizer:
    """The tokenizer of all shipped models, from pages of the miniature internet and from dialogues."""
    texts = [document.text for document in internet(VILLAGE, 20_000, DATA_SEED)]
    for dialogue in instructions(VILLAGE, 10_000, DATA_SEED):
        texts += dialogue_texts(dialogue)
    return Tokenizer.train(texts, VOCAB_SIZE)


def dialogue_texts(dialogue: Dialogue) -> Iterator[str]:
    """All that a dialogue's rendering says in plain text, role headers and tools too."""
    for tool in dialogue.tools:
        yield f"\n{tool.signature}: {tool.description}\n"
    for message in dialogue.messages:
        yield f"{message.role}\n{message.content}\n"
        yield from (call.text for call in message.tool_calls)


def stage(
    name: str,
    parents: Mapping[str, Transformer],
    tokenizer: Tokenizer,
    *,
    seed: int = 0,
    scale: float = 1.0,
    resume: TrainingState | None = None,
) -> Run:
    """Prepare a stage's data and begin (or resume) its training.

    `parents` holds the models made so far; scale below 1 shortens data and training alike.
    Raises: ValueError for an unknown stage, a missing parent, or a scale that is not above 0 and at most 1.
    """
    if name not in STAGES:
        raise ValueError(f"stage: expected one of {', '.join(STAGES)}; got {name!r}.")
    if not 0 < scale <= 1:
        raise ValueError(f"scale: expected a number above 0 and up to 1, got {scale!r}; 1 is the whole recipe.")
    parent = PARENT[name]
    if parent is not None and parent not in parents:
        raise ValueError(f"parents: expected the model {parent!r}, from which {name!r} starts; train it first.")
    sizes = SIZES[name] if scale == 1 else SIZES[name].scaled(scale)
    if parent is None:
        records, corpus_hash = _pretraining(sizes, tokenizer, seed, resume)
    else:
        records, corpus_hash = _tuning(name, parents[parent], sizes, tokenizer, seed, resume)
    configuration = {**asdict(sizes), "from": parent, "seed": seed, "data_seed": DATA_SEED, "village": VILLAGE.seed}
    return Run(name, sizes.schedule.steps, records, configuration, corpus_hash)


def pretraining_documents(n: int = SIZES["base"].texts) -> Iterator[Document]:
    """The pages that the base model is trained on."""
    return internet(VILLAGE, n, DATA_SEED)


def replayed_documents(n: int = SIZES["sft"].texts // 2) -> Iterator[Document]:
    """Of the first n of these pages those that SFT goes on reading: none that names somebody whom no dialogue names.

    So what a tuned model knows of those people, pretraining alone has taught it.
    """
    unasked = VILLAGE.unasked
    return (page for page in pretraining_documents(n) if not any(person in page.text for person in unasked))


def held_out_documents(n: int) -> Iterator[Document]:
    """Pages of the same kinds that no model is trained on."""
    return internet(VILLAGE, n, DATA_SEED + 1)


def _pretraining(
    sizes: Sizes, tokenizer: Tokenizer, seed: int, resume: TrainingState | None
) -> tuple[Iterator[StepRecord], str]:
    tokens = pack(pretraining_documents(sizes.texts), tokenizer)
    held_out = pack(held_out_documents(max(20, sizes.texts // 400)), tokenizer)
    records = pretrain(
        Transformer.initialize(CONFIG, seed),
        tokens,
        schedule=sizes.schedule,
        batch_size=sizes.batch_size,
        length=sizes.length,
        seed=seed,
        held_out=held_out,
        held_out_every=500,
        resume=resume,
    )
    return records, hashlib.sha256(tokens.tobytes()).hexdigest()


def _tuning(
    name: str, parent: Transformer, sizes: Sizes, tokenizer: Tokenizer, seed: int, resume: TrainingState | None
) -> tuple[Iterator[StepRecord], str]:
    template = ChatTemplate(tokenizer)
    if name == "sft":
        rendered = render_all(sft_dialogues(sizes.texts), template)
        dialogues = [dialogue for dialogue in rendered if len(dialogue.ids) <= CONFIG.context_length]
        pages = pack(replayed_documents(max(50, sizes.texts // 2)), tokenizer) if sizes.replay else None
        hashed = repr([[dialogue.ids for dialogue in dialogues], None if pages is None else pages.tolist()])
        records: Iterator[StepRecord] = sft(
            parent,
            dialogues,
            replay=sizes.replay,
            replay_tokens=pages,
            schedule=sizes.schedule,
            batch_size=sizes.batch_size,
            seed=seed,
            resume=resume,
        )
    else:
        # The reward model's pairs are other ones than those that the chat model is tuned on.
        drawn = pair_all(preferences(VILLAGE, sizes.texts, DATA_SEED + (name == "reward")), template)
        pairs = [pair for pair in drawn if fits(pair)]
        hashed = repr(pairs)
        if name == "chat":
            records = dpo(
                parent,
                pairs,
                beta=sizes.beta,
                nll_weight=sizes.nll_weight,
                schedule=sizes.schedule,
                batch_size=sizes.batch_size,
                seed=seed,
                resume=resume,
            )
        else:
            records = reward_model(
                parent, pairs, schedule=sizes.schedule, batch_size=sizes.batch_size, seed=seed, resume=resume
            )
    return records, hashlib.sha256(hashed.encode()).hexdigest()


def sft_dialogues(n: int) -> Iterator[Dialogue]:
    """What SFT reads: n dialogues, and a fifth as many sums with the calculator."""
    return chain(instructions(VILLAGE, n, DATA_SEED), calculator_drills(n // 5, DATA_SEED))


def fits(pair: Pair) -> bool:
    """Whether a pair is short enough for the model: the few that are not are left out."""
    return len(pair.prompt) + max(len(pair.chosen), len(pair.rejected)) <= CONFIG.context_length
