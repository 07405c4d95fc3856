"""A playbook and inputs make an ordinary plan, the same each time; inputs that do not fit are refused with places."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awe.adapters.expressions import CelExpressions
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.playbook.faults import FaultCode
from awe.domain.plan.playbook.rendering import UnfitInputs, render
from support.catalogue import CATALOGUE
from support.playbooks import SCHEMAS, SUMMARY, playbook

GOAL = "Summarise the text"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "$from"), inner),
    max_leaves=20,
)


def faults(given_inputs: dict[str, Any], **changes: Any) -> list[tuple[FaultCode, str]]:
    with pytest.raises(UnfitInputs) as refused:
        render(playbook(**changes), GOAL, given_inputs, SCHEMAS)
    assert all(fault.hint for fault in refused.value.faults)
    assert "secret" not in str(refused.value.faults)
    return [(fault.code, fault.path) for fault in refused.value.faults]


def any_input(template: Any) -> dict[str, Any]:
    """A playbook with one input of any kind, and a plan that is no plan: rendering looks at neither."""
    schema: dict[str, Any] = {"type": "object", "properties": {"x": {}}, "required": ["x"]}
    return {"inputs": schema, "plan": {"here": template}}


def test_the_plan_has_what_the_template_leaves_out_from_the_playbook_and_the_goal() -> None:
    plan = render(playbook(), GOAL, {"text": "long"}, SCHEMAS)
    assert (plan["name"], plan["version"], plan["goal"]) == ("summary", 2, GOAL)
    assert plan["inputs"] == SUMMARY["inputs"]
    assert lint(json.dumps(plan).encode(), CATALOGUE, CelExpressions(), SCHEMAS).findings == ()


def test_what_the_template_says_stands() -> None:
    plan = render(playbook(plan={"name": "other", "inputs": {}}), GOAL, {"text": "long"}, SCHEMAS)
    assert (plan["name"], plan["inputs"]) == ("other", {})


@pytest.mark.parametrize(
    ("options", "words"), [(None, 100), ({"style": "plain"}, 100), ({"words": 7, "style": "plain"}, 7)]
)
def test_defaults_are_filled_in_on_every_level(options: Any, words: int) -> None:
    inputs = {"text": "long"} | ({} if options is None else {"options": options})
    before = copy.deepcopy(inputs)
    plan: Any = render(playbook(), GOAL, inputs, SCHEMAS)
    assert plan["tasks"][0]["tool_requests"][0]["arguments"]["max_words"] == words
    assert inputs == before


@given(JSON)
def test_an_input_is_placed_as_the_value_that_it_is_and_not_searched(value: Any) -> None:
    template = [{"$param": "x"}, {"deeper": [{"$param": "x"}, "$param"]}]
    plan = render(playbook(**any_input(template)), GOAL, {"x": value}, SCHEMAS)
    assert plan["here"] == [value, {"deeper": [value, "$param"]}]


def test_a_placed_input_is_not_searched_for_placeholders() -> None:
    plan = render(playbook(**any_input({"$param": "x"})), GOAL, {"x": {"$param": "y"}}, SCHEMAS)
    assert plan["here"] == {"$param": "y"}


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ({}, [(FaultCode.G010, "/inputs/text")]),
        ({"text": 5}, [(FaultCode.G012, "/inputs/text")]),
        ({"text": "secret", "txt": "secret"}, [(FaultCode.G011, "/inputs/txt")]),
        (
            {"text": "secret", "options": {"words": 0, "stile": "secret"}},
            [(FaultCode.G012, "/inputs/options/words"), (FaultCode.G011, "/inputs/options/stile")],
        ),
    ],
)
def test_inputs_that_the_schema_refuses(inputs: dict[str, Any], found: list[tuple[FaultCode, str]]) -> None:
    assert sorted(faults(inputs)) == sorted(found)


def test_an_undeclared_input_that_the_schema_allows_does_not_stop_the_rendering() -> None:
    assert render(playbook(**any_input({"$param": "x"})), GOAL, {"x": 1, "z": 2}, SCHEMAS)["here"] == 1


def test_an_input_without_what_the_plan_needs_of_it() -> None:
    template = [{"$param": "x", "path": "/a/0"}, {"$param": "x", "path": "/a/0"}]
    assert faults({"x": {"a": []}}, **any_input(template)) == [
        (FaultCode.G013, "/inputs/x/a/0"),
        (FaultCode.G013, "/inputs/x/a/0"),
    ]


@pytest.mark.parametrize("hidden", [{"$from": "secret"}, [{"a": {"$from": "inputs"}}]])
def test_an_input_cannot_draw_data_flow(hidden: Any) -> None:
    assert faults({"x": hidden}, **any_input({"$param": "x"})) == [(FaultCode.G013, "/inputs/x")]
