"""The exercise: the KL divergence to the reference, exactly and from samples."""

import math

from labs.core.contract.checking import agree, call, expect_number, number, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

KL, K3 = "kl", "k3"
POLICY, REF = [0.5, 0.25, 0.25], [0.25, 0.25, 0.5]
EXACT = 0.25 * math.log(2)
KL_STEP = "Weigh each log(p / q) with p, the policy's probability, and add up."
K3_STEP = "With r = ref_logp − policy_logp a sample counts e^r − 1 − r. Take the mean over the samples."
DRAWN = [0, 0, 1, 2]
"""Tokens as often as the policy draws them: twice the first, once each of the others."""


def _logps(row: list[float]) -> list[float]:
    return [math.log(row[token]) for token in DRAWN]


def _same_is_zero(names: Names) -> None:
    expect_number(names, KL, (POLICY, POLICY), 0, "Where p and q are equal, log(p / q) is 0.")
    expect_number(names, K3, ([-1.0, -2.5], [-1.0, -2.5]), 0, K3_STEP)


def _is_exact(names: Names) -> None:
    expect_number(names, KL, ([0.8, 0.2], [0.5, 0.5]), 0.8 * math.log(1.6) + 0.2 * math.log(0.4), KL_STEP)
    expect_number(names, KL, (POLICY, REF), EXACT, KL_STEP)


def _takes_zero(names: Names) -> None:
    step = "A token that the policy never writes adds nothing: leave out where p is 0, before the logarithm."
    expect_number(names, KL, ([1.0, 0.0], [0.25, 0.75]), math.log(4), step)


def _is_k3(names: Names) -> None:
    expect_number(names, K3, ([-1.0], [-3.0]), math.exp(-2) + 1, K3_STEP)
    expect_number(names, K3, ([-3.0], [-1.0]), math.exp(2) - 3, K3_STEP)
    expect_number(names, K3, ([-1.0, -3.0], [-3.0, -1.0]), (math.exp(2) + math.exp(-2) - 2) / 2, K3_STEP)


def _is_unbiased(names: Names) -> None:
    got = number(call(names, K3, _logps(POLICY), _logps(REF)), f"what `{K3}` returns")
    wanted = f"samples that come just as often as the policy says to give the exact KL, {EXACT:.6g}"
    agree([got], [EXACT], wanted, K3_STEP)


EXACTLY = """\
import math


def kl(policy, ref_policy):
    return sum(p * math.log(p / q) for p, q in zip(policy, ref_policy) if p > 0)
"""
SAMPLED = """

def k3(policy_logps, ref_logps):
    ratios = [ref - own for own, ref in zip(policy_logps, ref_logps)]
    return sum(math.exp(r) - 1 - r for r in ratios) / len(ratios)
"""
TERM = "math.exp(r) - 1 - r"
ONE = probe(K3, [-1.0, -2.0], [-3.0, -2.5])

EXERCISE = Exercise(
    title="How far from the reference?",
    task="""\
The KL penalty charges a policy for the way that it has gone from its reference. Write it twice.

`kl(policy, ref_policy)` gets two probability distributions over the same tokens, as lists. It returns
KL(π‖π_ref) = Σ π · ln(π / π_ref) in nats. A token that the policy never writes adds 0.

`k3(policy_logps, ref_logps)` gets samples that the *policy* has drawn: the log-probability of each under the policy,
and under the reference. It returns the mean of q/p − 1 − ln(q/p), where p is the policy's probability of the sample and
q the reference's. This estimate is right on average, and no sample makes it negative.
""",
    starter="""\
import math


def kl(policy, ref_policy):
    return ...


def k3(policy_logps, ref_logps):
    return ...  # a mean over the samples


# print(kl([0.5, 0.25, 0.25], [0.25, 0.25, 0.5]))
""",
    solution=EXACTLY + SAMPLED,
    checks=(
        Check("A policy that is its reference has gone nowhere", _same_is_zero),
        Check("The exact KL, weighed with the policy", _is_exact),
        Check("A token that is never written adds nothing", _takes_zero),
        Check("The estimate k3, sample by sample", _is_k3),
        Check("On average k3 is the KL", _is_unbiased),
    ),
    wrong_answers=(
        WrongAnswer(
            "the other direction",
            EXACTLY.replace("p * math.log(p / q)", "q * math.log(q / p)") + SAMPLED,
            probe(KL, [0.8, 0.2], [0.5, 0.5]),
            "This is KL(π_ref‖π), weighed with the reference. The two differ. The penalty is an average over what the "
            "policy writes, so p is the weight and stands above the fraction line.",
        ),
        WrongAnswer(
            "without weights",
            EXACTLY.replace("p * math.log(p / q)", "math.log(p / q)") + SAMPLED,
            probe(KL, [0.8, 0.2], [0.5, 0.5]),
            "This counts every token alike. KL is an average under the policy: weigh each log(p / q) with p.",
        ),
        WrongAnswer(
            "absolute differences",
            EXACTLY.replace("p * math.log(p / q)", "p * abs(math.log(p / q))") + SAMPLED,
            probe(KL, [0.8, 0.2], [0.5, 0.5]),
            "Terms may be negative: where the policy has lost probability, log(p / q) is below 0. Their sum is not. "
            "Leave out abs.",
        ),
        WrongAnswer(
            "logarithm of 0",
            EXACTLY.replace(" if p > 0", "") + SAMPLED,
            probe(KL, [1.0, 0.0], [0.25, 0.75]),
            "0 · ln 0 counts as 0 here, and `math.log(0)` raises. Skip the tokens with p = 0.",
        ),
        WrongAnswer(
            "k1",
            EXACTLY + SAMPLED.replace(TERM, "-r"),
            ONE,
            "This is the estimate called k1, the mean of ln(p / q). It is right on average as well, and single samples "
            "make it negative. k3 adds q/p − 1, which is 0 on average and steadies it.",
        ),
        WrongAnswer(
            "k2",
            EXACTLY + SAMPLED.replace(TERM, "r * r / 2"),
            ONE,
            "This is k2, half the square of the log-ratio. It is never negative, but it is not right on average.",
        ),
        WrongAnswer(
            "ratio upside down",
            EXACTLY + SAMPLED.replace("ref - own", "own - ref"),
            ONE,
            "The ratio is upside down. The samples come from the policy, so the ratio is q/p, the reference's over the "
            "policy's: r = ref_logp − policy_logp.",
        ),
    ),
    hints=(
        "`zip(policy, ref_policy)` gives p and q token by token. The term is `p * math.log(p / q)`.",
        "From log-probabilities you get q/p without dividing: it is `math.exp(ref_logp - policy_logp)`.",
        "With r = ref_logp − policy_logp, q/p is e^r and ln(q/p) is r: average `math.exp(r) - 1 - r`.",
    ),
)
