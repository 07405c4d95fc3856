"""The plans that the engine is measured with are plans as anybody writes them: the linter has nothing to say."""

import asyncio
import json
from collections.abc import Sequence
from itertools import chain as chained
from typing import Any, cast

import pytest
from pydantic import JsonValue

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.linter import lint
from benchmarks.engine.noop import CONTRACT, noop
from benchmarks.engine.plans import INPUTS, PARENTS, fan_out_of_items, layered
from benchmarks.engine.workloads import BULK, LATENCY, Workload, growth_of_a_run, growth_of_a_server

WORKLOADS: Sequence[Workload] = [
    *BULK.values(),
    LATENCY,
    *growth_of_a_server(),
    *chained.from_iterable(growth_of_a_run().values()),
]


@pytest.mark.parametrize(
    "workload", {each.plan["name"]: each for each in WORKLOADS}.values(), ids=lambda each: each.plan["name"]
)
def test_no_shape_has_a_finding(workload: Workload) -> None:
    document = json.dumps(workload.plan).encode()
    report = lint(document, Catalogue.of([CONTRACT]), CelExpressions(), JsonSchemas())
    assert list(report.findings) == []


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: f"{each.plan['name']}-{each.runs}")
def test_a_workload_says_how_many_steps_it_has(workload: Workload) -> None:
    tasks: Sequence[dict[str, Any]] = workload.plan["tasks"]
    assert workload.steps == sum(task.get("for_each", {}).get("max_items", 1) for task in tasks)
    assert workload.in_flight <= workload.runs


def test_a_task_of_a_layer_waits_for_three_of_the_layer_before() -> None:
    tasks = layered(3, 10)["tasks"]
    assert [len(task["deps"]) for task in tasks] == [0] * 10 + [PARENTS] * 20
    assert {name for task in tasks for name in task["deps"]} == {
        f"l{n}_{slot}" for n in (0, 1) for slot in range(10)
    }


def test_the_tool_keeps_its_contract_and_the_largest_document_its_cap() -> None:
    most = fan_out_of_items(10_000)["tasks"][0]["tool_requests"][0]["arguments"]["items"]
    schemas = JsonSchemas()
    cases: list[dict[str, Any]] = [
        {"step": 3, "before": [1, 2]},
        {"step": 0, "before": [INPUTS["seed"]], "items": most},
    ]
    for given in cases:
        assert schemas.validate(given, CONTRACT.input_schema) == ()
        made = asyncio.run(noop(**given))
        assert schemas.validate(cast("JsonValue", made), CONTRACT.output_schema) == ()
        assert len(json.dumps(made)) <= CONTRACT.output_cap_bytes
    assert asyncio.run(noop(3, [1, 2])) == {"step": 3, "total": 6, "items": []}
