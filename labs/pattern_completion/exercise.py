"""The exercise: build a few-shot prompt, and read the label off what the base model writes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from labs.core.contract.checking import call, call_text, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.measures import next_lines
from labs.core.recipe import VILLAGE
from labs.core.world.evaluation import Prompt, relation_examples
from labs.pattern_completion.accuracy import base

PAIRS = [("Tona", "cook"), ("Nelen", "judge")]
QUERY = "Neki"
PROMPT = "Tona: cook\nNelen: judge\nNeki:"
LABELS = ["baker", "clerk", "cook", "judge"]
CASES, ENOUGH = 20, 18


def _has_all_lines(names: Names) -> None:
    _expect_prompt(names, PAIRS, QUERY, PROMPT)


def _does_without_examples(names: Names) -> None:
    _expect_prompt(names, [], QUERY, f"{QUERY}:")


def _leaves_its_arguments(names: Names) -> None:
    pairs = list(PAIRS)
    _text(call(names, "few_shot_prompt", pairs, QUERY), "few_shot_prompt")
    if pairs != PAIRS:
        raise CheckFailed(
            "the list of pairs to be as it was after the call",
            shown(pairs),
            "Build a new list of lines instead of adding to the one that you were given.",
        )


def _reads_the_label(names: Names) -> None:
    _expect_label(
        names, " clerk\nTona: judge\n", "clerk", "The model goes on with the pattern: only its first line counts."
    )
    _expect_label(names, " judge.", "judge", "Take punctuation off the word before you look it up.")


def _reads_whole_words(names: Names) -> None:
    _expect_label(names, " clerks and cookies", "", "A label inside a longer word is not the label: compare words.")


def _says_when_there_is_none(names: Names) -> None:
    for continuation in (" 60\nprint(x)", "", "\n"):
        _expect_label(names, continuation, "", "Return the empty text if no label stands there.")


def _gets_them_right(names: Names) -> None:
    right = 0
    worst = ""
    for prompt in _cases():
        *lines, asked = prompt.text.split("\n")
        pairs = [(name, label) for name, label in (line.split(": ") for line in lines)]
        text = _text(call(names, "few_shot_prompt", pairs, asked.removesuffix(":")), "few_shot_prompt")
        line = _written(text)
        label = _text(call(names, "read_label", line, list(prompt.values)), "read_label")
        right += label == prompt.right
        if label != prompt.right and not worst:
            worst = f"; for {shown(asked)} it wrote {shown(line)}, and you read {shown(label)}"
    if right < ENOUGH:
        raise CheckFailed(
            f"the base model to get at least {ENOUGH} of {CASES} people right with your prompt",
            f"{right} of {CASES}{worst}",
            "Print one of your prompts with repr() and compare it with the one in the task.",
        )


@lru_cache(maxsize=1)
def _cases() -> Sequence[Prompt]:
    return relation_examples(VILLAGE, CASES, seed=5)


@lru_cache(maxsize=256)
def _written(text: str) -> str:
    """What the base model writes after a prompt, in the rest of the line."""
    checkpoint = base()
    most = checkpoint.model.config.context_length - 8
    try:
        if len(checkpoint.tokenizer.encode(text)) < most:
            return next_lines(checkpoint.model, checkpoint.tokenizer, [Prompt(text, "", ())], max_new_tokens=6)[0]
    except ValueError as error:
        raise CheckFailed(
            "a prompt that is plain text", str(error), "Build it of the names and labels alone."
        ) from error
    raise CheckFailed(f"a prompt of fewer than {most} tokens", "a longer one", "Write each pair once.")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        got = f"{shown(value)}, of type {type(value).__name__}"
        raise CheckFailed(f"`{name}` to return a text", got, "Put the lines together with join.")
    return value


def _expect_prompt(names: Names, pairs: list[tuple[str, str]], query: str, expected: str) -> None:
    got = _text(call(names, "few_shot_prompt", list(pairs), query), "few_shot_prompt")
    if got != expected:
        raise CheckFailed(
            f"{call_text('few_shot_prompt', pairs, query)} to return {shown(expected)}",
            shown(got),
            "A line for each pair, and last the query with its colon and nothing after it.",
        )


def _expect_label(names: Names, continuation: str, expected: str, next_step: str) -> None:
    got = _text(call(names, "read_label", continuation, list(LABELS)), "read_label")
    if got != expected:
        called = call_text("read_label", continuation, LABELS)
        raise CheckFailed(f"{called} to return {shown(expected)}", shown(got), next_step)


def _prompt_probe(names: Names) -> object:
    return outcome(names, "few_shot_prompt", list(PAIRS), QUERY)


def _separator_probe(names: Names) -> object:
    """Whether the prompt is right but for what stands between name and label, whatever that is."""
    made = _prompt_probe(names)
    if isinstance(made, str) and made.startswith("Tona") and "cook\n" in made:
        between = made[len("Tona") : made.index("cook\n")]
        if between.strip() != ":" and made == f"Tona{between}cook\nNelen{between}judge\nNeki{between.rstrip()}":
            return "another separator"
    return made


def _answer_probe(names: Names) -> object:
    """Whether a label, whichever, stands behind the query."""
    made = _prompt_probe(names)
    last = made.split("\n")[-1] if isinstance(made, str) else ""
    return "an answer" if last.startswith(f"{QUERY}: ") and last.removeprefix(f"{QUERY}: ").strip() else made


def _label_probe(names: Names) -> object:
    read: Mapping[str, object] = {
        text: outcome(names, "read_label", text, list(LABELS)) for text in (" clerk\nTona: judge\n", " judge.", " 60")
    }
    return read


FEW_SHOT = """\
def few_shot_prompt(pairs, query):
    lines = [f"{name}: {label}" for name, label in pairs]
    return "\\n".join([*lines, f"{query}:"])
"""

READ = """

def read_label(continuation, labels):
    line = continuation.strip("\\n").split("\\n")[0]
    for word in line.split():
        if word.strip(".,;:!?") in labels:
            return word.strip(".,;:!?")
    return ""
"""

EXERCISE = Exercise(
    title="Build a few-shot prompt",
    task="""\
A base model can be given a task by examples alone. Write the two functions around it.

`few_shot_prompt(pairs, query)` takes a list of (name, label) and the name that is asked for. It returns one text: a
line `name: label` for each pair, and last the query with its colon and nothing after it. For
`[("Tona", "cook"), ("Nelen", "judge")]` and `"Neki"` that is `"Tona: cook\\nNelen: judge\\nNeki:"`.

`read_label(continuation, labels)` takes what the model wrote and returns the first word of its first line that is one
of the labels, without the punctuation around it. If there is none it returns `""`.

The last check asks the course's real base model about 20 people of whom it has never seen such a list.
""",
    starter="""\
def few_shot_prompt(pairs, query):
    lines = [...]  # one for each pair
    return "\\n".join(map(str, lines))


def read_label(continuation, labels):
    line = continuation  # only its first line counts
    return ""
""",
    solution=FEW_SHOT + READ,
    checks=(
        Check("The prompt has a line for each pair, and the query last", _has_all_lines),
        Check("Without examples the query is left", _does_without_examples),
        Check("The list of pairs stays as it was", _leaves_its_arguments),
        Check("The label is read from the first line", _reads_the_label),
        Check("Only whole words are labels", _reads_whole_words),
        Check("No label gives the empty text", _says_when_there_is_none),
        Check("The base model gets at least 18 of 20 right", _gets_them_right),
    ),
    wrong_answers=(
        WrongAnswer(
            "another separator",
            FEW_SHOT.replace("{name}: {label}", "{name} = {label}").replace("{query}:", "{query} =") + READ,
            _separator_probe,
            "Between name and label stands something else than a colon and a space. A base model goes on with what it "
            "has read, and the village's lists have colons. After “=” it thinks of programs, and writes numbers.",
        ),
        WrongAnswer(
            "trailing space",
            FEW_SHOT.replace("{query}:", "{query}: ") + READ,
            _prompt_probe,
            "Your prompt ends with a space. The tokens of the labels begin with one (“·clerk”), so the space is used "
            "up and a label can no longer follow. End with the colon.",
        ),
        WrongAnswer(
            "no colon",
            FEW_SHOT.replace('f"{query}:"', "query") + READ,
            _prompt_probe,
            "Your prompt ends with the bare name. The model then writes the colon first. Put it there yourself.",
        ),
        WrongAnswer(
            "line break at the end",
            FEW_SHOT.replace("{query}:", "{query}:\\n") + READ,
            _prompt_probe,
            "Your prompt ends with a line break, so the line is over and the model begins the next one, with another "
            "name. End with the colon.",
        ),
        WrongAnswer(
            "answer included",
            FEW_SHOT.replace('f"{query}:"', 'f"{query}: {pairs[-1][1]}"') + READ,
            _answer_probe,
            "Your prompt already has a label behind the query. The model can only go on after it: leave that place "
            "open.",
        ),
        WrongAnswer(
            "query first",
            FEW_SHOT.replace('[*lines, f"{query}:"]', '[f"{query}:", *lines]') + READ,
            _prompt_probe,
            "The query stands above the examples. A model writes at the end of the text, so the query has to be last.",
        ),
        WrongAnswer(
            "no line breaks",
            FEW_SHOT.replace('"\\n".join', '" ".join') + READ,
            _prompt_probe,
            "All is in one line. The model copes with this less well the fewer examples there are: give each its line.",
        ),
        WrongAnswer(
            "whole continuation",
            FEW_SHOT + "\n\ndef read_label(continuation, labels):\n    return continuation.strip()\n",
            _label_probe,
            "This returns all that the model wrote. It goes on with the pattern after the label: take the first word "
            "of the first line that is a label.",
        ),
        WrongAnswer(
            "first label of the list",
            FEW_SHOT
            + "\n\ndef read_label(continuation, labels):\n"
            + '    return next((label for label in labels if label in continuation), "")\n',
            lambda names: outcome(names, "read_label", " judge\nTona: cook\n", list(LABELS)),
            "This looks for each label anywhere in the text, and takes the one that comes first in your list of "
            "labels. Go along the words of the first line instead.",
        ),
    ),
    hints=(
        'Make the lines first: `[f"{name}: {label}" for name, label in pairs]`.',
        'Add the line of the query, then `"\\n".join(lines)`: that puts line breaks between, and none at the end.',
        'For the label, `continuation.split("\\n")[0]` is the first line and `.split()` its words; `.strip(".,")` '
        "takes off punctuation.",
    ),
)
