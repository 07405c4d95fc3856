"""What runs of one plan share."""

import gc
import weakref

from awe.domain.plan.model import Plan
from awe.domain.scheduling.blueprint import Blueprint
from awe.domain.scheduling.frontier import Frontier

TASKS = [
    {"id": "a", "tool_requests": [{"tool": "t", "version": "2"}]},
    {
        "id": "b",
        "deps": ["a"],
        "tool_requests": [{"tool": "t", "arguments": {"x": {"$from": "a"}}}],
        "for_each": {"items": {"$from": "a"}},
        "when": "tasks.a > 1 && tasks != inputs",
        "acceptance_criteria": [{"id": "c", "source": "output.x == inputs.y"}],
    },
]


def plan() -> Plan:
    return Plan.model_validate({"name": "p", "tasks": TASKS, "outputs": {"o": {"$from": "a"}}})


def test_runs_of_one_plan_share_what_follows_from_it_and_only_that() -> None:
    one = plan()
    first, second = Frontier(one), Frontier(one)
    assert first.blueprint is second.blueprint
    assert Frontier(plan()).blueprint is not first.blueprint
    first.take(1)
    assert not first.any_open
    assert second.any_open


def test_it_is_kept_no_longer_than_its_runs() -> None:
    one = plan()
    frontier = Frontier(one)
    kept = weakref.ref(frontier.blueprint)
    assert kept() is not None
    del frontier
    gc.collect()
    assert kept() is None


def test_it_says_who_uses_what_and_how_work_is_made() -> None:
    blueprint = Blueprint.of(plan())
    assert blueprint.sources == (frozenset(), frozenset({0}))
    assert blueprint.users == (2, 0)
    assert blueprint.fans == (1,)
    assert blueprint.recipe(0).calls[0].pin == "t@2"
    recipe = blueprint.recipe(1)
    assert recipe is blueprint.recipe(1)
    assert recipe.mentioned == {"output", "inputs"}
