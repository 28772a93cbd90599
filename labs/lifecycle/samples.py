"""What goes into a stage and what comes out: a text of its data, and what the models make of one question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from labs.core.contract import Columns, Passage, Table, Tokens
from labs.core.drawing.tokens import shown
from labs.core.measures import END_OF_TEXT
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.recipe import VILLAGE
from labs.core.training.reward_model import RewardModel
from labs.core.world.documents import internet
from labs.core.world.instructions import instructions
from labs.core.world.preferences import preferences
from labs.lifecycle.stages import Stage

REPLIES = 3
NEW_TOKENS = 28
LINE_BREAK = " ⏎ "

checkpoint = lru_cache(maxsize=4)(load_checkpoint)


def sample_text(stage: Stage, seed: int) -> Passage | Tokens | Columns:
    """One text such as the stage learns from, drawn by the generator of its data.

    In a dialogue, the tokens that the loss counts are marked; of a pair, both replies are shown.
    """
    if stage.checkpoint == "base":
        (page,) = internet(VILLAGE, 1, seed)
        return Passage([(page.text, "given")], f"A page, of the kind “{page.kind}”")
    if stage.checkpoint == "sft":
        (dialogue,) = instructions(VILLAGE, 1, seed)
        tuned = checkpoint("sft")
        rendered = tuned.template.render(dialogue.messages, dialogue.tools)
        row = shown(rendered.ids, tuned.tokenizer, roles=rendered.roles, scored=rendered.loss_mask)
        return Tokens(row, "A dialogue, as the model reads it")
    (pair,) = preferences(VILLAGE, 1, seed)
    question = "\n".join(f"{message.role}: {said(message)}" for message in pair.messages)
    chosen, rejected = (said(reply) for reply in pair.replies)
    return Columns(
        [
            ("The question", Passage([(question, "given")], "What both replies answer")),
            ("Chosen", Passage([(chosen, "given")], "The reply that the rater prefers")),
            ("Rejected", Passage([(rejected, "given")], "The other one")),
        ]
    )


def said(message: Message) -> str:
    """A message's thoughts, content and calls in one text."""
    thought = f"({message.think}) " if message.think else ""
    return thought + message.content + "".join(f"[calls {call.text}]" for call in message.tool_calls)


@dataclass(frozen=True)
class Written:
    """What a model wrote to a prompt: the ids as they came, the token that ends a reply included where it was written.

    `text` is for the eye alone, in one line; a reply that did not end is shown to go on.
    """

    prompt: tuple[int, ...]
    ids: tuple[int, ...]
    ended: bool
    text: str


def write(name: str, question: str, temperature: float, seed: int) -> list[Written]:
    """What a model writes to a question, some times: the base model to the bare text, the others in chat markup.

    Raises: ValueError if the question is no text, or too long for the model.
    """
    made = checkpoint(name)
    prompt, end = _prompt(made, question)
    most = made.model.config.context_length - NEW_TOKENS
    if len(prompt) > most:
        raise ValueError(f"question: expected at most {most} tokens with its markup, got {len(prompt)}; shorten it.")
    written = generate_batch(
        made.model,
        [prompt] * REPLIES,
        max_new_tokens=NEW_TOKENS,
        sampling=Sampling(temperature),
        stop_ids=(end,),
        seed=seed,
    )
    return [_read(made, prompt, ids, end) for ids in written]


def replies(name: str, question: str, temperature: float, seed: int) -> list[str]:
    """The same as lines to read.

    Raises: ValueError as `write` does.
    """
    return [reply.text for reply in write(name, question, temperature, seed)]


def scored(question: str, answers: Sequence[str]) -> list[float]:
    """The reward model's score of answers in plain words to a question, each ended as a reply is.

    Raises: ValueError if the question or an answer is no text, or both together are too long for the model.
    """
    made = checkpoint("reward")
    prompt, end = _prompt(made, question)
    most = made.model.config.context_length - len(prompt) - 1
    sequences = []
    for i, answer in enumerate(answers):
        try:
            ids = made.tokenizer.encode(answer)
        except ValueError as error:
            raise ValueError(f"answers[{i}]: {error}") from None
        if len(ids) > most:
            raise ValueError(
                f"answers[{i}]: expected at most {most} tokens after this question, got {len(ids)}; shorten it."
            )
        sequences.append([*prompt, *ids, end])
    return score(sequences)


def score(sequences: Sequence[Sequence[int]]) -> list[float]:
    """The reward model's score of prompts with their replies, as token ids."""
    made = checkpoint("reward")
    assert made.reward_head is not None, "the reward checkpoint has a head"
    return [float(reward) for reward in RewardModel(made.model, made.reward_head).score(sequences)]


def replies_growing(stage: Stage, question: str, temperature: float, seed: int) -> Iterator[Table]:
    """A table of what the models up to this stage write, once more for each model.

    For the reward model it has the score of what was written, token by token. A reply that did not end has none: the
    reward model reads its score at the end of the turn, and saw no reply without.
    """
    rows: list[list[object]] = []
    names = {"base": ("base",), "sft": ("base", "sft")}.get(stage.checkpoint, ("base", "sft", "chat"))
    caption = f"What the models make of “{question}”"
    if stage.checkpoint == "reward":
        caption += ", and what the reward model gives for it"
        for name in ("sft", "chat"):
            written = write(name, question, temperature, seed)
            scores = score([[*one.prompt, *one.ids] for one in written])
            rows += [
                [name, one.text, round(reward, 2) if one.ended else None]
                for one, reward in zip(written, scores, strict=True)
            ]
            note = ". A reply that did not end (…) has no score." if any(row[2] is None for row in rows) else ""
            yield Table(["Written by", "Reply", "Score"], list(rows), caption + note)
        return
    for name in names:
        rows += [[name, answer] for answer in replies(name, question, temperature, seed)]
        yield Table(["Model", "It writes"], list(rows), caption)


def _prompt(made: Checkpoint, question: str) -> tuple[list[int], int]:
    """What the model reads, and the token that ends what it writes."""
    tokenizer = made.tokenizer
    try:
        if made.name == "base":
            end = tokenizer.special_id(END_OF_TEXT)
            return [end, *tokenizer.encode(f"{question}\n")], end
        return made.assistant.prompt([Message("user", question)]), made.assistant.end_id
    except ValueError as error:
        raise ValueError(f"question: {error}") from None


def _read(made: Checkpoint, prompt: Sequence[int], ids: Sequence[int], end: int) -> Written:
    ended = bool(ids) and ids[-1] == end
    text = made.tokenizer.decode(ids[:-1] if ended else ids).replace("\n", LINE_BREAK)
    return Written(tuple(prompt), tuple(ids), ended, text if ended else f"{text} …")
