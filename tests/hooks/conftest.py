"""What the tests of the build steps share: ways to see why a build stops, and what programs it starts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType

import pytest

from overrides.hooks import common
from overrides.hooks.common import BuildStop

Stops = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def stops() -> Stops:
    """Checks that the build stops with every one of these parts in its message, and where and how to fix."""

    @contextmanager
    def check(*parts: str) -> Iterator[None]:
        with pytest.raises(BuildStop) as caught:
            yield
        message = str(caught.value)
        assert [part for part in (*parts, "\n  where: ", "\n  fix:   ") if part not in message] == [], message

    return check


def runs_of(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a build step starts programs for, in order, from now on."""
    made: list[str] = []

    def run(command: list[str], what: str, fix: str) -> str:
        made.append(what)
        return common.run(command, what, fix)

    monkeypatch.setattr(hook, "run", run)
    return made
