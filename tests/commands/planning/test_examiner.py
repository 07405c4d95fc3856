"""The same plan is judged once for a catalogue, and each run against what it has been judged to be."""

import asyncio
import json
import threading
from typing import Any

import pytest

from awe.commands.planning import examiner as module
from awe.commands.planning.acceptance import Examined, Judged, judge
from awe.commands.planning.examiner import AT_ONCE_BYTES, Examiner
from awe.domain.contracts import Effect, ToolContract
from awe.domain.plan.lint.catalogue import Catalogue
from support.catalogue import CATALOGUE
from support.planning import EXPRESSIONS
from support.plans import layered, plan
from support.playbooks import SCHEMAS

GIVEN: dict[str, Any] = {"repo": ".", "limit": 5, "titles": [], "careful": True}
SMALL = {"name": "a", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]}


class Watched:
    """Judges as ever, and remembers in which threads and how many at once."""

    def __init__(self) -> None:
        self.threads: list[bool] = []
        self.now = 0
        self.most = 0

    def __call__(self, *args: Any) -> Judged:
        self.threads.append(threading.current_thread() is not threading.main_thread())
        self.now += 1
        self.most = max(self.most, self.now)
        judged = judge(*args)
        self.now -= 1
        return judged


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    made = Watched()
    monkeypatch.setattr(module, "judge", made)
    return made


def examiner() -> Examiner:
    return Examiner(EXPRESSIONS, SCHEMAS)


async def examined(
    by: Examiner,
    document: Any,
    catalogue: Catalogue = CATALOGUE,
    *,
    inputs: dict[str, Any] = GIVEN,
    tools: tuple[str, ...] | None = None,
) -> Examined:
    return await by.examine(document, inputs=inputs, tools=tools, catalogue=catalogue)


def codes(found: Examined) -> list[str]:
    return [finding.code for finding in found.findings]


def contract(effect: Effect) -> ToolContract:
    return ToolContract(name="t", version="1", input_schema={}, output_schema={}, effect=effect)


async def test_the_second_answer_is_the_first(watched: Watched) -> None:
    by = examiner()
    first = await examined(by, plan(7))
    again = await examined(by, json.loads(json.dumps(plan(7))))
    assert first == again
    assert first.plan is again.plan
    assert len(watched.threads) == 1


@pytest.mark.parametrize(
    "document", [b"no plan", {"name": "a"}, {"name": "a", "goal": "\ud800", "tasks": []}]
)
async def test_what_is_no_plan_is_remembered_as_such(watched: Watched, document: Any) -> None:
    by = examiner()
    first, again = await examined(by, document), await examined(by, document)
    assert first == again
    assert set(codes(first)) == {"P000"}
    assert len(watched.threads) == 1


async def test_each_run_is_looked_at(watched: Watched) -> None:
    by = examiner()
    wanting = SMALL | {
        "inputs": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    }
    catalogue = Catalogue.of([contract(Effect.WRITE)])
    assert "G010" in codes(await examined(by, wanting, catalogue, inputs={}))
    assert "G012" in codes(await examined(by, wanting, catalogue, inputs={"n": "1"}))
    refused = await examined(by, wanting, catalogue, inputs={"n": 1}, tools=("other",))
    assert [(each.code, each.path) for each in refused.findings if each.code == "P025"] == [
        ("P025", "/tasks/0/tool_requests/0/tool")
    ]
    assert not {"G010", "G012", "P025"} & set(codes(await examined(by, wanting, catalogue, inputs={"n": 1})))
    assert len(watched.threads) == 1


async def test_another_catalogue_gives_another_answer() -> None:
    by = examiner()
    old, new = contract(Effect.WRITE), contract(Effect.READ)
    assert "P020" in codes(await examined(by, SMALL, Catalogue.of([])))
    first = await examined(by, SMALL, Catalogue.of([old]))
    second = await examined(by, SMALL, Catalogue.of([new]))
    assert (first.pins, second.pins) == ({"t": old.digest}, {"t": new.digest})
    assert "P005" not in codes(first)
    assert "P005" in codes(second)


async def test_a_catalogue_that_is_gone_is_not_taken_for_a_new_one() -> None:
    by = examiner()
    for number in range(50):
        made = contract(Effect.WRITE).model_copy(update={"version": str(number)})
        assert (await examined(by, SMALL, Catalogue.of([made]))).pins == {"t": made.digest}


async def test_the_smallest_change_of_a_plan_is_another_plan() -> None:
    by = examiner()
    one, other = await examined(by, SMALL | {"version": 1}), await examined(by, SMALL | {"version": 2})
    assert one.digest != other.digest


async def test_small_plans_need_no_thread_and_large_ones_share_one(watched: Watched) -> None:
    by = examiner()
    small = [SMALL | {"goal": str(number)} for number in range(10)]
    await asyncio.gather(*(examined(by, each) for each in small))
    assert watched.threads == [False] * 10
    large = [layered(10, 20) | {"goal": str(number)} for number in range(3)]
    assert len(json.dumps(large[0], separators=(",", ":"))) > AT_ONCE_BYTES
    await asyncio.gather(*(examined(by, each) for each in large))
    assert watched.threads[10:] == [True] * 3
    assert watched.most == 1


async def test_many_runs_that_want_the_same_large_plan_wait_for_one_judgement(watched: Watched) -> None:
    by = examiner()
    found = await asyncio.gather(*(examined(by, layered(10, 20)) for _ in range(20)))
    assert len(watched.threads) == 1
    assert all(each == found[0] for each in found)


async def test_a_caller_that_gives_up_leaves_the_others_their_answer() -> None:
    by = examiner()
    first = asyncio.create_task(examined(by, layered(10, 20)))
    second = asyncio.create_task(examined(by, layered(10, 20)))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).plan is not None


async def test_inputs_that_take_long_are_looked_at_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    by = examiner()
    wanting = SMALL | {"inputs": {"additionalProperties": {"type": "string"}}}
    inputs = {f"k{number}": "x" * 100 for number in range(1_000)}
    assert "G012" in codes(await examined(by, wanting, inputs=inputs | {"wrong": 1}))
    monkeypatch.setattr("awe.commands.planning.examiner.asyncio.to_thread", None)
    assert "G012" in codes(await examined(by, wanting, inputs={"wrong": 1}))
    with pytest.raises(TypeError):
        await examined(by, wanting, inputs=inputs)


async def test_nobody_changes_what_is_shared() -> None:
    by = examiner()
    first = await examined(by, plan(7), inputs={}, tools=("other",))
    text = json.dumps(first.plan)
    fair = await examined(by, plan(7))
    assert json.dumps(fair.plan) == text
    assert "P025" not in codes(fair)
