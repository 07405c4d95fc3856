"""Which tasks may begin, as tasks begin and end."""

from typing import Any

from awe.domain.plan.model import Plan
from awe.domain.scheduling.frontier import Candidate, Frontier
from awe.domain.scheduling.outputs import Output

DONE = Output(1)


def frontier(**deps: list[str]) -> Frontier:
    return Frontier(
        Plan.model_validate({"name": "p", "tasks": [_task(name, before) for name, before in deps.items()]})
    )


def _task(name: str, before: list[str]) -> dict[str, Any]:
    task: dict[str, Any] = {"id": name, "deps": before, "tool_requests": [{"tool": "t"}]}
    if name == "each":
        task["for_each"] = {"items": {"$from": before[0]}, "max_items": 10}
    return task


def taken(front: Frontier, most: int = 100) -> list[Candidate]:
    found: list[Candidate] = []
    while (candidate := front.take(most)) is not None:
        found.append(candidate)
    return found


def test_what_depends_on_nothing_may_begin_at_once_and_once() -> None:
    front = frontier(a=[], b=[], c=["a", "b"])
    assert taken(front) == [Candidate(0), Candidate(1)]
    front.end(Candidate(0), DONE)
    assert taken(front) == []
    front.end(Candidate(1), None)
    assert taken(front) == [Candidate(2)]
    assert not front.finished
    assert front.end(Candidate(2), DONE)
    assert front.finished


def test_what_was_withdrawn_may_be_taken_again() -> None:
    front = frontier(a=[], b=["a"])
    assert front.take(1) == Candidate(0)
    front.withdraw(Candidate(0))
    front.withdraw(Candidate(0))
    assert taken(front) == [Candidate(0)]
    front.end(Candidate(0), DONE)
    front.withdraw(Candidate(0))
    assert taken(front) == [Candidate(1)]


def test_what_the_log_says_has_begun_is_not_taken() -> None:
    front = frontier(a=[], b=[])
    front.begin(Candidate(0))
    assert taken(front) == [Candidate(1)]


def test_what_ended_before_it_was_taken_is_passed_over() -> None:
    front = frontier(a=[], b=[])
    front.end(Candidate(0), None)
    assert not front.end(Candidate(0), DONE)
    assert taken(front) == [Candidate(1)]


def test_i13_items_are_taken_in_waves() -> None:
    front = frontier(list=[], each=["list"], end=["each"])
    assert taken(front) == [Candidate(0)]
    front.end(Candidate(0), DONE)
    assert front.take(2) == Candidate(1)
    front.list_items(1, ["x", "y", "z"])
    assert taken(front, most=2) == [Candidate(1, 0), Candidate(1, 1)]
    assert not front.end(Candidate(1, 1), DONE)
    assert taken(front, most=2) == [Candidate(1, 2)]
    front.withdraw(Candidate(1, 2))
    assert taken(front, most=2) == [Candidate(1, 2)]
    front.end(Candidate(1, 0), None)
    assert front.end(Candidate(1, 2), DONE)
    assert taken(front) == [Candidate(2)]
    assert front.fans[1].in_order() == [DONE, DONE]


def test_i13_items_that_began_before_they_were_listed_are_not_begun_again() -> None:
    front = frontier(list=[], each=["list"])
    front.end(Candidate(0), DONE)
    front.begin(Candidate(1, 0))
    front.end(Candidate(1, 1), DONE)
    assert front.take(10) == Candidate(1)
    front.list_items(1, ["x", "y", "z"])
    assert taken(front) == [Candidate(1, 2)]


def test_no_items_end_the_task_at_once() -> None:
    front = frontier(list=[], each=["list"], end=["each"])
    front.end(Candidate(0), DONE)
    front.take(1)
    front.list_items(1, [])
    assert taken(front) == [Candidate(2)]


def test_an_item_of_a_task_that_has_none_says_nothing() -> None:
    front = frontier(a=[])
    front.begin(Candidate(0, 3))
    assert front.end(Candidate(0, 3), DONE)
