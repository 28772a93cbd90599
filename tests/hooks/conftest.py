"""What the tests of the build steps share: a way to see why a build stops."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

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
