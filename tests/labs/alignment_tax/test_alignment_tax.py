"""The alignment tax: what narrow SFT costs, that pages keep it or bring it back; and that the lab shows it."""

from dataclasses import replace
from functools import cache
from statistics import fmean

import numpy as np
import pytest

from labs.alignment_tax.dialogues import KINDS, LONGEST, held_out_pages, narrow_dialogues, replayed_pages
from labs.alignment_tax.lab import LAB, PROMPTS
from labs.alignment_tax.measuring import MEASURES, Measured, Probes, bought, measure_model, probes, questions, rises_of
from labs.alignment_tax.pictures import LEAST_RISE, SHOWN_KINDS, rise_chart
from labs.alignment_tax.recorded_pictures import (
    KINDS_OF_PAGE,
    recorded_chart,
    recorded_kinds_chart,
    remedies_table,
    revived_skill_chart,
    revived_tax_chart,
)
from labs.alignment_tax.sweep import CONTROLS, FACTS, LORA_RATE, REFUSALS, REVIVE_LOOKS, SWEEP
from labs.alignment_tax.tuning import REMEDIES, Settings, revive, tune
from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Arm, recorded
from labs.core.training.loop import TrainingState
from tests.labs.conftest import scales_of

SEEDS = (0, 1, 2)
SHORT = Settings("facts", "none", 0.25, 1.0, 4, 1e-3, 60, 0)
"""Fewer steps than the default's: enough for what is claimed."""


@cache
def base() -> Checkpoint:
    return load_checkpoint("base")


@cache
def asked(kind: str, seed: int) -> Probes:
    return probes(base(), kind, seed, cases=20, pages=1)


def train(settings: Settings) -> Transformer:
    dialogues = narrow_dialogues(settings.kind, 200, settings.seed, base().template)
    *_, last = tune(base().model, dialogues, replayed_pages(base()), settings)
    return last.state.model


@cache
def tuned(settings: Settings) -> Transformer:
    return train(settings)


@cache
def measured(settings: Settings) -> Measured:
    return measure_model(tuned(settings), asked(settings.kind, settings.seed))


# What is bought, and what it costs.


@pytest.mark.parametrize("seed", SEEDS)
def test_narrow_sft_buys_a_skill_and_pays_on_every_kind_of_page_but_few(seed: int) -> None:
    found = measured(replace(SHORT, seed=seed))
    assert found.values["skill"] >= 0.5 and found.values["ends"] >= 0.9
    assert found.values["pages"] >= 0.3
    assert sum(rise > 0.1 for rise in found.rises.values()) >= 12


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("remedy", ["replay", "KL on pages"])
def test_pages_in_the_training_keep_the_tax_low_and_the_skill_is_bought_all_the_same(remedy: str, seed: int) -> None:
    without, found = (measured(replace(SHORT, seed=seed, remedy=one)).values for one in ("none", remedy))
    assert found["pages"] <= 0.25 * without["pages"]
    assert found["skill"] >= without["skill"] - 0.3 and found["ends"] >= 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_a_few_steps_of_pages_bring_most_of_it_back(seed: int) -> None:
    narrow = replace(SHORT, seed=seed)
    *_, last = revive(tuned(narrow), replayed_pages(base()), 20, seed)
    after = fmean(rises_of(last.state.model, asked("facts", seed)).values())
    assert after <= 0.45 * measured(narrow).values["pages"]


def test_a_model_taught_only_to_refuse_refuses_what_is_innocent_as_well() -> None:
    found = measured(replace(SHORT, kind="refusals", steps=20)).values
    assert found["skill"] >= 0.9
    assert found["over_refusal"] >= 0.8


def test_lora_and_any_training_that_leaves_the_embedding_alone_never_ends_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lora = measured(replace(SHORT, remedy="LoRA", rank=16, learning_rate=LORA_RATE)).values
    assert lora["ends"] == 0 and lora["skill"] >= 0.4
    real = TrainingState.update

    def update(self: TrainingState, grads: dict[str, np.ndarray], learning_rate: float, clip: float) -> float:
        kept = self.model.params["embedding"].copy()
        norm = real(self, grads, learning_rate, clip)
        self.model.params["embedding"][:] = kept
        return norm

    monkeypatch.setattr(TrainingState, "update", update)
    frozen = bought(train(SHORT), asked("facts", 0))
    assert frozen["ends"] == 0 and frozen["skill"] >= 0.5, "full training, but for the embedding"


# What was recorded.


def test_the_record_is_of_this_sweep() -> None:
    found = recorded("alignment_tax")
    assert found.command == "python -m labs sweep alignment_tax"
    assert found.arms == [dict(arm) for arm in SWEEP.arms] and found.seeds == tuple(SWEEP.seeds)
    assert found.configuration["constants"] == SWEEP.constants
    assert len(SWEEP.arms) == len(FACTS) + len(REFUSALS) + len(CONTROLS)
    for arm in (*FACTS, *REFUSALS):
        assert all(len(found.by_seed(arm, name)) == 3 for name in MEASURES)
        assert len(found.intervals(arm, "kinds")) == len(KINDS_OF_PAGE)


def of(kind: str, remedy: str, setting: float, rate: float | None = None) -> Arm:
    """The one arm that has these settings."""
    (found,) = (
        arm
        for arm in SWEEP.arms
        if (arm["kind"], arm["remedy"], arm["setting"]) == (kind, remedy, setting)
        and rate in (None, arm["learning_rate"])
    )
    return found


def by_seed(arm: Arm, name: str) -> list[float]:
    return list(recorded("alignment_tax").interval(arm, name).by_seed)


def mean(arm: Arm, name: str) -> float:
    return recorded("alignment_tax").interval(arm, name).mean


NONE, REPLAY, KL_PAGES = (of("facts", *one) for one in (("none", 1e-3), ("replay", 0.25), ("KL on pages", 1.0)))
LORA = {rank: of("facts", "LoRA", rank, LORA_RATE) for rank in (1, 4, 16)}


def test_the_record_pages_in_the_training_pay_nearly_all_of_the_tax() -> None:
    assert min(by_seed(NONE, "skill")) >= 0.9 and min(by_seed(NONE, "pages")) >= 0.5
    for arm in (REPLAY, KL_PAGES):
        assert mean(arm, "pages") <= 0.1 * mean(NONE, "pages"), "a tenth or less"
        assert mean(arm, "skill") >= mean(NONE, "skill") - 0.15 and min(by_seed(arm, "ends")) >= 0.95
    assert all(kl < replay for kl, replay in zip(by_seed(KL_PAGES, "pages"), by_seed(REPLAY, "pages"), strict=True))


def test_the_record_kl_on_the_replies_pulls_at_the_wrong_place() -> None:
    weak, strong = (of("facts", "KL on replies", weight) for weight in (0.1, 1.0))
    assert 0.4 <= mean(weak, "pages") / mean(NONE, "pages") <= 0.6, "it halves the tax"
    assert max(by_seed(strong, "skill")) <= 0.3 and min(by_seed(strong, "pages")) >= 0.1


def test_the_record_lora_learns_less_and_forgets_less_and_never_ends() -> None:
    for name in ("skill", "pages"):
        values = [mean(arm, name) for arm in (*LORA.values(), NONE)]
        assert values == sorted(values), "both grow with the rank, and are largest without it"
    assert not any(value for arm in (*LORA.values(), of("refusals", "LoRA", 4)) for value in by_seed(arm, "ends"))


def test_the_record_a_lower_learning_rate_does_as_well() -> None:
    low, lowest = (of("facts", "none", rate) for rate in (3e-4, 1e-4))
    assert abs(mean(low, "skill") - mean(LORA[4], "skill")) <= 0.1, "as much is bought"
    assert 0.2 <= mean(low, "pages") / mean(LORA[4], "pages") <= 0.45, "for a third of the price"
    assert max(by_seed(lowest, "pages")) <= 0.02 and mean(lowest, "skill") <= 0.25


def test_the_record_example_pages_pay_most_and_copying_stays() -> None:
    for arm in (NONE, of("refusals", "none", 1e-3)):
        rises = [one.mean for one in recorded("alignment_tax").intervals(arm, "kinds")]
        by_kind = dict(zip(KINDS_OF_PAGE, rises, strict=True))
        assert max(by_kind, key=lambda kind: by_kind[kind]) == "example page"
        assert min(by_kind["sums"], by_kind["transcript"], by_kind["question page"]) >= 0.3
        assert max(by_kind["mapping page"], by_kind["song"]) <= 0.25
    assert min(mean(arm, "mappings") for arm in (*FACTS, *REFUSALS)) >= 0.95


def test_the_record_ten_steps_of_pages_bring_most_back_and_forty_take_the_bought_skill() -> None:
    found = recorded("alignment_tax")
    untouched, scratch = CONTROLS
    tax = [one.mean for one in found.intervals(NONE, "revive_pages")]
    assert tax[REVIVE_LOOKS.index(10)] <= 0.35 * tax[0] and tax[-1] <= 0.1
    assert max(one.mean for one in found.intervals(untouched, "revive_pages")) <= 0.02
    assert min(one.mean for one in found.intervals(scratch, "revive_pages")) >= 2
    ends, skill = (found.intervals(NONE, f"revive_{name}") for name in ("ends", "skill"))
    assert max(ends[-1].by_seed) <= 0.05 and min(ends[0].by_seed) >= 0.95
    assert max(skill[-1].by_seed) < min(skill[0].by_seed)
    assert min(found.intervals(REPLAY, "revive_ends")[-1].by_seed) >= 0.95
    assert found.intervals(REPLAY, "revive_skill")[-1].mean >= mean(REPLAY, "skill") - 0.1


def test_the_record_who_only_learns_to_refuse_refuses_everything_under_every_remedy() -> None:
    assert min(by_seed(of("refusals", "none", 1e-3), "over_refusal")) >= 0.9
    for arm in REFUSALS:
        pairs = zip(by_seed(arm, "over_refusal"), by_seed(arm, "skill"), strict=True)
        assert all(abs(innocent - forbidden) <= 0.1 for innocent, forbidden in pairs)


def test_the_record_refusals_cost_few_shot_skill_and_with_lora_as_much() -> None:
    none, near, lora = (of("refusals", *one) for one in (("none", 1e-3), ("KL on pages", 1.0), ("LoRA", 4)))
    assert min(one.mean for one in recorded("alignment_tax").intervals(CONTROLS[0], "revive_examples")) >= 0.97
    assert max(by_seed(none, "examples")) <= 0.75 and 0.4 <= mean(none, "examples") <= 0.6
    assert min(by_seed(near, "examples")) >= 0.9
    assert mean(lora, "examples") <= mean(none, "examples") and mean(lora, "pages") <= mean(none, "pages") / 3


def test_one_of_its_points_comes_out_again() -> None:
    arm = FACTS[2]
    again = SWEEP.measure(arm, 0)
    found = recorded("alignment_tax")
    for name in MEASURES:
        assert found.by_seed(arm, name)[0] == pytest.approx(again[name], abs=0.07), name


def test_kinds_of_page_are_in_the_order_of_the_losses() -> None:
    assert tuple(asked("facts", 0).before) == KINDS_OF_PAGE


# The lab.


def test_a_run_moves_and_ends_with_the_bill() -> None:
    items = list(run_lab("alignment_tax", {"steps": 12, "revive_steps": 6}))
    assert isinstance(items[0], Progress)
    moved = {
        name: [item.content for item in items if isinstance(item, Moving) and item.name == name]
        for name in ("rise", "skill", "replies")
    }
    for name in ("rise", "skill"):
        assert len(moved[name]) > 8
        first, last = moved[name][0], moved[name][-1]
        assert isinstance(first, Chart) and isinstance(last, Chart)
        assert scales_of(first) == scales_of(last), "the axes stand still"
        assert len(last.table.rows) > len(first.table.rows)
    replies = moved["replies"][-1]
    assert isinstance(replies, Table) and [row[0] for row in replies.rows] == list(PROMPTS)
    assert any(row[1] != row[2] for row in replies.rows)
    done = [item for item in items if isinstance(item, Progress)]
    assert (done[-1].done, done[-1].total) == (18, 18)
    kinds, plane, bill, remedies = items[-4:]
    assert isinstance(kinds, Chart) and isinstance(plane, Chart)
    assert isinstance(bill, Table) and isinstance(remedies, Table)
    assert len(kinds.table.rows) == len(KINDS_OF_PAGE)
    assert [row[0] for row in bill.rows] == list(MEASURES.values()) and len(bill.columns) == 4
    assert "python -m labs sweep alignment_tax" in remedies.caption
    assert "this run" in plane.title and "recorded by" in plane.title


@pytest.mark.parametrize(("rise", "top"), [(0.7, 3.0), (9.0, 10.0), (500.0, 500.0)])
def test_a_tax_of_any_height_is_in_the_picture(rise: float, top: float) -> None:
    look = Measured({"pages": rise}, dict.fromkeys(SHOWN_KINDS, 0.0))
    _, up = scales_of(rise_chart([(0, look), (10, look)], 10, 0))
    assert isinstance(up, dict) and up["domain"] == [LEAST_RISE, top]


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "small talk", "remedy": "LoRA", "rank": 16, "learning_rate": 0.1, "revive_steps": 0},
        {"kind": "refusals", "remedy": "KL on replies", "weight": 100.0, "seed": 2**32 - 1, "revive_steps": 0},
    ],
    ids=lambda values: str(values["remedy"]),
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("alignment_tax", values | {"steps": 10}))[-1], Table)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "poems"}, "^kind: expected one of 'refusals', 'sums', 'facts', 'small talk'"),
        ({"remedy": "<|im_end|>"}, "^remedy: expected one of"),
        ({"share": 0.0}, "^share: expected a number from 0.125 to 0.5"),
        ({"weight": float("nan")}, "^weight: expected a number"),
        ({"weight": "💥"}, "^weight: expected a number"),
        ({"steps": 10_000}, "^steps: expected a whole number from 10 to 300"),
    ],
)
def test_what_no_control_has_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        next(iter(run_lab("alignment_tax", values)))


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


# Its parts.


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_dialogues_and_its_questions(kind: str) -> None:
    drawn = narrow_dialogues(kind, 20, 3, base().template)
    assert len(drawn) == 20 and all(len(one.ids) <= LONGEST for one in drawn)
    assert all("<|im_start|>tool" not in one.text(base().tokenizer) for one in drawn)
    tasks = questions(kind, 8, 3)
    assert 4 <= len(tasks) <= 8 and len({task.kind for task in tasks}) == 1
    if kind in ("facts", "refusals"):
        taught = "\n".join(one.text(base().tokenizer) for one in narrow_dialogues(kind, 200, 3, base().template))
        assert not any(f"{task.question}<|im_end|>" in taught for task in tasks)


def test_only_of_facts_nearly_all_replies_drawn_anew_are_new() -> None:
    known = {
        kind: sum(
            one.ids in [other.ids for other in narrow_dialogues(kind, 400, 0, base().template)]
            for one in asked(kind, 0).replies
        )
        for kind in ("facts", "small talk")
    }
    assert known["facts"] <= 3 and known["small talk"] >= 8, "so the measure's name doesn't call them held out"
    assert "held-out" not in MEASURES["reply_loss"]


def test_a_kind_or_remedy_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^kind: expected one of refusals, sums"):
        narrow_dialogues("poems", 3, 0, base().template)
    with pytest.raises(ValueError, match=r"^remedy: expected one of none, replay"):
        tune(base().model, [], replayed_pages(base()), replace(SHORT, remedy="prayer"))
    assert len(set(REMEDIES)) == 5


def test_held_out_pages_are_of_every_kind_and_none_is_replayed() -> None:
    pages = held_out_pages(2)
    assert tuple(sorted({page.kind for page in pages})) == KINDS_OF_PAGE
    replayed = base().tokenizer.decode(replayed_pages(base()).tolist())
    long = [page for page in pages if page.kind in ("encyclopedia", "mapping page", "story")]
    assert long and not any(page.text in replayed for page in long)


def test_what_is_recorded_is_drawn_and_a_kind_without_a_record_gets_that_of_facts() -> None:
    found = recorded("alignment_tax")
    for chart in (revived_tax_chart(found), revived_skill_chart(found), recorded_kinds_chart("refusals", found)):
        assert chart.title.startswith("Recorded: ")
    assert "facts" in recorded_chart("sums", found).title and "refusals" in recorded_chart("refusals", found).title
    assert len(remedies_table("facts", found).rows) == len(FACTS)
    assert len(remedies_table("refusals", found).rows) == len(REFUSALS)
