"""Given events, then rows: what a projection's own tests are written with."""

import pytest

from awe.domain.run.events import GoalSubmitted, RunCancelled
from awe.projections.trial import RUN, given, rows
from support.rebuilds import Goals

GOAL = GoalSubmitted(tenant="t", goal="g", inputs={})


def test_events_become_rows() -> None:
    told = [*given(GOAL, RunCancelled()), *given(GOAL, run="r-00-b", first=3)]
    assert [(each.n, each.run, each.time_ms) for each in told] == [
        (1, RUN, 1_000),
        (2, RUN, 2_000),
        (3, "r-00-b", 3_000),
    ]
    assert rows(Goals(), told) == [{"goal": "g", "count": 2}]


def test_what_would_be_parked_fails_the_test() -> None:
    with pytest.raises(
        ValueError, match=rf"{RUN} is parked from event 1 on: RuntimeError: cannot count event 1"
    ):
        rows(Goals(), given(GoalSubmitted(tenant="t", goal="poison", inputs={})))
