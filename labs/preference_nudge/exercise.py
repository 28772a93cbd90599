"""The exercise: DPO's loss and the weight of its gradient."""

import math

from labs.core.contract.checking import agree, call, call_text, expect_number, numbers, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

LOGP_STEP = "The probability of a reply is the product of its tokens'; its logarithm is the sum of their logarithms."
LOSS_STEP = "Take margin = beta * (policy_margin - ref_margin), then -log(sigmoid(margin))."
WEIGHT_STEP = "The weight is sigmoid(-margin): near 1 while the order is wrong, near 0 once it is right."


def _sums_logs(names: Names) -> None:
    expect_number(names, "reply_logp", ([0.5, 0.25],), math.log(0.125), LOGP_STEP)
    expect_number(names, "reply_logp", ([0.9, 0.8, 0.1],), math.log(0.9 * 0.8 * 0.1), LOGP_STEP)


def _starts_at_ln_two(names: Names) -> None:
    for margin in (0.0, 3.0, -41.5):
        _expect(names, (margin, margin, 0.1), math.log(2), 0.5, "A policy that is its reference has the margin 0.")


def _falls_as_the_margin_grows(names: Names) -> None:
    _expect(names, (1.0, 0.0, 1.0), math.log1p(math.exp(-1)), None, LOSS_STEP)
    _expect(names, (2.0, 5.0, 0.1), math.log1p(math.exp(0.3)), None, LOSS_STEP)


def _weighs_the_wrong_order_more(names: Names) -> None:
    _expect(names, (1.0, 0.0, 1.0), None, 1 / (1 + math.e), WEIGHT_STEP)
    _expect(names, (2.0, 5.0, 0.1), None, 1 / (1 + math.exp(-0.3)), WEIGHT_STEP)


def _beta_scales_the_margin(names: Names) -> None:
    step = "beta multiplies the margin, inside the sigmoid."
    _expect(names, (4.0, 0.0, 0.5), math.log1p(math.exp(-2)), 1 / (1 + math.exp(2)), step)
    _expect(names, (4.0, 0.0, 0.05), math.log1p(math.exp(-0.2)), 1 / (1 + math.exp(0.2)), step)


def _expect(
    names: Names, arguments: tuple[float, float, float], loss: float | None, weight: float | None, next_step: str
) -> None:
    called = call_text("dpo_loss", *arguments)
    got = numbers(call(names, "dpo_loss", *arguments), 2, called)
    for what, found, expected in (("the loss", got[0], loss), ("the weight", got[1], weight)):
        if expected is not None:
            agree([found], [expected], f"{what} of {called} to be {expected:.6g}", next_step)


_logp_probe = probe("reply_logp", [0.5, 0.25, 0.3])
_loss_probe = probe("dpo_loss", 2.0, 5.0, 0.1)

LOGP = """\
import math


def reply_logp(probabilities):
    return sum(math.log(p) for p in probabilities)
"""

LOSS = """

def dpo_loss(policy_margin, ref_margin, beta):
    margin = beta * (policy_margin - ref_margin)
    loss = math.log(1 + math.exp(-margin))
    weight = 1 / (1 + math.exp(margin))
    return loss, weight
"""

EXERCISE = Exercise(
    title="DPO's loss and the weight of its gradient",
    task="""\
Write the number that DPO makes small, in plain Python.

`reply_logp(probabilities)` gets the probability of each token of a reply, and returns the log-probability of the
whole reply.

`dpo_loss(policy_margin, ref_margin, beta)` gets two margins: by how much the log-probability of the chosen reply
exceeds that of the rejected one, in the policy and in the reference. It returns two numbers: the loss, −ln σ of the
margin of implicit rewards, and the weight of the gradient, σ of minus that margin.
""",
    starter="""\
import math


def reply_logp(probabilities):
    return ...


def dpo_loss(policy_margin, ref_margin, beta):
    margin = ...  # of the implicit rewards
    loss = ...
    weight = ...
    return loss, weight


# print(dpo_loss(0.0, 0.0, 0.1))  # where every training begins
""",
    solution=LOGP + LOSS,
    checks=(
        Check("A reply's log-probability is the sum of its tokens'", _sums_logs),
        Check("A policy that is its reference has the loss ln 2 and the weight 0.5", _starts_at_ln_two),
        Check("The loss falls as the policy's margin grows past the reference's", _falls_as_the_margin_grows),
        Check("A pair in the wrong order weighs more", _weighs_the_wrong_order_more),
        Check("beta scales the margin", _beta_scales_the_margin),
    ),
    wrong_answers=(
        WrongAnswer(
            "reference left out",
            LOGP + LOSS.replace("(policy_margin - ref_margin)", "policy_margin"),
            _loss_probe,
            "The reference is left out. This rewards what the model preferred anyway: an implicit reward counts only "
            "what the policy has gained on its reference.",
        ),
        WrongAnswer(
            "sign flipped",
            LOGP + LOSS.replace("policy_margin - ref_margin", "ref_margin - policy_margin"),
            _loss_probe,
            "The sign is flipped: this loss falls as the rejected reply gains. Take the policy's margin less the "
            "reference's.",
        ),
        WrongAnswer(
            "beta outside the sigmoid",
            LOGP
            + LOSS.replace(
                "margin = beta * (policy_margin - ref_margin)", "margin = policy_margin - ref_margin"
            ).replace("loss = math.log", "loss = beta * math.log"),
            _loss_probe,
            "Here beta stands outside the sigmoid, where it only scales the loss. Inside, it says how far the policy "
            "has to move before a pair counts as learned.",
        ),
        WrongAnswer(
            "divided by beta",
            LOGP
            + LOSS.replace(
                "margin = beta * (policy_margin - ref_margin)", "margin = (policy_margin - ref_margin) / beta"
            ),
            _loss_probe,
            "You divide by beta. It multiplies the margin: implicit reward = beta · log(policy / reference).",
        ),
        WrongAnswer(
            "weight of the right order",
            LOGP + LOSS.replace("1 / (1 + math.exp(margin))", "1 / (1 + math.exp(-margin))"),
            _loss_probe,
            "The loss is right, but the weight is σ(margin): it pushes hardest on pairs that are already in order. It "
            "is σ(−margin).",
        ),
        WrongAnswer(
            "sum of probabilities",
            LOGP.replace("sum(math.log(p) for p in probabilities)", "sum(probabilities)") + LOSS,
            _logp_probe,
            "This adds up probabilities. The probability of the reply is their product, so it is their logarithms "
            "that add up.",
        ),
        WrongAnswer(
            "logarithm of the sum",
            LOGP.replace("sum(math.log(p) for p in probabilities)", "math.log(sum(probabilities))") + LOSS,
            _logp_probe,
            "This is the logarithm of a sum. One token comes after the other, so their probabilities multiply: take "
            "each logarithm first, and add those.",
        ),
        WrongAnswer(
            "mean of logs",
            LOGP.replace("probabilities)\n", "probabilities) / len(probabilities)\n") + LOSS,
            _logp_probe,
            "This is a mean, the log-probability a token. DPO's is that of the whole reply: a sum. (Variants with the "
            "mean exist, and they are other losses.)",
        ),
    ),
    hints=(
        "`math.log(p)` for each token's probability, and then their sum.",
        "With equal margins nothing was gained: the margin is 0, σ(0) = 0.5, and −ln 0.5 = ln 2.",
        "−ln σ(m) is `math.log(1 + math.exp(-m))`, and σ(−m) is `1 / (1 + math.exp(m))`.",
    ),
)
