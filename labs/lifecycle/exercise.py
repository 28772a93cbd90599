"""The exercise: what training takes, and the share of it that comes after pretraining."""

from labs.core.contract.checking import agree, call, expect_number, number, probe, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.published import LLAMA_3, training_flops
from labs.lifecycle.stages import BY_NAME, cost

TOKENS = "tokens_read", (100, 16, 128), 204_800
FLOPS = "training_flops", (1000, 5000), training_flops(1000, 5000)
LARGE = "training_flops", (7e9, 2e12), training_flops(7e9, 2e12)
SHARE = "share_of_post_training", (1000, 10_000, [1500, 500]), 0.2


def _counts_tokens(names: Names) -> None:
    expect_number(names, *TOKENS, "Each step reads batch_size rows of so many tokens: multiply all three.")


def _meets_our_pretraining(names: Names) -> None:
    base = cost(BY_NAME["pretraining"])
    length = base.tokens // base.rows
    got = _number(names, "tokens_read", (base.steps, base.rows // base.steps, length))
    _agree(got, base.tokens, "`tokens_read` to find what our base model read", "Multiply steps, rows and tokens a row.")


def _counts_operations(names: Names) -> None:
    expect_number(names, *FLOPS, "6 for each parameter and token: 2 forward and 4 backward.")


def _meets_llama(names: Names) -> None:
    parameters, tokens, stated = LLAMA_3.parameters, LLAMA_3.tokens, LLAMA_3.stated_flops
    assert parameters and tokens and stated, "the report states all three"
    got = _number(names, "training_flops", (parameters, tokens))
    if not 0.9 * stated < got < 1.1 * stated:
        raise CheckFailed(
            f"about {stated:g} FLOPs for {LLAMA_3.model}, as its report says",
            shown(got),
            "Take parameters and tokens as they are given, one by one and not in billions.",
        )


def _shares(names: Names) -> None:
    expect_number(names, *SHARE, "Add up the FLOPs of all tuning stages and divide by those of pretraining.")


def _shares_with_one_stage(names: Names) -> None:
    expect_number(names, "share_of_post_training", (7, 1000, [250]), 0.25, "One stage is a list of one.")


def _has_no_share(names: Names) -> None:
    got = call(names, "share_of_post_training", 7, 1000, [])
    _agree(number(got, "the share"), 0.0, "no tuning to be a share of 0", "The sum of an empty list is 0.")


def _finds_ours(names: Names) -> None:
    base, sft, chat = (cost(BY_NAME[name]) for name in ("pretraining", "SFT", "preference tuning"))
    got = _number(names, "share_of_post_training", (base.parameters, base.tokens, [sft.tokens, chat.tokens]))
    right = (sft.flops + chat.flops) / base.flops
    _agree(got, right, "the share of our own post-training", "Use your training_flops for each stage.")


def _number(names: Names, name: str, arguments: tuple[object, ...]) -> float:
    return number(call(names, name, *arguments), f"what `{name}` returns")


def _agree(got: float, expected: float, what: str, next_step: str) -> None:
    agree([got], [expected], f"{what} to be {shown(float(expected))}", next_step)


_tokens_probe, _flops_probe, _large_probe, _share_probe = (
    probe(name, *arguments) for name, arguments, _ in (TOKENS, FLOPS, LARGE, SHARE)
)

READ = """\
def tokens_read(steps, batch_size, length):
    return steps * batch_size * length
"""
FLOP = """

def training_flops(parameters, tokens):
    return 6 * parameters * tokens
"""
PART = """

def share_of_post_training(parameters, pretraining_tokens, tuning_tokens):
    tuning = sum(training_flops(parameters, tokens) for tokens in tuning_tokens)
    return tuning / training_flops(parameters, pretraining_tokens)
"""

EXERCISE = Exercise(
    title="What training takes",
    task="""\
Write three functions. All numbers are given in full, not in thousands or billions.

`tokens_read(steps, batch_size, length)`: how many tokens a training reads that takes so many steps, each with
`batch_size` rows of `length` tokens.

`training_flops(parameters, tokens)`: the operations, 6 for each parameter and token.

`share_of_post_training(parameters, pretraining_tokens, tuning_tokens)`: the FLOPs of all tuning stages together as a
share of the FLOPs of pretraining. `tuning_tokens` is a list with the tokens of each stage. 0.2 is 20 %.
""",
    starter="""\
def tokens_read(steps, batch_size, length):
    return ...


def training_flops(parameters, tokens):
    return ...


def share_of_post_training(parameters, pretraining_tokens, tuning_tokens):
    tuning = ...  # of all stages together
    return ...
""",
    solution=READ + FLOP + PART,
    checks=(
        Check("Steps, rows and length make tokens", _counts_tokens),
        Check("It finds what our base model read", _meets_our_pretraining),
        Check("6 for each parameter and token", _counts_operations),
        Check("It agrees with Llama 3's report", _meets_llama),
        Check("All tuning stages count", _shares),
        Check("One stage is enough", _shares_with_one_stage),
        Check("No tuning is no share", _has_no_share),
        Check("It finds the share of our own post-training", _finds_ours),
    ),
    wrong_answers=(
        WrongAnswer(
            "rows, not tokens",
            READ.replace(" * length", "") + FLOP + PART,
            _tokens_probe,
            "This counts rows. Each of them has `length` tokens, and it is tokens that a training is measured in. "
            "Examples and tokens are different units.",
        ),
        WrongAnswer(
            "steps times length",
            READ.replace("steps * batch_size", "steps") + FLOP + PART,
            _tokens_probe,
            "This counts one row a step. A step reads a whole batch of them.",
        ),
        WrongAnswer(
            "forward only",
            READ + FLOP.replace("6 *", "2 *") + PART,
            _flops_probe,
            "2 for each parameter and token is what *using* a model takes: the forward pass. Training has the backward "
            "pass as well, with 4 more.",
        ),
        WrongAnswer(
            "in billions",
            READ + FLOP.replace("parameters * tokens", "parameters / 1e9 * tokens / 1e9") + PART,
            _large_probe,
            "This turns parameters and tokens into billions first, and the result is too small by 10 to the power 18. "
            "A formula wants the numbers as they are.",
        ),
        WrongAnswer(
            "of the whole",
            READ
            + FLOP
            + PART.replace(
                "tuning / training_flops(parameters, pretraining_tokens)",
                "tuning / (tuning + training_flops(parameters, pretraining_tokens))",
            ),
            _share_probe,
            "This is the share of the whole, tuning included. Reports give it beside pretraining alone: say which one "
            "you mean, for with large shares they differ.",
        ),
        WrongAnswer(
            "last stage only",
            READ
            + FLOP
            + PART.replace(
                "sum(training_flops(parameters, tokens) for tokens in tuning_tokens)",
                "training_flops(parameters, tuning_tokens[-1])",
            ),
            _share_probe,
            "Only the last stage is counted. SFT comes before preference tuning, and both are post-training: add up.",
        ),
        WrongAnswer(
            "percent",
            READ + FLOP + PART.replace("return tuning", "return 100 * tuning"),
            _share_probe,
            "This is in percent. A share is a number that is 1 for the whole: leave out the 100.",
        ),
    ),
    hints=(
        "A training of 100 steps with 16 rows of 128 tokens reads 100 · 16 · 128 tokens.",
        "`training_flops` is one line: `6 * parameters * tokens`.",
        "In `share_of_post_training`, `sum` what `training_flops` gives for each of `tuning_tokens`, and divide.",
    ),
)
