from collections.abc import Sequence
from operator import add

import pytest

from awe.domain.fold import fold


@pytest.mark.parametrize(("events", "state"), [((), "a"), (("b",), "ab"), (("b", "c"), "abc")])
def test_a_state_is_its_initial_value_and_then_each_event_in_turn(events: Sequence[str], state: str) -> None:
    assert fold("a", add, events) == state
