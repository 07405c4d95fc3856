"""What becomes of a task whose turn has come."""

from typing import Any

import pytest

from awe.domain.events import Json
from awe.domain.identifiers import RunId
from awe.domain.plan.model import Plan
from awe.domain.scheduling.frontier import Candidate, Frontier
from awe.domain.scheduling.outputs import BlobsNeeded, Output
from awe.domain.scheduling.preparation import (
    Begin,
    GiveUp,
    Judge,
    Listed,
    Preparation,
    Prepared,
    Skip,
    Subject,
)
from awe.domain.task.work import Check, Control

PIN = "ab" * 32


def preparation(*tasks: dict[str, Any], deadline_ms: int | None = None, **more: Any) -> Preparation:
    plan = Plan.model_validate(
        {"name": "p", "tasks": [{"tool_requests": [{"tool": "t"}], **task} for task in tasks], **more}
    )
    subject = Subject(RunId("r"), "a goal", {"limit": 3}, {"t": PIN}, deadline_ms)
    return Preparation(subject, Frontier(plan))


def prepare(prepared: Preparation, task: int, item: int | None = None) -> Prepared:
    return prepared.prepare(Candidate(task, item), since_ms=1_000, control=Control(2, "w"))


def test_work_says_what_it_needs_and_no_more() -> None:
    prepared = preparation({"id": "a"})
    came_to = prepare(prepared, 0)
    assert isinstance(came_to, Begin)
    assert came_to.work.document() == {"requests": [["t", PIN, {}]], "control": [2, "w"]}


def test_criteria_see_what_they_mention() -> None:
    criteria = [
        {"id": "c", "source": "output.total <= inputs.limit"},
        {"id": "d", "source": "run.id == output.run && task.item == 1"},
    ]
    prepared = preparation(
        {"id": "a", "title": "A", "acceptance_criteria": criteria, "output_schema": {"type": "object"}}
    )
    came_to = prepare(prepared, 0)
    assert isinstance(came_to, Begin)
    assert came_to.work.criteria == tuple(Check(each["id"], each["source"]) for each in criteria)
    assert came_to.work.seen == {
        "inputs": {"limit": 3},
        "run": {"id": "r", "goal": "a goal"},
        "task": {"id": "a", "title": "A", "item": None},
    }
    assert came_to.work.output_schema == {"type": "object"}


@pytest.mark.parametrize(
    ("run", "own", "least"), [(None, 500, 1_500), (1_200, 500, 1_200), (9_000, None, 9_000)]
)
def test_the_earlier_deadline_counts(run: int | None, own: int | None, least: int) -> None:
    came_to = prepare(preparation({"id": "a", "deadline_ms": own}, deadline_ms=run), 0)
    assert isinstance(came_to, Begin)
    assert came_to.work.deadline_ms == least


def test_a_condition_sees_what_came_before_and_left_something() -> None:
    prepared = preparation(
        {"id": "a"},
        {"id": "b"},
        {
            "id": "c",
            "deps": ["a", "b"],
            "when": "has(tasks.a.x) && !has(tasks.b) && tasks.nobody == 1 && tasks != 1",
        },
    )
    prepared.ended(Candidate(0), Output({"x": 1}))
    prepared.ended(Candidate(1), None)
    came_to = prepare(prepared, 2)
    assert isinstance(came_to, Judge)
    assert came_to.values == {
        "inputs": {"limit": 3},
        "run": {"id": "r", "goal": "a goal"},
        "tasks": {"a": {"x": 1}},
    }
    prepared.verdicts[2] = False
    assert prepare(prepared, 2) == Skip("its condition is false")
    prepared.verdicts[2] = True
    assert isinstance(prepare(prepared, 2), Begin)


def _bound(name: str, source: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "deps": [source],
        "tool_requests": [{"tool": "t", "arguments": {"x": {"$from": source, "path": "/x"}}}],
        **more,
    }


def test_what_has_no_value_is_given_up_and_what_has_no_source_is_skipped() -> None:
    prepared = preparation({"id": "a"}, _bound("b", "a"), _bound("c", "a"))
    prepared.ended(Candidate(0), Output({}))
    assert isinstance(prepare(prepared, 1), GiveUp)
    nothing = preparation({"id": "a"}, _bound("b", "a"))
    nothing.ended(Candidate(0), None)
    assert prepare(nothing, 1) == Skip("'a' left no output")


def test_values_in_blobs_are_asked_for_and_forgotten_when_nobody_uses_them() -> None:
    prepared = preparation({"id": "a"}, _bound("b", "a"))
    prepared.ended(Candidate(0), Output(blob="d1"))
    with pytest.raises(BlobsNeeded) as needed:
        prepare(prepared, 1)
    assert needed.value.digests == {"d1"}
    prepared.loaded["d1"] = {"x": 5}
    came_to = prepare(prepared, 1)
    assert isinstance(came_to, Begin)
    assert came_to.work.requests[0].arguments == {"x": 5}
    prepared.ended(Candidate(1), Output(1))
    assert (prepared.loaded, prepared.outputs) == ({}, {})


def test_what_only_a_condition_or_the_run_uses_is_kept_for_them() -> None:
    prepared = preparation(
        {"id": "a"},
        {"id": "b", "order_only": ["a"], "when": "tasks.a.x > 1"},
        outputs={"end": {"$from": "b"}},
    )
    prepared.ended(Candidate(0), Output({"x": 1}))
    assert 0 in prepared.outputs
    prepared.ended(Candidate(1), Output("done"))
    assert prepared.outputs == {1: Output("done")}
    assert prepared.run_outputs() == {"end": "done"}


def test_the_items_of_a_task_are_its_output_and_are_forgotten_like_one() -> None:
    each = {
        "id": "each",
        "deps": ["list"],
        "for_each": {"items": {"$from": "list"}},
        "tool_requests": [{"tool": "t", "arguments": {"x": {"$from": "item"}}}],
    }
    prepared = preparation({"id": "list"}, each, _bound("end", "each"))
    prepared.ended(Candidate(0), Output(["u", "v"]))
    assert prepare(prepared, 1) == Listed(2)
    came_to = prepare(prepared, 1, 1)
    assert isinstance(came_to, Begin)
    assert came_to.work.requests[0].arguments == {"x": "v"}
    prepared.ended(Candidate(1, 0), Output({"y": 1}))
    prepared.ended(Candidate(1, 1), Output(blob="d"))
    with pytest.raises(BlobsNeeded):
        prepare(prepared, 2)
    prepared.loaded["d"] = 2
    assert isinstance(prepare(prepared, 2), GiveUp)
    prepared.ended(Candidate(2), Output(1))
    assert prepared.frontier.fans[1].outputs == {}
    assert prepared.loaded == {}


def test_items_that_are_none_or_too_many() -> None:
    each: dict[str, Any] = {"id": "each", "for_each": {"items": {"$from": "inputs", "path": "/limit"}}}
    assert prepare(preparation(each), 0) == GiveUp("invalid_input", "what it is done for each of is no array")  # type: ignore[arg-type]  # an enum of text


def test_an_empty_list_releases_what_it_was_made_of() -> None:
    each = {"id": "each", "deps": ["list"], "for_each": {"items": {"$from": "list"}}}
    prepared = preparation({"id": "list"}, each)
    prepared.ended(Candidate(0), Output([]))
    assert prepare(prepared, 1) == Listed(0)
    assert prepared.outputs == {}
    assert prepared.frontier.finished


def test_outputs_of_the_run_that_have_no_value_say_so() -> None:
    prepared = preparation({"id": "a"}, outputs={"x": {"$from": "a", "path": "/x"}, "i": {"$from": "inputs"}})
    prepared.ended(Candidate(0), Output({}))
    assert prepared.run_outputs() == "output 'x' has no value: 'a' has nothing at '/x'"


def test_the_places_of_bindings_to_earlier_requests_are_named_and_data_is_data() -> None:
    lookalike: Json = {"$from": "requests/0"}
    two = [
        {"tool": "t"},
        {
            "tool": "t",
            "arguments": {"x": [{"$from": "requests/0"}], "y": {"$from": "inputs", "path": "/odd"}},
        },
    ]
    prepared = preparation({"id": "a", "tool_requests": two})
    prepared.subject.inputs = {"odd": lookalike}
    came_to = prepare(prepared, 0)
    assert isinstance(came_to, Begin)
    assert came_to.work.requests[1].arguments == {"x": [lookalike], "y": lookalike}
    assert came_to.work.requests[1].earlier == (("x", 0),)
