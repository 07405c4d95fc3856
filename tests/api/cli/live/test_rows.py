"""The table of a run: every step has its row, the liveliest are kept where there is no room for all."""

import pytest

from awe.api.cli.live.rows import Row, rows
from awe.api.cli.live.words import duration
from awe.domain.failures import FailureClass
from awe.domain.run.events import CancelRequested, RunCancelled
from awe.domain.task.events import TaskDeadLettered, TaskSkipped, TaskSucceeded
from support.run_entries import planned, view
from support.task_events import claimed, ready, retry

DONE = TaskSucceeded(attempt=1)
CHAIN = planned({"id": "a"}, {"id": "b", "deps": ["a"]}, {"id": "c"})


def cells(row: Row) -> tuple[str, str, str, str, str]:
    return (row.state, row.task, row.time, row.tries, row.note)


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (-5, "0.0s"),
        (420, "0.4s"),
        (99_940, "99.9s"),
        (99_960, "1m39s"),
        (245_000, "4m05s"),
        (3_599_999, "59m59s"),
        (11_220_000, "3h07m"),
        (187_200_000, "2d04h"),
    ],
)
def test_durations_are_short(ms: int, told: str) -> None:
    assert duration(ms) == told


def test_every_step_has_a_row_and_what_depends_is_indented() -> None:
    told, left_out = rows(view(*CHAIN, ("a", ready()), ("a", claimed())), 7500)
    assert [cells(row) for row in told] == [
        ("running", "a", "2.5s", "1", ""),
        ("pending", "  b", "", "", ""),
        ("pending", "c", "", "", ""),
    ]
    assert left_out == ""


def test_a_retry_says_when_and_why() -> None:
    (row, *_), _ = rows(view(*CHAIN, ("a", ready()), ("a", claimed()), ("a", retry())), 6500)
    assert cells(row) == ("retrying", "a", "1.5s", "1", "again in 0.5s; worker_lost: again")


def test_ends_say_why() -> None:
    failed = TaskDeadLettered(
        attempt=1, failure=FailureClass.AUTH, rule="r", cause="key\nrefused", attempts=1
    )
    told, _ = rows(
        view(*CHAIN, ("a", ready()), ("a", claimed()), ("a", failed), ("c", TaskSkipped(reason="not asked"))),
        9000,
    )
    assert [cells(row) for row in told] == [
        ("failed", "a", "1.0s", "1", "auth: key refused"),
        ("pending", "  b", "", "", ""),
        ("skipped", "c", "", "", "not asked"),
    ]


def test_what_never_began_when_the_run_ended_never_will() -> None:
    told, _ = rows(view(*CHAIN, ("run", CancelRequested()), ("run", RunCancelled())), 9000)
    assert {row.state for row in told} == {"not run"}


def test_items_are_counted_in_one_row() -> None:
    each = planned({"id": "e", "for_each": {"items": {"$from": "inputs", "path": "/x"}, "max_items": 9}})
    (row,), _ = rows(
        view(*each, ("e[0]", ready()), ("e[0]", claimed()), ("e[0]", DONE), ("e[1]", ready())), 9000
    )
    assert cells(row) == ("queued", "e", "4.0s", "1", "1/2 done, 1 queued")


def test_the_liveliest_are_kept_in_the_order_of_the_plan() -> None:
    wide = planned(*({"id": f"t{number}"} for number in range(40)))
    begun = [("t30", ready()), ("t30", claimed()), ("t5", ready()), ("t5", claimed()), ("t5", DONE)]
    told, left_out = rows(view(*wide, *begun), 9000, at_most=3)
    assert [row.task for row in told] == ["t0", "t5", "t30"]
    assert left_out == "not shown: 37 pending"
