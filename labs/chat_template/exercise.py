"""The exercise: messages to the string that the model reads."""

from labs.core.contract import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.contract.checking import call, call_text, outcome, shown
from labs.core.model.chat import Message, as_role
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.tokenizer import Tokenizer

type Conversation = list[dict[str, str]]

HELLO: Conversation = [{"role": "user", "content": "Hello."}]
TALK: Conversation = [
    {"role": "system", "content": "Answer in one line."},
    {"role": "user", "content": "Who are you?"},
    {"role": "assistant", "content": "I am a small language model."},
    {"role": "user", "content": "What is 2+2?"},
]
SPACED: Conversation = [{"role": "user", "content": "  First line.\nSecond line. "}]


def expected_string(messages: Conversation) -> str:
    """The string of the course's own template, with the mark where a reply begins."""
    template = ChatTemplate(Tokenizer(()))
    said = [Message(as_role(message["role"]), message["content"]) for message in messages]
    return template.render(said, generate=True).text(template.tokenizer)


def _built(names: Names, messages: Conversation) -> str:
    value = call(names, "chatml", [dict(message) for message in messages])
    if not isinstance(value, str):
        got = f"{shown(value)}, of type {type(value).__name__}"
        raise CheckFailed(f"{call_text('chatml', messages)} to be a str", got, "Join the parts to one string.")
    return value


def _expect(names: Names, messages: Conversation, next_step: str) -> None:
    got, expected = _built(names, messages), expected_string(messages)
    if got != expected:
        raise CheckFailed(f"{call_text('chatml', messages)} to be {shown(expected)}", shown(got), next_step)


def _writes_every_turn(names: Names) -> None:
    got = _built(names, TALK)
    for message in TALK:
        turn = f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"
        if turn not in got:
            raise CheckFailed(
                f"the string to hold {shown(turn)}",
                shown(got),
                "A turn is a start, the role, a newline, the content, an end, and a newline.",
            )


def _begins_a_reply(names: Names) -> None:
    _expect(names, HELLO, "After the last turn comes the beginning of the assistant's: its start, its role, a newline.")


def _keeps_order(names: Names) -> None:
    _expect(names, TALK, "Write the messages in their order, and the beginning of a reply once, after the last.")


def _keeps_content(names: Names) -> None:
    _expect(names, SPACED, "Leave the content as it is: its spaces and newlines are what somebody wrote.")


def _starts_from_nothing(names: Names) -> None:
    _expect(names, [], "With no messages only the beginning of a reply is left.")


def _probe(names: Names) -> object:
    return outcome(names, "chatml", [dict(message) for message in TALK])


def _spaced_probe(names: Names) -> object:
    return outcome(names, "chatml", [dict(message) for message in SPACED])


SOLUTION = r"""def chatml(messages):
    text = ""
    for message in messages:
        text += f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"
    return text + "<|im_start|>assistant\n"
"""

EXERCISE = Exercise(
    title="Build the string",
    task=r"""
Write `chatml(messages)`. It takes a list of messages, each a dict with `"role"` and `"content"`, and returns the one
string that the model reads.

A turn is `<|im_start|>`, the role, a newline, the content, `<|im_end|>` and a newline. After all turns stands
`<|im_start|>assistant` with a newline: there the model goes on.

Your string is compared with what the course's own template writes.
""",
    starter=r"""def chatml(messages):
    text = ""
    for message in messages:
        text += ...  # one turn
    return text
""",
    solution=SOLUTION,
    checks=(
        Check("Every turn stands there, from its start to its end", _writes_every_turn),
        Check("After a question the assistant's turn begins", _begins_a_reply),
        Check("Turns keep their order, and one reply begins", _keeps_order),
        Check("Content stays as it was written", _keeps_content),
        Check("Without messages only a reply begins", _starts_from_nothing),
    ),
    wrong_answers=(
        WrongAnswer(
            "no generation marker",
            SOLUTION.replace(r' + "<|im_start|>assistant\n"', ""),
            _probe,
            "The turns are right, but nobody's turn begins after them. The model then writes whatever may follow a "
            "finished conversation. Add the beginning of the assistant's turn.",
        ),
        WrongAnswer(
            "no end",
            SOLUTION.replace(r"<|im_end|>\n", r"\n"),
            _probe,
            "No turn ends: <|im_end|> is missing. A model that never sees it written does not learn to write it, and "
            "then nothing stops a reply.",
        ),
        WrongAnswer(
            "no newline after the role",
            SOLUTION.replace(r"['role']}\n", "['role']}").replace(r"assistant\n", "assistant"),
            _probe,
            "The role runs into the content. The newline after it is part of the header; leave it out, and the tokens "
            "are others than in training.",
        ),
        WrongAnswer(
            "no newline between turns",
            SOLUTION.replace(r"<|im_end|>\n", "<|im_end|>"),
            _probe,
            "The newline after <|im_end|> is missing. It looks like nothing, and it is a token that stood there in "
            "training.",
        ),
        WrongAnswer(
            "a finished reply",
            SOLUTION.replace(r"assistant\n", r"assistant\n<|im_end|>\n"),
            _probe,
            "The last turn begins and ends at once: the reply is already over. Stop after its header.",
        ),
        WrongAnswer(
            "a reply in every turn",
            SOLUTION.replace(r"<|im_end|>\n", r"<|im_end|>\n<|im_start|>assistant\n").replace(
                r' + "<|im_start|>assistant\n"', ""
            ),
            _probe,
            "Here a reply begins after every turn. It begins once, after the last: move it behind the loop.",
        ),
        WrongAnswer(
            "another family",
            'def chatml(messages):\n    return "".join(f"[INST] {one[\'content\']} [/INST]" for one in messages)\n',
            _probe,
            "These are another family's markers. To this model they are plain text that it has never seen.",
        ),
        WrongAnswer(
            "stripped",
            SOLUTION.replace("['content']}", "['content'].strip()}"),
            _spaced_probe,
            "You strip the content. Some templates do, and then a message is not quite what its author wrote. This one "
            "leaves it as it is.",
        ),
    ),
    hints=(
        "Write one turn first, and print it with `repr` so that you see the newlines.",
        "An f-string holds it all: the start, `message['role']`, `\\n`, `message['content']`, the end, `\\n`.",
        "After the loop, add the header of the assistant's turn, and no end: the model will write that.",
    ),
)
