"""`awe.plan` through the port of tools: every answer about a plan is an output, and keeps the contract."""

import asyncio
import json
from typing import Any

import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.planning.contract import PLAN_CONTRACT
from awe.commands.planning.planner import Planner, PlanningRequest, Proposal
from awe.commands.planning.request import INLINE_PLAN_BYTES, fit_for_an_event
from awe.commands.planning.tool import PlanningTools
from awe.commands.tools import Call, Failure, Success
from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.identifiers import PLANNING, OperationId, RunId
from awe.domain.plan.lint.catalogue import Catalogue
from support.catalogue import CATALOGUE, CONTRACTS
from support.planning import EXPRESSIONS, planners
from support.plans import layered, plan
from support.playbooks import SCHEMAS, playbook

ARGUMENTS: dict[str, Any] = {
    "goal": "summary of it",
    "inputs": {"text": "long"},
    "tools": None,
    "planning": None,
}
OPERATION = OperationId(RunId("r-00-" + "0" * 26), PLANNING, 0, 1)


class Others:
    """The tools that plans may call; they are never called here."""

    catalogue: Catalogue = CATALOGUE

    def contract(self, digest: str) -> ToolContract | None:
        return next((contract for contract in CONTRACTS if contract.digest == digest), None)

    async def call(self, call: Call) -> Success | Failure:
        raise AssertionError(call)


class Broken:
    name = "broken"

    async def plan(self, request: PlanningRequest) -> Proposal:
        raise ZeroDivisionError(request.goal)


class Slow:
    name = "slow"

    async def plan(self, request: PlanningRequest) -> Proposal:
        await asyncio.Event().wait()
        raise AssertionError(request)


def tools(*given: Planner) -> PlanningTools:
    return PlanningTools(
        planners=given or planners(playbook()), tools=Others(), expressions=EXPRESSIONS, schemas=SCHEMAS
    )


async def called(
    arguments: dict[str, Any], *given: Planner, limit_s: float = 30, contract: ToolContract = PLAN_CONTRACT
) -> Any:
    answer = await tools(*given).call(Call(OPERATION, contract, arguments, 1, limit_s))
    if isinstance(answer, Success):
        assert SCHEMAS.validate(answer.output, PLAN_CONTRACT.output_schema) == ()
        return answer.output
    return answer


def test_the_contract_is_usable_and_its_digest_stays() -> None:
    assert SCHEMAS.check_schema(PLAN_CONTRACT.input_schema) == ()
    assert SCHEMAS.check_schema(PLAN_CONTRACT.output_schema) == ()
    assert tools().contract(PLAN_CONTRACT.digest) is PLAN_CONTRACT
    assert tools().contract(CONTRACTS[0].digest) is None
    assert tools().catalogue.find("awe.plan", "1") is PLAN_CONTRACT


async def test_a_plan_comes_out() -> None:
    output = await called(ARGUMENTS)
    assert output["plan"]["name"] == "summary"
    summarize = CATALOGUE.find("summarize", None)
    assert summarize is not None
    assert output["pins"] == {"summarize": summarize.digest}
    assert output["findings"] == []
    assert output["planner"] == "playbook summary 2"


async def test_a_refusal_is_an_output() -> None:
    output = await called(ARGUMENTS | {"goal": "make tea"})
    assert output["plan"] is None
    assert output["digest"] is None
    assert output["pins"] == {}
    (finding,) = output["findings"]
    assert finding == {
        "code": "G001",
        "severity": "error",
        "path": "/goal",
        "message": "no playbook matches the goal; known are: summary (Summary of a text)",
        "hint": "Name a playbook, word the goal like one of its phrases, or bring a plan.",
    }


async def test_a_plan_with_findings_is_an_output() -> None:
    bad = plan(7) | {"outputs": {"x": {"$from": "nobody"}}}
    output = await called(ARGUMENTS | {"planning": {"planner": "given", "plan": bad}})
    assert output["plan"]["outputs"] == bad["outputs"]
    assert {"P006", "G010"} <= {finding["code"] for finding in output["findings"]}


async def test_a_plan_cannot_call_the_system_tool() -> None:
    itself = {
        "name": "x",
        "tasks": [{"id": "a", "tool_requests": [{"tool": "awe.plan", "arguments": ARGUMENTS}]}],
    }
    output = await called(ARGUMENTS | {"planning": {"planner": "given", "plan": itself}})
    assert "P020" in {finding["code"] for finding in output["findings"]}


@pytest.mark.parametrize(("name", "value"), [("tools", "all"), ("inputs", None), ("more", 1), ("goal", 1)])
async def test_arguments_that_break_the_contract(name: str, value: object) -> None:
    failure = await called(ARGUMENTS | {name: value})
    assert (failure.failure, failure.sent) == (FailureClass.INVALID_INPUT, False)


async def test_another_contract_is_not_served() -> None:
    failure = await called(ARGUMENTS, contract=CONTRACTS[0])
    assert (failure.failure, failure.sent) == (FailureClass.INTERNAL, False)


async def test_a_blob_that_is_gone_is_a_failure() -> None:
    failure = await called(ARGUMENTS | {"planning": {"planner": "given", "plan_blob": "0" * 64}})
    assert failure.failure is FailureClass.INTERNAL


async def test_a_planner_that_breaks_is_a_failure() -> None:
    failure = await called(ARGUMENTS, Broken())
    assert failure.failure is FailureClass.INTERNAL
    assert "ZeroDivisionError" in failure.message
    assert ARGUMENTS["goal"] not in failure.message


async def test_the_limit_of_the_call_holds() -> None:
    failure = await called(ARGUMENTS, Slow(), limit_s=0.01)
    assert failure.failure is FailureClass.TIMEOUT


async def test_the_cap_of_the_output_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "awe.commands.planning.tool.PLAN_CONTRACT", PLAN_CONTRACT.model_copy(update={"output_cap_bytes": 100})
    )
    failure = await called(ARGUMENTS, contract=PLAN_CONTRACT.model_copy(update={"output_cap_bytes": 100}))
    assert failure.failure is FailureClass.OUTPUT_TOO_LARGE


async def test_the_loop_turns_while_a_large_plan_is_examined() -> None:
    blobs = MemoryBlobs()
    planning = await fit_for_an_event({"planner": "given", "plan": layered(50, 20)}, blobs)
    arguments = ARGUMENTS | {"planning": planning}
    work = asyncio.create_task(called(arguments, *planners(blobs=blobs)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    output = await work
    assert len(output["plan"]["tasks"]) == 1_000
    assert turns > 10


async def test_a_large_playbook_travels_as_the_plan_that_it_made() -> None:
    blobs = MemoryBlobs()
    large: dict[str, Any] = {"planner": "playbook", "playbook": {"description": "x" * INLINE_PLAN_BYTES}}
    assert await fit_for_an_event(large, blobs) is large
    moved = await fit_for_an_event(large, blobs, made=plan(1))
    assert moved is not None
    assert json.loads(await blobs.get(str(moved["plan_blob"]))) == plan(1)


async def test_large_plans_travel_in_blobs_and_all_else_stays() -> None:
    blobs = MemoryBlobs()
    small: dict[str, Any] = {"planner": "given", "plan": plan(1)}
    others: list[Any] = [None, {"planner": "playbook"}, {"planner": "given", "plan_blob": "0" * 64}]
    for stays in (small, *others):
        assert await fit_for_an_event(stays, blobs) is stays
    large: dict[str, Any] = {"planner": "given", "plan": {"goal": "x" * INLINE_PLAN_BYTES}}
    moved = await fit_for_an_event(large, blobs)
    assert moved is not None
    assert moved.keys() == {"planner", "plan_blob"}
    assert json.loads(await blobs.get(str(moved["plan_blob"]))) == large["plan"]
