"""Fixes are safe: applied twice they change nothing more, no task is lost, and nothing new is wrong."""

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.canonical import document
from awe.domain.plan.graph import Graph
from awe.domain.plan.lint.findings import Code
from awe.domain.plan.lint.fixes import apply_fixes
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.model import Plan
from support.catalogue import CATALOGUE
from support.plans import plan as random_plan

EXPRESSIONS, SCHEMAS = CelExpressions(), JsonSchemas()


def codes(plan: Plan) -> set[Code]:
    return set(lint(plan, CATALOGUE, EXPRESSIONS, SCHEMAS).codes)


def damaged(seed: int) -> Plan:
    """A valid plan with dependencies dropped, doubled, invented and moved."""
    dice = random.Random(seed)
    source = copy.deepcopy(random_plan(seed, size=12))
    names = [task["id"] for task in source["tasks"]]
    for number, task in enumerate(source["tasks"]):
        for _ in range(dice.randint(0, 3)):
            deps: list[str] = task[dice.choice(["deps", "order_only"])]
            if deps and dice.random() < 0.5:
                deps.remove(dice.choice(deps))
            elif number:
                deps.append(dice.choice(names[:number]))
    return Plan.model_validate(source)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_fixes_mend_all_that_they_can_and_nothing_else(seed: int) -> None:
    broken = damaged(seed)
    mended, applied = apply_fixes(broken)
    assert codes(mended) <= codes(broken) - {Code.P009, Code.P031, Code.P035}
    assert (not applied) == (mended == broken)
    assert apply_fixes(mended) == (mended, ())
    strip: list[dict[str, Any]] = []
    for each in (broken, mended):
        written = document(each)
        for task in written["tasks"]:
            del task["deps"], task["order_only"]
        strip.append(written)
    assert strip[0] == strip[1]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_whatever_had_to_come_before_still_does(seed: int) -> None:
    broken = damaged(seed)
    before, after = Graph.of(broken).ancestors, Graph.of(apply_fixes(broken)[0]).ancestors
    assert all(old & ~new == 0 for old, new in zip(before, after, strict=True))


def task(name: str, *reads: str, **more: Any) -> dict[str, Any]:
    arguments = {f"x{index}": {"$from": source} for index, source in enumerate(reads)}
    return {"id": name, "tool_requests": [{"tool": "t", "arguments": arguments}]} | more


def mend(*tasks: dict[str, Any]) -> tuple[list[tuple[list[str], list[str]]], list[Code]]:
    mended, applied = apply_fixes(Plan.model_validate({"name": "p", "tasks": list(tasks)}))
    return [(list(each.deps), list(each.order_only)) for each in mended.tasks], [
        each.code for each in applied
    ]


def test_two_tasks_that_bind_to_each_other_are_left_alone() -> None:
    assert mend(task("a", "b"), task("b", "a")) == (
        [([], []), (["a"], [])],
        [Code.P031],
    )


def test_a_dependency_that_is_wanted_twice_is_added_once() -> None:
    assert mend(task("a"), task("b", "a", "a")) == ([([], []), (["a"], [])], [Code.P031, Code.P031])


def test_an_added_dependency_makes_another_one_redundant() -> None:
    assert mend(task("a"), task("b", "a"), task("c", "b", deps=["a"])) == (
        [([], []), (["a"], []), (["b"], [])],
        [Code.P035, Code.P031, Code.P031, Code.P009],
    )


def test_several_removals_from_one_list_hit_what_they_mean() -> None:
    chain = [task("a"), task("b", "a", deps=["a"]), task("c", "b", deps=["b"])]
    assert mend(*chain, task("d", "c", deps=["a", "c", "b", "c"]))[0][3] == (["c"], [])


def test_where_an_order_was_meant_the_mark_stays_and_the_dependency_goes() -> None:
    assert mend(task("a"), task("b", deps=["a"], order_only=["a"])) == ([([], []), ([], ["a"])], [Code.P009])


def test_a_plan_with_a_cycle_is_left_alone() -> None:
    assert mend(task("a", deps=["b"]), task("b", deps=["a"]))[1] == []
