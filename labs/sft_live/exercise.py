"""The exercise: write the loss mask of supervised fine-tuning."""

import json
from collections.abc import Callable, Sequence
from functools import cache

from labs.core.contract.checking import call, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.checkpoint import PACKAGED
from labs.core.model.checkpoint_files import TOKENIZER_FILE
from labs.core.model.tokenizer import Tokenizer

SHORT = (Message("user", "Hello."), Message("assistant", "Hi!"))
LONG = (
    Message("system", "Answer in one line."),
    Message("user", "What is 3+4?"),
    Message("assistant", "3+4=7."),
    Message("user", "Where does Mira live?"),
    Message("assistant", "Mira lives by the cave.\nGlad to help!"),
)


@cache
def _template() -> ChatTemplate:
    """The models' own template: its tokenizer is in the package, without any model."""
    return ChatTemplate(Tokenizer.from_dict(json.loads((PACKAGED / TOKENIZER_FILE).read_bytes())))


def tokens_and_roles(messages: Sequence[Message]) -> tuple[list[str], list[str], list[int]]:
    """A conversation as the exercise gives it, tokens and roles, and the template's own loss mask."""
    rendered: Rendered = _template().render(messages)
    tokens = [_template().tokenizer.token_text(token) for token in rendered.ids]
    return tokens, list(rendered.roles), rendered.loss_mask


def _one_entry_a_token(names: Names) -> None:
    _mask(names, SHORT)


def _no_prompt(names: Names) -> None:
    _compare(names, SHORT, lambda token, role: role != "assistant", "Leave out what the user says.")


def _the_reply(names: Names) -> None:
    step = "Count the tokens between the newline of the assistant's header and the end of its turn."
    _compare(names, SHORT, lambda token, role: role == "assistant" and token in ("H", "i", "!"), step)


def _the_end(names: Names) -> None:
    step = "The assistant has to learn to write <|im_end|>: count the one that ends its turn."
    _compare(names, SHORT, lambda token, role: token == "<|im_end|>", step)


def _no_header(names: Names) -> None:
    step = (
        "The template writes <|im_start|>, the role and the newline, and the newline after <|im_end|>: leave them out."
    )
    _compare(names, SHORT, lambda token, role: True, step)


def _every_reply(names: Names) -> None:
    step = "Begin anew at every <|im_start|>; a newline inside a reply ends nothing."
    _compare(names, LONG, lambda token, role: True, step)


def _mask(names: Names, messages: Sequence[Message]) -> list[int]:
    tokens, roles, _ = tokens_and_roles(messages)
    given = call(names, "loss_mask", list(tokens), list(roles))
    tolist = getattr(given, "tolist", None)
    given = tolist() if callable(tolist) else given
    if isinstance(given, list | tuple):  # True and False will do
        given = [int(part) if isinstance(part, bool) else part for part in given]
    what = f"`loss_mask` for the {len(tokens)} tokens of {shown(messages[0].content)} …"
    mask = numbers(given, len(tokens), what)
    for part in mask:
        if part not in (0, 1):
            raise CheckFailed(f"{what} to hold only 0 and 1", shown(part), "Give 1 to a token that counts, else 0.")
    return [int(part) for part in mask]


def _compare(names: Names, messages: Sequence[Message], where: Callable[[str, str], bool], next_step: str) -> None:
    """Compare with the template's mask, at the tokens that are asked for."""
    tokens, roles, expected = tokens_and_roles(messages)
    mask = _mask(names, messages)
    for place, token in enumerate(tokens):
        if where(token, roles[place]) and mask[place] != expected[place]:
            said = f"token {place}, {token!r} in the {roles[place]}'s turn"
            raise CheckFailed(f"{expected[place]} for {said}", str(mask[place]), next_step)


def _probe(names: Names) -> object:
    tokens, roles, _ = tokens_and_roles(LONG)
    return outcome(names, "loss_mask", tokens, roles)


SOLUTION = """\
def loss_mask(tokens, roles):
    mask = []
    in_header = in_text = False
    for token, role in zip(tokens, roles):
        mask.append(1 if in_text and role == "assistant" else 0)
        if token == "<|im_start|>":
            in_header = True
        elif in_header and token == "\\n":
            in_header, in_text = False, True
        elif token == "<|im_end|>":
            in_text = False
    return mask
"""

EXERCISE = Exercise(
    title="Write the loss mask",
    task="""\
`loss_mask(tokens, roles)` gets a conversation in chat markup, as a list of token texts and a list of whose turn each
token is in. It returns a list with 1 for each token that counts in the loss, and 0 for the others.

```
<|im_start|> user ⏎ H ell o . <|im_end|> ⏎ <|im_start|> assistant ⏎ H i ! <|im_end|> ⏎
     0         0  0 0  0  0 0     0      0      0           0     0 1 1 1     1      0
```

What the assistant writes counts, and so does the `<|im_end|>` with which it ends its turn. What the template writes
does not: `<|im_start|>`, the role, the newline after it, and the newline after `<|im_end|>`. A conversation may have
a system message and several replies, and a reply may hold newlines. Your mask is compared with the one that the
course's models are trained with.
""",
    starter="""\
def loss_mask(tokens, roles):
    return ...  # one 0 or 1 for each token


# print(loss_mask(["<|im_start|>", "assistant", "\\n", "Hi", "!", "<|im_end|>", "\\n"], ["assistant"] * 7))
""",
    solution=SOLUTION,
    checks=(
        Check("One 0 or 1 for each token", _one_entry_a_token),
        Check("What the user says does not count", _no_prompt),
        Check("The words of the reply count", _the_reply),
        Check("The token that ends the reply counts", _the_end),
        Check("What the template writes does not count", _no_header),
        Check("A system message, two replies, a newline inside one", _every_reply),
    ),
    wrong_answers=(
        WrongAnswer(
            "everything scored",
            "def loss_mask(tokens, roles):\n    return [1] * len(tokens)\n",
            _probe,
            "This counts every token. The model then learns to write the user's turns as well, and goes on with one "
            "when nobody stops it.",
        ),
        WrongAnswer(
            "end token left out",
            SOLUTION.replace(
                'mask.append(1 if in_text and role == "assistant" else 0)',
                'mask.append(1 if in_text and role == "assistant" and token != "<|im_end|>" else 0)',
            ),
            _probe,
            "Here the token that ends the reply does not count. A model trained so answers, and never stops: nobody "
            "has taught it to.",
        ),
        WrongAnswer(
            "role header scored",
            'def loss_mask(tokens, roles):\n    return [1 if role == "assistant" else 0 for role in roles]\n',
            _probe,
            "This counts the whole turn, with its header and the newline behind it. Those are the template's: it "
            "writes them, and the model need not learn to.",
        ),
        WrongAnswer(
            "shifted by one",
            SOLUTION.replace("return mask", "return mask[1:] + [0]"),
            _probe,
            "Your mask is one place too early. It belongs to the tokens themselves, not to the places from which they "
            "are predicted: the training makes that shift.",
        ),
        WrongAnswer(
            "only the last reply",
            SOLUTION.replace(
                "    return mask",
                '    last = max(i for i, token in enumerate(tokens) if token == "<|im_start|>")\n'
                "    return [0] * last + mask[last:]",
            ),
            _probe,
            "Only the last reply counts here. Every reply of a conversation is something to learn from.",
        ),
    ),
    hints=(
        "Go through the tokens once and remember where you are: in a header, in the text of a turn, or between turns.",
        "A header begins with `<|im_start|>` and ends with the next newline. The text ends with `<|im_end|>`.",
        "A token counts if you are in the text of a turn and its role is the assistant: decide that before you look at "
        "whether this token ends the text.",
    ),
)
