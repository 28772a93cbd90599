"""The tools: each does what its line says, has words for what it cannot do, and all of them fit into the context."""

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.tools import ToolCall, check_call
from labs.core.world.calculator import CALCULATOR, calculate
from labs.core.world.tools import (
    FUNCTIONS,
    MOST_CHARACTERS,
    SYMBOLS,
    TOOLS,
    UNITS,
    convert,
    glossary,
    make_functions,
    shortened,
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


def test_every_tool_is_offered_and_carried_out_by_its_name() -> None:
    assert list(TOOLS) == list(FUNCTIONS) == ["calculator", "convert", "clock", "glossary"]
    assert all(tool.name == name for name, tool in TOOLS.items())
    assert TOOLS["calculator"] == CALCULATOR
    assert FUNCTIONS["calculator"] is calculate


def test_all_tools_together_cost_less_than_sixty_tokens() -> None:
    lines = "".join(f"{tool.signature}: {tool.description}\n" for tool in TOOLS.values())
    assert len(load_checkpoint("base").tokenizer.encode(lines)) < 60


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("3 km in m", "3000 m"),
        ("3 kilometres in metres", "3000 m"),
        ("1 kilometer to cm", "100000 cm"),
        ("2.5 kg in g", "2500 g"),
        ("250 g in kg", "0.25 kg"),
        ("90 min in h", "1.5 h"),
        ("2 hours in seconds", "7200 s"),
        ("0.1 l in ml", "100 ml"),
        ("5 mm in km", "0.000005 km"),
        ("0 m in cm", "0 cm"),
        ("10 km in km", "10 km"),
        ("100 s in min", "about 1.667 min"),
        ("1 s in h", "about 0 h"),
        ("999999999 h in s", "3599999996400 s"),
    ],
)
def test_amounts_are_converted_exactly_or_said_to_be_rounded(expression: str, result: str) -> None:
    assert convert(expression) == result


@unhurried
@given(st.integers(0, 10**6), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)))
def test_an_exact_result_is_the_same_quantity(amount: int, unit: str, to: str) -> None:
    if UNITS[unit][0] != UNITS[to][0]:
        with pytest.raises(ValueError, match=f"expected two units of {UNITS[unit][0]}"):
            convert(f"{amount} {unit} in {to}")
        return
    said, named = convert(f"{amount} {unit} in {to}").removeprefix("about ").split(" ")
    exact = amount * UNITS[unit][1] / UNITS[to][1]
    assert named == to
    assert abs(Fraction(said) - exact) <= Fraction(1, 2000)


def test_every_unit_is_known_by_all_of_its_names() -> None:
    assert set(SYMBOLS.values()) == set(UNITS)
    assert SYMBOLS["litres"] == SYMBOLS["liters"] == "l"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "an amount, its unit and the other unit, such as 3 km in m, got ''"),
        ("three km in m", "write the amount in digits"),
        ("3 km", "such as 3 km in m"),
        ("-3 km in m", "such as 3 km in m"),
        ("1" * 10 + " km in m", "such as 3 km in m"),
        ("٣ km in m", "such as 3 km in m"),
        ("3 miles in m", "units of mm, cm, m, km, g, kg, s, min, h, ml, l, got 'miles'"),
        ("3 km in kg", "two units of length, got km and kg; kg is a unit of mass"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_what_came(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^expression: expected") as refused:
        convert(expression)
    assert words in str(refused.value)


def test_long_expressions_are_not_repeated_in_full() -> None:
    for expression in ("x" * 10_000, f"3 {'y' * 10_000} in m"):
        with pytest.raises(ValueError, match="got") as refused:
            convert(expression)
        assert len(str(refused.value)) < 250


def test_the_clock_looks_where_it_is_told() -> None:
    clock = make_functions(lambda: datetime(2026, 3, 1, 4, 5, 59))["clock"]
    assert clock() == "04:05"


def test_the_glossary_gives_an_entrys_first_sentence_cut_to_length() -> None:
    entry = glossary(" special token")
    assert entry == glossary("special token")
    assert entry.startswith("A token")
    assert len(entry) <= MOST_CHARACTERS


def test_a_term_that_it_lacks_is_refused_in_few_words() -> None:
    with pytest.raises(ValueError, match="no entry for 'mokadi'"):
        glossary(" mokadi ")
    with pytest.raises(ValueError, match="no entry") as refused:
        glossary("x" * 10_000)
    assert len(str(refused.value)) < 40


@pytest.mark.parametrize(
    ("text", "characters", "short"),
    [
        ("A short one.", 12, "A short one."),
        ("A short one.", 11, "A short…"),
        ("A short, one.", 9, "A short…"),
        ("A short one.", 8, "A short…"),
        ("unbreakable", 6, "unbre…"),
        ("word", 1, "…"),
    ],
)
def test_a_text_is_cut_after_a_whole_word(text: str, characters: int, short: str) -> None:
    assert shortened(text, characters) == short


@unhurried
@given(st.text(max_size=60), st.integers(1, 70))
def test_what_is_cut_is_never_too_long(text: str, characters: int) -> None:
    assert len(shortened(text, characters)) <= max(characters, 1)


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("calculator", {"expression": "37+45"}),
        ToolCall("convert", {"expression": "3 km in m"}),
        ToolCall("clock", {}),
        ToolCall("glossary", {"term": " SFT"}),
    ],
)
def test_a_call_as_the_model_writes_it_can_be_carried_out(call: ToolCall) -> None:
    assert check_call(call, list(TOOLS.values())) == TOOLS[call.name]
    assert FUNCTIONS[call.name](**call.arguments)
