"""What somebody is told of a goal before anything is appended: a plan, or where it is wrong and what to do."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785

from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.blobs import BlobMissing
from awe.commands.planning.planner import PlanningRequest, Proposal
from awe.commands.planning.preview import preview
from awe.domain.plan.lint.findings import Severity
from support.catalogue import CATALOGUE
from support.planning import EXPRESSIONS, found, planners, previewed
from support.plans import INPUTS, plan
from support.playbooks import SCHEMAS, SUMMARY, playbook

GIVEN: dict[str, Any] = {"repo": ".", "limit": 5, "titles": [], "careful": True}
BY_NAME = {"planner": "playbook", "name": "summary"}
BROUGHT = {"planner": "playbook", "playbook": SUMMARY}


async def test_a_given_plan_is_handed_over_in_its_canonical_form() -> None:
    seen = await previewed(inputs=GIVEN, planning={"planner": "given", "plan": plan(7)})
    assert seen.ok
    assert seen.planner == "given"
    assert seen.findings == ()
    assert seen.digest == hashlib.sha256(rfc8785.dumps(seen.plan)).hexdigest()


async def test_a_plan_in_a_blob_is_the_same_plan() -> None:
    blobs = MemoryBlobs()
    digest = await blobs.put(json.dumps(plan(7), indent=3).encode())
    seen = await previewed(inputs=GIVEN, planning={"planner": "given", "plan_blob": digest}, blobs=blobs)
    assert seen == await previewed(inputs=GIVEN, planning={"planner": "given", "plan": plan(7)})


async def test_a_plan_whose_blob_is_gone_is_no_answer() -> None:
    with pytest.raises(BlobMissing):
        await previewed(planning={"planner": "given", "plan_blob": "0" * 64})


@pytest.mark.parametrize(
    ("goal", "planning"),
    [
        ("Write a summary of the book", None),
        ("Please shorten this text", {"planner": "playbook"}),
        ("anything", BY_NAME),
        ("anything", BROUGHT),
    ],
)
async def test_a_playbook_is_found_and_its_defaults_are_said(goal: str, planning: Any) -> None:
    known = () if planning == BROUGHT else (playbook(),)
    seen = await previewed(*known, goal=goal, planning=planning)
    assert seen.ok
    assert seen.findings == ()
    assert seen.planner == "playbook summary 2"
    assert seen.inputs == {"text": "long", "options": {"words": 100}}


async def test_no_playbook_matches() -> None:
    seen = await previewed(playbook(), playbook(name="untitled", title=""), goal="make tea")
    assert found(seen) == [("G001", "/goal")]
    assert not seen.ok
    assert seen.plan is None
    assert "known are: summary (Summary of a text), untitled" in seen.findings[0].message
    assert "make tea" not in seen.findings[0].message


async def test_no_playbook_is_known() -> None:
    assert "none is known here" in (await previewed()).findings[0].message


async def test_of_many_playbooks_some_are_listed() -> None:
    seen = await previewed(*(playbook(name=f"p{number}", title="") for number in range(25)), goal="tea")
    assert seen.findings[0].message.endswith(" and 5 more")


async def test_several_playbooks_match_equally_well() -> None:
    seen = await previewed(playbook(name="b"), playbook(name="a"), goal="summary of it")
    assert found(seen) == [("G002", "/goal")]
    assert seen.findings[0].message.endswith(": a, b")


async def test_an_unknown_playbook() -> None:
    seen = await previewed(playbook(), planning={"planner": "playbook", "name": "sumary"})
    assert found(seen) == [("G003", "/planning/name")]
    assert "'summary'" in seen.findings[0].hint


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [({}, ("G010", "/inputs/text")), ({"text": 1}, ("G012", "/inputs/text"))],
)
async def test_inputs_that_do_not_fit_the_playbook(inputs: Any, expected: tuple[str, str]) -> None:
    seen = await previewed(playbook(), goal="summary of it", inputs=inputs)
    assert found(seen) == [expected]
    assert seen.planner == "playbook summary 2"


@pytest.mark.parametrize("brought", [True, False])
async def test_a_playbook_that_cannot_work(brought: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    broken = {"name": "broken", "plan": {"tasks": {"$param": "x"}}}
    known = playbook(inputs={}, plan={"tasks": {"$param": "x"}})
    seen = await previewed(
        known, planning={"planner": "playbook", "playbook": broken} if brought else BY_NAME
    )
    assert found(seen) == [
        ("G004", "/planning/playbook/plan/tasks/$param" if brought else "/plan/tasks/$param")
    ]


@pytest.mark.parametrize(
    ("planning", "path"),
    [
        ({}, "/planning/planner"),
        ({"planner": "oracle"}, "/planning/planner"),
        ({"planner": ["given"]}, "/planning/planner"),
        ({"planner": "given"}, "/planning"),
        ({"planner": "given", "plan": {}, "plan_blob": "0" * 64}, "/planning"),
        ({"planner": "given", "plan_blob": "x"}, "/planning/plan_blob"),
        ({"planner": "given", "paln": {}}, "/planning/paln"),
        ({"planner": "playbook", "name": "a", "playbook": SUMMARY}, "/planning"),
        (
            {"planner": "playbook", "playbook": {"name": "a", "plan": {"x": {"$param": 1}}}},
            "/planning/playbook/plan/x/$param",
        ),
    ],
)
async def test_planning_that_is_not_of_its_shape(planning: Any, path: str) -> None:
    assert ("G005", path) in found(await previewed(planning=planning))


@pytest.mark.parametrize("deep", [64, 100_000])
async def test_what_is_nested_without_bounds_is_refused_first(deep: int) -> None:
    nested: Any = "x"
    for _ in range(deep):
        nested = [nested]
    assert found(await previewed(inputs={"text": nested})) == [("G005", "")]
    assert found(await previewed(planning={"planner": "given", "plan": nested})) == [("G005", "")]


async def test_a_plan_that_cannot_be_read() -> None:
    blobs = MemoryBlobs()
    digest = await blobs.put(b"no plan")
    seen = await previewed(planning={"planner": "given", "plan_blob": digest}, blobs=blobs)
    assert [finding.code for finding in seen.findings] == ["P000"]
    assert (seen.plan, seen.digest) == (None, None)


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800"])
async def test_a_plan_with_values_that_json_readers_disagree_on(value: Any) -> None:
    seen = await previewed(planning={"planner": "given", "plan": plan(1) | {"goal": value}})
    assert found(seen) == [("P000", "/goal")]


async def test_lint_refuses_a_plan_that_is_there() -> None:
    bad = plan(7) | {"outputs": {"x": {"$from": "nobody"}}}
    seen = await previewed(inputs=GIVEN, planning={"planner": "given", "plan": bad})
    assert "P006" in [finding.code for finding in seen.findings]
    assert not seen.ok
    assert seen.plan is not None
    assert seen.digest is not None


async def test_a_tool_that_the_goal_does_not_allow_is_named_once() -> None:
    calls = [{"id": f"t{n}", "tool_requests": [{"tool": "measure"}, {"tool": "measure"}]} for n in range(3)]
    given = {"planner": "given", "plan": {"name": "x", "tasks": calls}}
    seen = await previewed(planning=given, tools=("mesure", "dump"))
    errors = [finding for finding in seen.findings if finding.severity is Severity.ERROR]
    assert [(finding.code, finding.path) for finding in errors] == [("P025", "/tasks/0/tool_requests/0/tool")]
    assert ("G014", "/tools/0") in found(seen)
    assert not seen.ok
    allowed = await previewed(planning=given, tools=("measure",))
    assert allowed.ok


async def test_the_inputs_of_the_run_meet_the_schema_of_a_given_plan() -> None:
    given = {"planner": "given", "plan": plan(7)}
    inputs: dict[str, Any] = {"repo": 1, "limit": 5, "titles": [], "extra": True}
    seen = await previewed(inputs=inputs, planning=given)
    assert sorted(found(seen)) == [
        ("G010", "/inputs/careful"),
        ("G011", "/inputs/extra"),
        ("G012", "/inputs/repo"),
    ]


async def test_a_schema_of_inputs_that_is_none_is_a_finding_of_lint_alone() -> None:
    broken = plan(7) | {"inputs": INPUTS | {"type": "objekt"}}
    seen = await previewed(inputs={}, planning={"planner": "given", "plan": broken})
    assert ("P000", "/inputs") in found(seen)
    assert not any(finding.code.startswith("G") for finding in seen.findings)


async def test_without_a_planner_that_is_asked_there_is_none() -> None:
    seen = await preview(
        goal="x",
        inputs={},
        planners=(),
        catalogue=CATALOGUE,
        expressions=EXPRESSIONS,
        schemas=SCHEMAS,
    )
    assert found(seen) == [("G006", "/planning")]
    assert seen.planner == "none"


async def test_the_planner_behind_one_that_knows_nothing_is_asked() -> None:
    class Oracle:
        name = "oracle"

        async def plan(self, request: PlanningRequest) -> Proposal:
            return Proposal(plan(7), self.name, request.inputs)

    seen = await preview(
        goal="make tea",
        inputs=GIVEN,
        planners=(*planners(playbook()), Oracle()),
        catalogue=CATALOGUE,
        expressions=EXPRESSIONS,
        schemas=SCHEMAS,
    )
    assert (seen.ok, seen.planner) == (True, "oracle")


async def test_the_order_of_the_planners_does_not_matter_to_who_asks_for_one() -> None:
    given, playbooks = planners(playbook())
    seen = await preview(
        goal="summary of it",
        inputs=GIVEN,
        planning={"planner": "given", "plan": plan(7)},
        planners=(playbooks, given),
        catalogue=CATALOGUE,
        expressions=EXPRESSIONS,
        schemas=SCHEMAS,
    )
    assert (seen.ok, seen.planner) == (True, "given")
    assert list(playbooks.known) == ["summary"]
