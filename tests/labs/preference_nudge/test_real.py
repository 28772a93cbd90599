"""The real model: true steps of DPO and of RLHF on one pair, told as they are."""

import math
from itertools import pairwise

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
from labs.core.training.dpo import dpo, dpo_loss
from labs.core.training.loop import Schedule
from labs.core.training.reward_model import RewardModel
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.judge import is_refusal, is_right, is_rude
from labs.preference_nudge.judging import AGREES, judge
from labs.preference_nudge.pairs import KINDS, corpus_pairs
from labs.preference_nudge.real import Nudge, Reading
from labs.preference_nudge.showing_real import _table, _where, displaced, logps_chart

METHODS = ("DPO", "RLHF")
CHOICES = ("A", "B")
RATE = 0.003


@pytest.fixture(scope="module")
def sft() -> Checkpoint:
    return load_checkpoint("sft")


def nudge(kind: str, preferred: str = "A", method: str = "DPO", beta: float = 0.1, rate: float = RATE) -> Nudge:
    return Nudge(corpus_pairs()[kind], preferred, method, beta, rate)


def path(wanted: Nudge, updates: int) -> list[Reading]:
    return list(wanted.readings(updates, all_replies=False))


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


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_a_step_is_minus_the_rate_times_the_gradient(sft: Checkpoint, method: str, preferred: str) -> None:
    """Along a step of −rate · gradient, the objective falls by length² / rate: held against its own differences.

    The second step is taken, where RLHF's price counts too.
    """
    wanted = nudge("polite or rude", preferred, method, beta=0.5)
    ref_logps = both_logps(sft.model, wanted.pair)
    model = sft.model.copy()
    wanted._update(model, ref_logps)
    before = model.copy()
    length = wanted._update(model, ref_logps)
    step = {name: model.params[name].astype(np.float64) - before.params[name] for name in before.params}
    assert length == pytest.approx(math.sqrt(sum(float((each**2).sum()) for each in step.values())), rel=1e-3)
    advantages = wanted._advantages(both_logps(before, wanted.pair) - ref_logps)

    def objective(share: float) -> float:
        moved = Transformer(before.config, {name: before.params[name] + share * step[name] for name in step})
        logps = both_logps(moved, wanted.pair)
        if method == "DPO":
            return dpo_loss(logps[:1] - logps[1:], ref_logps[:1] - ref_logps[1:], 0.5)[0]
        return -float(advantages @ logps) / 2  # its gradient is that of reward less KL at the replies given

    slope = (objective(0.05) - objective(-0.05)) / 0.1
    assert slope == pytest.approx(-(length**2) / wanted.rate, rel=0.02)


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_a_dpo_step_is_as_long_as_the_cores_gradient(sft: Checkpoint, beta: float) -> None:
    """`dpo` says how long a gradient was before it was clipped."""
    wanted = nudge("help or refuse", beta=beta)
    first = path(wanted, 1)[1]
    (step,) = dpo(sft.model, [wanted.pair], schedule=Schedule(1, RATE), batch_size=1, seed=0, beta=beta)
    assert first.step == pytest.approx(RATE * step.gradient_norm, rel=1e-3)


def test_both_methods_begin_in_one_direction_with_a_length_that_follows_the_weight() -> None:
    start = nudge("polite or rude").start.model
    first = {}
    for method in METHODS:
        wanted = nudge("polite or rude", "A", method)
        grads = wanted.gradient(start, both_logps(start, wanted.pair))
        first[method] = wanted.rate * np.concatenate([grads[name].ravel() for name in sorted(grads)])
    margin = nudge("polite or rude", "A", "RLHF").judgement.margin
    assert margin > 5  # the reward model is sure
    ratio = float(np.linalg.norm(first["RLHF"]) / np.linalg.norm(first["DPO"]))
    assert ratio == pytest.approx(margin / 2, rel=1e-3)
    np.testing.assert_allclose(first["RLHF"], ratio * first["DPO"], atol=1e-6)


def test_beta_lengthens_dpos_first_step_and_shortens_rlhfs_second() -> None:
    dpo_steps = {beta: path(nudge("help or refuse", beta=beta), 1)[1].step for beta in (0.1, 1.0)}
    assert dpo_steps[1.0] == pytest.approx(10 * dpo_steps[0.1], rel=1e-3)
    loose, strict = (path(nudge("right or wrong", "A", "RLHF", beta), 2) for beta in (0.1, 1.0))
    assert strict[1].step == pytest.approx(loose[1].step, rel=1e-4)
    assert strict[1].logps == pytest.approx(loose[1].logps, abs=1e-3)
    assert strict[2].step < 0.6 * loose[2].step


def test_dpos_steps_shrink_with_its_weight_at_the_defaults() -> None:
    steps = path(nudge("right or wrong"), 8)[1:]
    assert all(later.step < earlier.step for earlier, later in pairwise(steps))
    assert steps[-1].weight < 0.35


@pytest.mark.parametrize("method", METHODS)
def test_a_few_presses_move_the_default_pair_clearly(method: str) -> None:
    readings = path(nudge("polite or rude", "A", method), 4)
    assert readings[0].p_a < 0.4 and readings[4].p_a > 0.75


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_the_preferred_reply_gains_on_the_other_with_every_early_update(kind: str, method: str, preferred: str) -> None:
    readings = path(nudge(kind, preferred, method), 3)
    gained = [favour(reading, preferred) for reading in readings]
    assert gained == sorted(gained) and len(set(gained)) == 4
    assert readings[-1].margin > 0.05


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_rlhf_ends_where_beta_has_used_up_the_reward(kind: str, preferred: str) -> None:
    """DPO has no such end: where its margin comes to rest has nothing to do with a reward."""
    wanted = nudge(kind, preferred, "RLHF", beta=1.0)
    strict, earned = path(wanted, 20), wanted.judgement.margin
    assert strict[0].weight == pytest.approx(earned / 2, rel=1e-3)
    assert strict[-1].margin == pytest.approx(earned, abs=0.02)
    assert abs(strict[-1].weight) < 0.01
    assert abs(path(nudge(kind, preferred, "DPO", beta=1.0), 20)[-1].margin - earned) > 1


@pytest.mark.parametrize(
    ("margin", "said"), [(1.0, "pushes on: its price, 1.00, is below"), (2.0, "at rest"), (3.0, "turns back")]
)
def test_the_reward_charts_title_follows_the_numbers(margin: float, said: str) -> None:
    assert said in _where(Reading(1, (-1.0, -2.0), margin, 0.6, 0.0, ""), 2.0)


@pytest.mark.parametrize("method", METHODS)
def test_the_least_likely_reply_stays_on_an_axis_that_only_doubles(method: str) -> None:
    readings = path(nudge("polite or rude", "A", method, rate=0.01), 20)
    floors = []
    for end in range(1, len(readings) + 1):
        layers = logps_chart(readings[:end], "A").spec["layer"]
        assert isinstance(layers, list)
        floors.append(layers[0]["encoding"]["y"]["scale"]["domain"][0])
        assert floors[-1] <= min(min(reading.logps) for reading in readings[:end])
    assert floors == sorted(floors, reverse=True)
    assert set(floors) <= {-5.0 * 2**doubled for doubled in range(9)} and len(set(floors)) <= 6


def test_steps_that_break_the_model_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^learning_rate: expected steps that the model can take"):
        path(nudge("refuse or comply", "B", "RLHF", 1.0, rate=0.1), 20)


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
    assert table.columns[1] == "The model writes"
    assert str(table.rows[0][1]) in words(written) and str(table.rows[-1][1]) in words(written)


@pytest.mark.parametrize(("updates", "listed"), [
    (3, [0, 1, 2, 3]), (9, [0, 1, 2, 4, 8, 9]), (20, [0, 1, 2, 4, 8, 12, 16, 20]),
])  # fmt: skip
def test_the_table_lists_some_updates_the_first_and_the_last_among_them(updates: int, listed: list[int]) -> None:
    wanted = nudge("help or refuse")
    table = _table(wanted, path(wanted, updates))
    assert [row[0] for row in table.rows] == listed
    assert ("Some of the updates" in table.caption) == (len(listed) <= updates)


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
