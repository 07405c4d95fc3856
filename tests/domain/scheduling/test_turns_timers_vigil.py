from awe.domain.identifiers import RunId
from awe.domain.scheduling.fairness import Turns
from awe.domain.scheduling.timers import Timers
from awe.domain.scheduling.vigil import Vigil

A, B, C = RunId("a"), RunId("b"), RunId("c")


def test_i17_runs_of_one_priority_take_turns() -> None:
    turns = Turns()
    for run in (A, B, A):
        turns.join(run, "default", 0)
    assert [turns.next("default") for _ in range(4)] == [A, B, A, B]


def test_i17_a_higher_priority_comes_first_until_it_leaves() -> None:
    turns = Turns()
    turns.join(A, "default", 0)
    turns.join(C, "default", 5)
    assert [turns.next("default") for _ in range(2)] == [C, C]
    turns.leave(C, "default", 5)
    assert turns.next("default") == A
    turns.leave(A, "default", 0)
    assert turns.next("default") is None


def test_who_does_not_wait_may_leave_and_a_level_lasts_as_long_as_somebody_waits_there() -> None:
    turns = Turns()
    turns.leave(A, "default", 0)
    turns.join(A, "default", 0)
    turns.join(B, "default", 0)
    turns.leave(A, "default", 0)
    assert turns.queues == ["default"]
    turns.leave(B, "default", 0)
    assert turns.queues == []
    assert turns.next("other") is None


def test_timers_are_taken_once_when_they_are_due() -> None:
    timers = Timers()
    assert timers.next_ms is None
    for due_ms, run in ((30, A), (10, B), (10, B), (20, C)):
        timers.wake_at(due_ms, run)
    assert timers.next_ms == 10
    assert timers.due(20) == {B, C}
    assert timers.due(20) == set()
    assert timers.next_ms == 30


def test_i15_who_just_came_waits_a_lease() -> None:
    vigil = Vigil(30.0)
    assert not vigil.may_declare(0.0)
    vigil.watch(0.0, 1)
    assert not vigil.may_declare(29.0)
    assert vigil.may_declare(30.0)


def test_i15_a_new_epoch_a_gap_and_an_interruption_each_make_it_wait_again() -> None:
    vigil = Vigil(30.0, epoch=1)
    for second in range(0, 100, 10):
        vigil.watch(float(second), 1)
    assert vigil.may_declare(90.0)
    vigil.watch(100.0, 2)
    assert not vigil.may_declare(129.0)
    vigil.interrupted()
    assert not vigil.may_declare(200.0)
    for second in range(200, 300, 10):
        vigil.watch(float(second), 2)
    assert vigil.may_declare(300.0)
    vigil.watch(320.0, 2)
    assert not vigil.may_declare(320.0)


def test_i15_it_waits_at_most_twice_in_a_row_without_a_new_epoch() -> None:
    vigil = Vigil(30.0)
    vigil.watch(0.0, 1)
    vigil.watch(29.0, 1)
    vigil.watch(58.0, 1)
    assert vigil.may_declare(59.0)
    vigil.watch(59.0, 2)
    assert not vigil.may_declare(80.0)
