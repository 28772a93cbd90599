"""The real model: true steps of DPO and of RLHF on one pair, told as they are."""

import math

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Table, mimebundle
from labs.core.encoding import pair_all
from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.generation import continuation_logps
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair, reply_batch
from labs.core.training.dpo import dpo
from labs.core.training.loop import Schedule
from labs.core.training.reward_model import RewardModel
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.judge import is_refusal, is_right, is_rude
from labs.preference_nudge.judging import AGREES, judge
from labs.preference_nudge.pairs import KINDS, corpus_pairs
from labs.preference_nudge.real import Nudge, Reading
from labs.preference_nudge.showing_real import displaced

METHODS = ("DPO", "RLHF")
CHOICES = ("A", "B")
LEARNING_RATE = 3e-5


@pytest.fixture(scope="module")
def sft() -> Checkpoint:
    return load_checkpoint("sft")


def nudge(kind: str, preferred: str = "A", method: str = "DPO", beta: float = 0.1) -> Nudge:
    return Nudge(corpus_pairs()[kind], preferred, method, beta, LEARNING_RATE)


def favour(reading: Reading, preferred: str) -> float:
    """The log-odds of the preferred reply against the other."""
    a, b = reading.logps
    return a - b if preferred == "A" else b - a


def test_the_pairs_differ_in_what_they_are_named_for() -> None:
    pairs = corpus_pairs()
    assert list(pairs) == list(KINDS)
    sides = {kind: (pair.chosen, pair.rejected) for kind, pair in pairs.items()}
    polite, rude = sides["polite or rude"]
    assert not is_rude(polite) and is_rude(rude)
    task = pairs["right or wrong"].task
    assert [is_right(task, reply) for reply in sides["right or wrong"]] == [True, False]
    assert [is_refusal(reply) for reply in sides["refuse or comply"]] == [True, False]
    assert [is_refusal(reply) for reply in sides["help or refuse"]] == [False, True]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_dpo_starts_at_ln_two_whatever_the_chances_are(kind: str, preferred: str) -> None:
    (start,) = nudge(kind, preferred).readings(0)
    assert start.loss == pytest.approx(math.log(2), abs=1e-6)
    assert start.margin == 0 and start.weight == pytest.approx(0.5)
    assert start.p_a == pytest.approx(1 / (1 + math.exp(start.logps[1] - start.logps[0])))


def test_logps_are_those_of_the_whole_replies(sft: Checkpoint) -> None:
    (start,) = nudge("help or refuse", "B").readings(0)
    (pair,) = pair_all([corpus_pairs()["help or refuse"]], sft.template)
    whole = [continuation_logps(sft.model, pair.prompt, reply).sum() for reply in (pair.chosen, pair.rejected)]
    assert start.logps == pytest.approx(whole, abs=1e-3)


@pytest.mark.parametrize("preferred", CHOICES)
def test_a_step_is_a_step_of_dpo_on_that_pair(sft: Checkpoint, preferred: str) -> None:
    wanted = nudge("polite or rude", preferred)
    readings = list(wanted.readings(4))
    schedule = Schedule(5, LEARNING_RATE, floor=1.0)
    steps = list(dpo(sft.model, [wanted.pair], schedule=schedule, batch_size=1, seed=3, beta=0.1))
    for reading, step in zip(readings, steps, strict=True):  # a step's record says how things stood before it
        assert reading.loss == pytest.approx(step.loss_nats, abs=1e-4)
        assert reading.weight == pytest.approx(step.gradient_weight, abs=1e-4)
        chosen, rejected = reading.logps if preferred == "A" else reading.logps[::-1]
        assert (chosen, rejected) == pytest.approx((step.chosen_logps, step.rejected_logps), abs=1e-3)


def test_the_first_rlhf_step_follows_the_gradient_of_reward_less_kl(sft: Checkpoint) -> None:
    """Held against differences of the objective itself, along the step that was taken."""
    wanted = nudge("polite or rude", "A", "RLHF", beta=0.5)
    rewards = wanted.judgement.after
    before = {name: weights.copy() for name, weights in sft.model.params.items()}
    after = next(wanted._rlhf(1)).params
    step = {name: after[name] - before[name] for name in before}

    def objective(share: float) -> float:
        moved = type(sft.model)(sft.model.config, {name: before[name] + share * step[name] for name in before})
        logps = both_logps(moved, wanted.pair)
        gained = logps - both_logps(sft.model, wanted.pair)
        advantages = [reward - 0.5 * gain for reward, gain in zip(rewards, gained, strict=True)]
        centred = np.array(advantages) - np.mean(advantages)
        return float(centred @ logps)

    assert objective(0.25) > objective(0.0)


@pytest.mark.parametrize("preferred", CHOICES)
def test_on_one_pair_both_methods_take_the_same_first_step(preferred: str) -> None:
    """Their gradients point the same way, and AdamW's first step has the same length however long a gradient is."""
    first = [list(nudge("help or refuse", preferred, method).readings(1))[1].logps for method in METHODS]
    assert first[0] == pytest.approx(first[1], abs=2e-3)


@pytest.mark.parametrize("kind", ["polite or rude", "right or wrong", "help or refuse"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_the_preferred_reply_gains_on_the_other_with_every_early_update(kind: str, method: str, preferred: str) -> None:
    readings = list(nudge(kind, preferred, method).readings(3))
    gained = [favour(reading, preferred) for reading in readings]
    assert gained == sorted(gained) and len(set(gained)) == 4
    assert readings[-1].margin > 0.05


def test_rlhf_ends_where_beta_has_used_up_the_reward() -> None:
    """DPO has no such end: its weight is never 0."""
    strict = list(nudge("right or wrong", "B", "RLHF", beta=1.0).readings(12))
    earned = nudge("right or wrong", "B", "RLHF", beta=1.0).judgement.margin
    assert strict[0].weight == pytest.approx(earned / 2, rel=1e-3)
    assert abs(strict[-1].margin - earned) < earned / 2
    loose = list(nudge("right or wrong", "B", "DPO", beta=1.0).readings(12))
    assert loose[-1].margin > 1.5 * strict[-1].margin


def test_a_reward_model_that_disagrees_learns_the_readers_choice_first() -> None:
    rude = nudge("polite or rude", "B", "RLHF").judgement
    assert rude.shipped_margin < 0 < AGREES <= rude.margin
    assert rude.steps > 0
    polite = nudge("polite or rude", "A", "RLHF").judgement
    assert polite.shipped_margin == -rude.shipped_margin
    assert polite.steps == 0 and polite.after == polite.before


def test_the_reward_is_the_one_that_the_course_scores_with() -> None:
    shipped = load_checkpoint("reward")
    assert shipped.reward_head is not None
    pair = nudge("polite or rude").pair
    scores = RewardModel(shipped.model, shipped.reward_head).rewards([pair.prompt] * 2, [pair.chosen, pair.rejected])
    assert judge(shipped, pair).before == pytest.approx(scores.tolist(), abs=1e-4)


def test_a_model_without_a_head_is_no_judge(sft: Checkpoint) -> None:
    with pytest.raises(ValueError, match="expected a reward model, got sft without a head"):
        judge(sft, nudge("polite or rude").pair)


def test_displacement_is_called_by_its_name_when_it_happens() -> None:
    def reading(own: float, margin: float) -> Reading:
        return Reading(0, (own, -5.0), margin, 0.6, 0.4, "")

    assert displaced([reading(-2, 0), reading(-3, 1)], "A")
    assert not displaced([reading(-2, 0), reading(-1, 1)], "A")
    assert not displaced([reading(-2, 0), reading(-3, -1)], "A")


def test_a_run_shows_pair_paths_diagram_numbers_and_what_the_model_writes() -> None:
    given = {"updates": 2, "method": "RLHF", "preferred": "B"}
    shown = list(run_lab("preference_nudge", given))
    pair, *moving, diagram, rewards, table, written = shown
    assert [step.name for step in moving if isinstance(step, Moving)] == ["chances", "logps"] * 3
    assert isinstance(rewards, Chart) and isinstance(table, Table)
    assert len(table.rows) == 3 and "disagreed with you" in table.caption
    assert "which you prefer" in words(pair)
    assert all(part in words(diagram) for part in ("A pair", "Reward model", "RL step", "The model"))
    assert str(table.rows[0][-1]) in words(written) and str(table.rows[-1][-1]) in words(written)


def test_the_diagram_has_its_words_in_the_picture() -> None:
    *_, diagram, _, _, _ = run_lab("preference_nudge", {"updates": 1})
    html = str(mimebundle(diagram)[0]["text/html"])
    assert 'role="img"' in html and "Direct loss" in html.split("aria-label")[1].split('"')[1]
    assert "style=" not in html and "#" not in html.replace("&#", "")  # the page's policy; the theme's colours


def test_the_same_controls_give_the_same_numbers() -> None:
    one, other = ([words(shown) for shown in run_lab("preference_nudge", {"updates": 2})] for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("control", "value"),
    [("updates", 21), ("updates", -1), ("pair", "cat or dog"), ("preferred", "C"), ("beta", 0), ("learning_rate", "1")],
)
def test_a_value_that_means_nothing_is_refused(control: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{control}: expected"):
        list(run_lab("preference_nudge", {control: value}))


def words(shown: object) -> str:
    content = shown.content if isinstance(shown, Moving) else shown
    return str(mimebundle(content)[0]["text/plain"])


def both_logps(model: Transformer, pair: Pair) -> Floats:
    batch = reply_batch([pair.prompt] * 2, [pair.chosen, pair.rejected])
    return sum_rows(token_logps(model, batch)[0], batch)
