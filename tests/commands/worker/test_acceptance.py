"""An output is accepted when it fits the task's schema and every criterion is certainly true."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from awe.commands.tools import Success
from awe.commands.worker.payloads import INLINE_BYTES
from awe.domain.artifacts import Artifact
from awe.domain.events import Json
from awe.domain.expressions import Declarations
from awe.domain.failures import FailureClass
from awe.domain.task.work import Check, Work
from support.workshop import Workshop

FILE = Artifact(name="a.txt", media_type="text/plain", bytes=3, sha256="a" * 64)


async def judged(
    shop: Workshop, *sources: str, output: Json = None, tool: str = "read", **more: object
) -> str:
    """What the task ends with, when its tool gives that output."""
    shop.tools.gives(tool, Success(output, (FILE,)))
    criteria = tuple(Check(f"c{number}", source) for number, source in enumerate(sources))
    work = Work((shop.request(tool),), criteria, **more)  # type: ignore[arg-type]  # fields of Work
    await shop.handle(shop.worker(), await shop.offer(work))
    assert shop.waiting == 0
    last = await shop.last()
    return "" if last.event_name == "awe.task.succeeded" else f"{last.failure}: {last.cause}"


async def test_criteria_see_the_output_the_artifacts_and_what_the_work_says(shop: Workshop) -> None:
    seen = {"inputs": {"least": 2}, "run": {"id": "r"}, "task": {"id": "one"}}
    sources = (
        "output.n >= inputs.least",
        "artifacts[0].name == 'a.txt' && artifacts[0].bytes == 3",
        "run.id == 'r' && task.id == 'one'",
    )
    assert await judged(shop, *sources, output={"n": 2}, seen=seen) == ""


async def test_a_criterion_that_is_not_met_is_named(shop: Workshop) -> None:
    said = await judged(shop, "output.n > 0", "output.n > 5", output={"n": 2})
    assert said == "acceptance_failed: criterion 'c1' is not met: output.n > 5"
    assert (await shop.names())[3:] == ["operation_succeeded", "dead_lettered"]


async def test_a_criterion_that_cannot_be_judged_is_not_met(shop: Workshop) -> None:
    said = await judged(shop, "output.missing > 5", output={"n": 2})
    assert said.startswith("acceptance_failed: criterion 'c0' cannot be judged: ")
    assert said.endswith("(output.missing > 5)")


async def test_the_contract_says_what_kind_of_output_a_criterion_sees(shop: Workshop) -> None:
    assert await judged(shop, "output.startsWith('h')", output="hello", tool="text") == ""


async def test_a_criterion_that_does_not_fit_that_kind_is_not_met(shop: Workshop) -> None:
    assert "cannot be judged" in await judged(shop, "output + 1 == 2", output="hello", tool="text")


async def test_the_schema_of_the_task_narrows_the_contract(shop: Workshop) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    assert await judged(shop, "output.n == 1", output={"n": 1}, output_schema=schema) == ""


@pytest.mark.parametrize("size", [1, INLINE_BYTES])
async def test_an_output_that_does_not_fit_the_task_is_not_accepted(shop: Workshop, size: int) -> None:
    schema = {"properties": {"n": {"type": "integer"}}}
    said = await judged(shop, output={"n": "x" * size}, output_schema=schema)
    assert said.startswith("acceptance_failed: the output does not fit the task's output_schema at /n: ")
    assert "xx" not in said


async def test_i20_what_must_not_be_repeated_is_reported_before_it_is_judged(shop: Workshop) -> None:
    assert await judged(shop, "output.n == 1", output={"n": 1}, tool="once") == ""
    events = await shop.events()
    assert events[3].append_id != events[4].append_id


async def test_a_fault_of_the_judge_does_not_lose_the_result(shop: Workshop) -> None:
    class Broken:
        def compile(self, source: str, declarations: Declarations) -> tuple[str, ...]:  # noqa: ARG002 (a port)
            return ()

        def evaluate(self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]) -> bool:
            raise RuntimeError(f"no process for {source} {declarations} {values}")

        def evaluate_at_once(
            self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
        ) -> None:
            del source, declarations, values

    shop.tools.gives("read", Success({"n": 1}))
    work = Work((shop.request("read"),), (Check("c", "output.n == 1"),))
    await shop.handle(shop.worker(expressions=Broken()), await shop.offer(work))
    assert (await shop.names())[3:] == ["operation_succeeded", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.INTERNAL
