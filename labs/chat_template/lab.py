"""The lab: a conversation as messages, as the string that the model reads, and as tokens; and wrong templates."""

from collections.abc import Iterator, Mapping, Sequence

from labs.chat_template.asking import chat, questions, shares
from labs.chat_template.conversations import EXAMPLE, conversation
from labs.chat_template.wrong import TEMPLATES
from labs.core.contract import (
    Chart,
    Choice,
    Columns,
    Lab,
    Messages,
    Moving,
    Number,
    Passage,
    Progress,
    Switch,
    Table,
    Tokens,
)
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.tokens import shown
from labs.core.model.assistant import GREEDY, Reply, carry_out
from labs.core.model.chat import Message, Think
from labs.core.model.chat_template import Rendered
from labs.core.model.generation import generate
from labs.core.world.calculator import CALCULATOR, FUNCTIONS

__all__ = ["LAB", "TEMPLATES", "chat", "conversation", "frame", "questions", "reply_to", "run", "shares"]

THINK: dict[str, Think] = {"absent": "absent", "open": "open", "pre-closed": "closed"}
OFFERED = (CALCULATOR,)
"""The tool that the model was trained with."""
REPLY_TOKENS = 64
"""How long a reply may become."""
ROOM = 8
"""So many tokens have to be left for a reply."""

LAB = Lab(
    title="The chat template",
    question="What does the model read of a conversation, and what if that is written down wrongly?",
    label="live",
    controls=(
        Messages(
            "messages",
            "Messages",
            (
                {"role": "user", "content": "Hello."},
                {"role": "assistant", "content": "Hello. How can I help?"},
                {"role": "user", "content": "What is 37+45?"},
            ),
            max_messages=6,
            max_length=200,
            help=(
                "The conversation so far. The model writes the next reply. An assistant's message may end with a call, "
                f"written {EXAMPLE}: a tool's message with the result can follow it."
            ),
        ),
        Choice(
            "template", "Template", "right", tuple(TEMPLATES), "The right one, or one of the mistakes that people make."
        ),
        Choice(
            "think",
            "Think block",
            "absent",
            tuple(THINK),
            "How the reply begins: <think> open, closed at once, or none.",
        ),
        Switch("tools", "Offer tools", False, "Puts the calculator into the system block."),
        Number("seed", "Seed of the questions", 0, 0, 2**32 - 1, help="Which facts and sums the chart below asks."),
    ),
)


def run(messages: Sequence[Mapping[str, str]], template: str, think: str, tools: bool, seed: int) -> Iterator[object]:
    """Yield the string and its tokens while the model replies, how the reply is read, and every template's shares.

    Raises: ValueError for messages out of order, none, or too many for the context, or a malformed call.
    """
    said = conversation(messages)
    yield from _turn(said, template, THINK[think], tools)
    yield from _all_templates(seed)


def frame(said: Sequence[Message], template: str = "right", think: Think = "absent", tools: bool = False) -> Rendered:
    """What the model reads of the conversation, in the template of this name.

    Raises: ValueError for text that is none (half of a surrogate pair), or if no room is left for a reply.
    """
    checkpoint = chat()
    try:
        rendered = TEMPLATES[template](checkpoint.template, said, OFFERED if tools else (), think)
    except ValueError as error:
        raise ValueError(f"messages: {error}") from error
    most = checkpoint.model.config.context_length - ROOM
    if len(rendered.ids) > most:
        raise ValueError(
            f"messages: expected at most {most} tokens, so that {ROOM} of the context are left for the reply, "
            f"got {len(rendered.ids)}; shorten them, remove some, or offer no tools."
        )
    return rendered


def reply_to(rendered: Rendered) -> Iterator[int]:
    """The tokens that the model writes behind it, always the most likely one, to the end of its turn."""
    checkpoint = chat()
    return generate(
        checkpoint.model,
        rendered.ids,
        max_new_tokens=REPLY_TOKENS,
        sampling=GREEDY,
        stop_ids=(checkpoint.assistant.end_id,),
    )


def _turn(said: list[Message], template: str, think: Think, tools: bool) -> Iterator[object]:
    """One reply; if it calls a tool, also the tool's result and the reply to that."""
    for number, name in enumerate(("First", "Second")):
        try:
            rendered = frame(said, template, think, tools)
        except ValueError as error:
            if not number:
                raise
            yield Table(["No room"], [[str(error)]], "The tool's result does not fit into the context")
            return
        yield Moving(f"{name} string", _seen(rendered, [], template))
        written: list[int] = []
        for token in reply_to(rendered):
            written.append(token)
            yield Moving(f"{name} string", _seen(rendered, written, template))
        reply = chat().assistant.read(written, think)
        results = _results(reply)
        yield _reading(reply, results)
        if not results or reply.message is None:
            return
        said = [*said, reply.message, *(Message("tool", result) for result in results)]


def _seen(rendered: Rendered, written: Sequence[int], template: str) -> Columns:
    tokenizer = chat().tokenizer
    ids = [*rendered.ids, *written]
    roles = [*rendered.roles, *["the reply"] * len(written)]
    scored = [*rendered.loss_mask, *[0] * len(written)]
    tokens = shown(ids, tokenizer, written_from=len(rendered.ids), roles=roles, scored=scored)
    return Columns(
        [
            (
                "The string",
                Passage(
                    [(rendered.text(tokenizer), "given"), (tokenizer.decode(written), "written")],
                    f"What the model reads and writes (template: {template})",
                ),
            ),
            ("Its tokens", Tokens(tokens, f"{len(rendered.ids)} tokens read, {len(written)} written")),
        ]
    )


def _results(reply: Reply) -> list[str]:
    """What the tools say that a reply calls."""
    if reply.message is None or not reply.ended:
        return []
    return [carry_out(call, OFFERED, FUNCTIONS) for call in reply.message.tool_calls]


def _reading(reply: Reply, results: Sequence[str]) -> Table:
    rows: list[list[object]] = [["Ended its turn", "yes" if reply.ended else f"no: cut off at {len(reply.ids)} tokens"]]
    if reply.message is None:
        rows.append(["Not readable", reply.fault])
    else:
        if reply.message.think is not None:
            rows.append(["Thought", reply.message.think.strip() or "nothing"])
        rows.append(["Content", reply.message.content.strip() or "nothing"])
        rows += [["Calls", call.text] for call in reply.message.tool_calls]
        rows += [["The tool says", result] for result in results]
    return Table(["Part", "As the template's parser reads it"], rows, "The reply, read")


def _all_templates(seed: int) -> Iterator[object]:
    measured: list[Bar] = []
    for done, name in enumerate(TEMPLATES, start=1):
        found = shares(name, seed)
        for what, measure in (("answer right", found.right), ("turn ended", found.ended)):
            measured.append(Bar(name, measure.value, measure.low, measure.high, what))
        yield Progress(done, len(TEMPLATES), "Templates tried")
        yield Moving("every template", _chart(measured, len(questions(seed))))


def _chart(measured: Sequence[Bar], n: int) -> Chart:
    right = [bar for bar in measured if bar.group == measured[0].group]
    worst = min(right, key=lambda bar: bar.value)
    return bar_chart(
        measured,
        title=f"The same {n} questions in each template",
        alt=(
            f"Shares of replies that are right and of replies that ended, for {len(right)} of {len(TEMPLATES)} "
            f"templates. In the right one {100 * right[0].value:.0f} % are right, the fewest in "
            f"“{worst.label}”: {100 * worst.value:.0f} %."
        ),
        x="share of replies, with its 95 % interval",
        domain=(0, 1),
    )
