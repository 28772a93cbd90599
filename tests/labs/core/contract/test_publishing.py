"""Publishing: Jupyter's protocol, and the three places that output can go to."""

import base64
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from labs.core import contract
from labs.core.contract import Progress, Table, display, mimebundle, publish, publishing_to, show
from labs.core.contract.publishing import Bundle


class Rich:
    def _repr_html_(self) -> tuple[str, dict[str, object]]:
        return "<b>x</b>", {"isolated": True}

    def _repr_svg_(self) -> str:
        return "<svg/>"

    def _repr_png_(self) -> bytes:
        return b"\x89PNG"

    def _repr_markdown_(self) -> None:
        return None

    def __repr__(self) -> str:
        return "Rich()"


class Raising:
    def _repr_html_(self) -> str:
        raise RuntimeError("no page today")

    def __repr__(self) -> str:
        return "Raising()"


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[Bundle, str | None, bool]] = []

    def __call__(self, data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
        self.calls.append((data, display_id, update))


def test_every_form_that_an_object_offers_is_in_its_bundle() -> None:
    data, metadata = mimebundle(Rich())
    assert data == {
        "text/html": "<b>x</b>",
        "image/svg+xml": "<svg/>",
        "image/png": base64.b64encode(b"\x89PNG").decode(),
        "text/plain": "Rich()",
    }
    assert metadata == {"text/html": {"isolated": True}}


def test_a_mimebundle_goes_before_the_single_forms() -> None:
    class Both(Rich):
        def _repr_mimebundle_(self, include: object, exclude: object) -> dict[str, object]:
            return {"text/html": "mine"}

    data, _ = mimebundle(Both())
    assert data["text/html"] == "mine" and data["image/svg+xml"] == "<svg/>"


def test_a_repr_that_raises_leaves_the_plain_one_and_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert mimebundle(Raising()) == ({"text/plain": "Raising()"}, {})
    assert capsys.readouterr().err == "Raising._repr_html_ raised RuntimeError: no page today\n"


def test_even_a_plain_repr_may_raise(capsys: pytest.CaptureFixture[str]) -> None:
    assert mimebundle(Unprintable())[0]["text/plain"] == "<Unprintable object, its repr failed>"
    assert "Unprintable.__repr__ raised RuntimeError" in capsys.readouterr().err


def test_a_class_is_shown_as_a_class_and_not_as_its_objects() -> None:
    assert list(mimebundle(Rich)[0]) == ["text/plain"]


def test_an_object_that_answers_to_every_name_promises_nothing() -> None:
    class Anything:
        def __getattr__(self, name: str) -> object:
            return lambda *args, **kwargs: "made up"

    assert list(mimebundle(Anything())[0]) == ["text/plain"]


def test_neighbouring_progress_shares_one_bar() -> None:
    record = Recorder()
    steps = [Progress(n, 2, "Steps") for n in range(3)]
    with publishing_to(record):
        show([*steps, Table(["a"], [[1]]), *steps[:2]])
    ids = [display_id for _, display_id, _ in record.calls]
    assert [update for *_, update in record.calls] == [False, True, True, False, False, True]
    assert ids[0] == ids[1] == ids[2] and ids[3] is None and ids[4] == ids[5]
    assert ids[0] and ids[4] and ids[0] != ids[4]


def test_the_publisher_ends_with_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    outer, inner = Recorder(), Recorder()
    with publishing_to(outer):
        with pytest.raises(KeyError), publishing_to(inner):
            display(1)
            raise KeyError
        display(2)
    display(3)
    assert [data["text/plain"] for data, *_ in inner.calls] == ["1"]
    assert [data["text/plain"] for data, *_ in outer.calls] == ["2"]
    assert capsys.readouterr().out == "3\n"


def test_on_a_terminal_an_update_prints_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    publish({"text/plain": "now"}, display_id="a")
    publish({"text/plain": "later"}, display_id="a", update=True)
    assert capsys.readouterr().out == "now\n"


@pytest.fixture
def ipython(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """An IPython that records what it is asked to publish."""
    published: list[dict[str, Any]] = []
    shell = SimpleNamespace(display_pub=SimpleNamespace(publish=lambda **call: published.append(call)))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    yield published


def test_under_ipython_its_own_publisher_shows(ipython: list[dict[str, Any]]) -> None:
    publish({"text/plain": "x"}, {"text/plain": {"a": 1}}, display_id="i", update=True)
    assert ipython == [
        {
            "data": {"text/plain": "x"},
            "metadata": {"text/plain": {"a": 1}},
            "transient": {"display_id": "i"},
            "update": True,
        }
    ]


def test_a_publisher_goes_before_ipython(ipython: list[dict[str, Any]]) -> None:
    with publishing_to(Recorder()):
        display(1)
    assert ipython == []


def test_nothing_to_publish_and_an_update_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one MIME type, got none"):
        publish({})
    with pytest.raises(ValueError, match="display_id of an earlier display, got None"):
        publish({"text/plain": "x"}, update=True)


def test_the_contract_offers_every_name_that_it_lists_and_no_other() -> None:
    for name in contract.__all__:
        assert getattr(contract, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Tabel'"):
        contract.__getattr__("Tabel")
