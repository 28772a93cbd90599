"""Framing: how far each frame goes, where it fails, and that the measures are what they say."""

import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Columns, Moving, Number, Slider, Table, Text
from labs.core.judging import judge, names_of
from labs.core.model.chat import prelude_prompt
from labs.core.model.sampling import Sampling
from labs.core.recipe import VILLAGE
from labs.core.sweeping import recorded
from labs.core.world.documents import internet
from labs.framing.exercise import EXERCISE
from labs.framing.framings import FRAMINGS, NONE, OWN, PLACE, framed, template_of
from labs.framing.kinds import KINDS, MEASURES, QUESTIONS, STRANGERS, Found, ask_all
from labs.framing.lab import LAB, arm_name, arms, first_lines, pooled, share_right
from labs.framing.sweep import SWEEP, measure, named

SEEDS = (0, 1, 2)
GREEDY = Sampling(0)


def found(framing: str, kind: str, seed: int = 0, sampling: Sampling = GREEDY) -> Found:
    return ask_all(framing, kind, arms(framing, "", "chat")[arm_name(framing)], sampling=sampling, seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["facts", "sums", "how-to"])
def test_the_prelude_alone_makes_the_base_model_answer(kind: str, seed: int) -> None:
    assert found(NONE, kind, seed).share("answers").value <= 0.1
    assert found("role line", kind, seed).share("right").value <= 0.1
    preluded = found("prelude", kind, seed)
    assert preluded.share("right").value >= 0.8
    assert preluded.share("goes_on").value >= 0.8 and preluded.share("alone").value <= 0.2, "it goes on as the user"


@pytest.mark.parametrize("seed", SEEDS)
def test_it_refuses_in_one_layout_and_not_in_others(seed: int) -> None:
    sampled = Sampling(1.0)
    assert found("Q and A", "forbidden", seed, sampled).share("declines").value >= 0.5
    for framing in ("prelude", "two examples"):
        assert found(framing, "forbidden", seed, sampled).share("declines").value <= 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_two_right_examples_settle_which_page_it_is(seed: int) -> None:
    sampled = Sampling(1.0)
    bare, shown = (found(name, "facts", seed, sampled).share("right").value for name in ("Q and A", "two examples"))
    assert bare <= 0.7 and shown >= bare + 0.2


@pytest.mark.parametrize("tuned", ["sft", "chat"])
def test_the_tuned_model_refuses_and_stops_where_the_framed_one_does_not(tuned: str) -> None:
    asked = arms(NONE, "", tuned)[f"{tuned}, in markup"]
    for kind, name in (("forbidden", "declines"), ("facts", "right"), ("facts", "alone")):
        assert ask_all(tuned, kind, asked, sampling=GREEDY, seed=0).share(name).value >= 0.8


def test_a_space_at_the_end_spoils_a_frame() -> None:
    good = "User: {question}\nAssistant:"
    assert share_right(good, "facts").value >= 0.9
    assert share_right(f"{good} ", "facts").value <= 0.2


def test_the_prelude_is_the_courses_own() -> None:
    assert framed(FRAMINGS["prelude"], "What is 2+2?") == prelude_prompt("What is 2+2?")


def test_a_question_with_braces_or_the_mark_itself_is_framed_as_it_stands() -> None:
    assert framed("Q: {question}\nA:", "{0} {x} %s") == "Q: {0} {x} %s\nA:"


@pytest.mark.parametrize("seed", SEEDS)
def test_sets_are_as_large_as_they_say_and_examples_do_not_give_answers_away(seed: int) -> None:
    for name, kind in KINDS.items():
        tasks = kind(seed)
        assert len(tasks) == QUESTIONS
        assert all(task.question not in FRAMINGS["two examples"] for task in tasks), name
        if name == "how-to":
            assert all(task.answer not in FRAMINGS["two examples"] for task in tasks)
    assert KINDS["facts"](seed) != KINDS["facts"](seed + 1)


def test_nobody_has_read_of_the_strangers() -> None:
    pages = " ".join(page.text for page in internet(VILLAGE, 2_000, 1))
    assert not [name for name in STRANGERS if name in pages]


def test_what_is_pooled_is_all_of_an_arm() -> None:
    one, two = found("prelude", "facts"), found("prelude", "forbidden")
    both = pooled([one, two, Found("other", "facts", one.said)], "prelude")
    assert len(both.said) == 2 * QUESTIONS
    assert both.share("right").value == pytest.approx((one.share("right").value + two.share("right").value) / 2)


def test_a_run_writes_first_and_fills_in_kind_by_kind() -> None:
    items = list(run_lab("framing", {}))
    assert isinstance(items[0], Moving) and isinstance(items[0].content, Columns)
    charts = [item.content for item in items if isinstance(item, Moving) and item.name == "kinds"]
    assert all(isinstance(chart, Chart) for chart in charts)
    assert [len(chart.table.rows) for chart in charts if isinstance(chart, Chart)] == [3, 6, 9, 12, 15]
    table = items[-1]
    assert isinstance(table, Table) and len(table.rows) == 3 * (len(KINDS) + 1)


def test_without_a_frame_there_are_two_arms_and_no_third() -> None:
    assert list(arms(NONE, "", "chat")) == ["base, no frame", "chat, in markup"]
    assert list(run_lab("framing", {"framing": NONE}))


def test_first_lines_are_drawn_and_seeded() -> None:
    drawn = first_lines(FRAMINGS["Q and A"], "What does Mira eat?", num_samples=8, seed=1)
    assert drawn == first_lines(FRAMINGS["Q and A"], "What does Mira eat?", num_samples=8, seed=1)
    assert len(set(drawn)) > 1


@pytest.mark.parametrize("control", [c for c in LAB.controls if isinstance(c, Slider | Number)], ids=lambda c: c.name)
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_every_control_can_go_to_its_ends(control: Slider | Number, end: str) -> None:
    assert isinstance(list(run_lab("framing", {control.name: getattr(control, end)}))[-1], Table)


SUGGESTED = next(box.suggestions for box in LAB.controls if isinstance(box, Text) and box.name == "own")


@pytest.mark.parametrize("own", SUGGESTED)
def test_every_suggested_framing_runs(own: str) -> None:
    assert list(run_lab("framing", {"framing": OWN, "own": own}))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"question": ""}, "question"),
        ({"question": " \n"}, "question"),
        ({"question": "\ud800?"}, "question"),
        ({"question": "🎉" * 60}, "question"),
        ({"question": "x" * 10_000}, "question"),
        ({"framing": OWN, "own": "no place for it"}, "own"),
        ({"framing": OWN, "own": ""}, "own"),
        ({"framing": OWN, "own": f"{'🎉' * 60} {PLACE}"}, "own"),
        ({"framing": OWN, "own": f"\ud800 {PLACE}"}, "own"),
    ],
)
def test_bad_texts_are_refused_by_their_controls_name(values: dict[str, object], name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        list(run_lab("framing", values))


def test_an_own_framing_that_is_not_in_use_may_be_anything() -> None:
    assert template_of("prelude", "nothing") == FRAMINGS["prelude"]


def test_the_record_is_of_this_sweep_and_one_point_repeats() -> None:
    kept = recorded("framing")
    assert kept.arms == [dict(arm) for arm in SWEEP.arms]
    arm = {"model": "base", "framing": "prelude"}
    again = measure(arm, 0)
    for kind in KINDS:
        for name in MEASURES:
            (first, *_) = kept.by_seed(arm, named(kind, name))
            assert again[named(kind, name)] == pytest.approx(first, abs=0.1), "another kernel may round a draw away"


def test_in_the_record_nobody_admits_not_to_know_and_some_decline() -> None:
    kept = recorded("framing")
    admits, declines = (
        [kept.interval(arm, named("unknown person", name), share=True).mean for arm in kept.arms]
        for name in ("right", "declines")
    )
    assert max(admits) == 0
    assert max(declines) >= 0.1, "to decline is another thing"


@pytest.mark.parametrize("frame", ["Q: {q}\\nA:", "User: {q}\\nAssistant:", "A talk.\\nUser: {q}\\nAssistant:"])
def test_the_exercise_takes_every_frame_that_works(frame: str) -> None:
    verdict = judge(EXERCISE, names_of(f"def frame(q):\n    return f'{frame}'\n"))
    assert verdict.passed, verdict.text()


@pytest.mark.parametrize("body", ["q * 60", "'\\ud800' + q", "'Where does Mira live?'", "[q]"])
def test_the_exercise_says_what_is_wrong_with_odd_frames(body: str) -> None:
    verdict = judge(EXERCISE, names_of(f"def frame(q):\n    return {body}\n"))
    assert not verdict.passed and verdict.recognized is None
