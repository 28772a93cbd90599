"""Displays that change while a lab runs: each keeps its place, and ends with its last state."""

from typing import Any

import pytest

from labs.core.contract import Moving, Progress, Table, publishing_to, show


def shown(*items: object) -> list[tuple[str | None, bool, str]]:
    """What is published of the items: display id, whether it is an update, the text."""
    published: list[tuple[str | None, bool, str]] = []

    def publisher(data: dict[str, Any], metadata: dict[str, Any], display_id: str | None, update: bool) -> None:
        published.append((display_id, update, data["text/plain"]))

    with publishing_to(publisher):
        show(items)
    return published


def test_a_later_state_takes_the_place_of_the_one_before() -> None:
    first, other, second = shown(
        Moving("loss", Table(["a"], [[1]])), Moving("words", "hi"), Moving("loss", Table(["a"], [[2]]))
    )
    assert first[0] == second[0] != other[0]
    assert [update for _, update, _ in (first, other, second)] == [False, False, True]
    assert (first[2].split()[-1], second[2].split()[-1]) == ("1", "2")


def test_two_runs_never_share_a_place() -> None:
    (one,), (other,) = shown(Moving("loss", 1)), shown(Moving("loss", 2))
    assert one[0] != other[0] and not other[1]


def test_a_moving_display_between_two_steps_leaves_their_bar_where_it_is() -> None:
    bar, _, same, _, after = shown(
        Progress(1, 3, "Steps"), Moving("loss", 1), Progress(2, 3, "Steps"), "a table", Progress(3, 3, "Steps")
    )
    assert bar[0] == same[0] != after[0]
    assert (bar[1], same[1], after[1]) == (False, True, False)


@pytest.mark.parametrize(("name", "content", "words"), [(" ", 1, "got none"), ("loss", Moving("a", 1), "Moving")])
def test_a_place_without_a_name_and_a_moving_in_a_moving_are_refused(name: str, content: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Moving(name, content)
