"""The linter as a whole: what no single broken plan shows."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.expressions import Kind
from awe.domain.plan import environments
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.findings import Code, Report, Severity
from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.model import Plan
from awe.domain.plan.shapes.view import shape_of
from support.catalogue import CATALOGUE, CONTRACTS, contract, schema
from support.plans import layered

EXPRESSIONS, SCHEMAS = CelExpressions(), JsonSchemas()


def judge(
    *tasks: dict[str, Any], catalogue: Catalogue | None = CATALOGUE, limits: Limits | None = None, **more: Any
) -> Report:
    plan = {
        "name": "p",
        "tasks": list(tasks),
        "outputs": {task["id"]: {"$from": task["id"]} for task in tasks},
    }
    return lint(json.dumps(plan | more).encode(), catalogue, EXPRESSIONS, SCHEMAS, limits or Limits())


def task(name: str, *requests: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "tool_requests": [{"tool": tool, "arguments": arguments} for tool, arguments in requests],
        "acceptance_criteria": [{"id": "good", "source": "size(output) > 0"}],
    } | more


def found(report: Report) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.path, finding.severity) for finding in report.findings]


def test_a_later_request_binds_to_an_earlier_one_and_the_last_one_is_the_output() -> None:
    both = task(
        "both",
        ("list_commits", {"repo": "r"}),
        ("summarize", {"text": {"$from": "requests/0", "path": "/commits/0/message"}}),
    )
    after = task("after", ("summarize", {"text": {"$from": "both", "path": "/summary"}}), deps=["both"])
    assert judge(both, after).findings == ()
    wrong = task(
        "after", ("summarize", {"text": {"$from": "both", "path": "/commits/0/message"}}), deps=["both"]
    )
    assert found(judge(both, wrong)) == [("P032", "/tasks/1/tool_requests/0/arguments/text/path", "error")]


def test_an_earlier_request_of_unknown_contract_promises_nothing() -> None:
    both = task("both", ("nothing", {}), ("summarize", {"text": {"$from": "requests/0"}}))
    assert found(judge(both)) == [("P020", "/tasks/0/tool_requests/0/tool", "error")]


def test_a_large_output_of_an_earlier_request_is_a_warning() -> None:
    both = task(
        "both", ("dump", {"repo": "r"}), ("count_words", {"texts": {"$from": "requests/0", "path": "/lines"}})
    )
    assert {finding.code for finding in judge(both).findings} == {Code.P033, Code.P036}


def test_all_arguments_can_be_one_reference() -> None:
    texts: dict[str, Any] = schema({"text": {"type": "string"}})
    assert judge(task("a", ("summarize", {"$from": "inputs"})), inputs=texts).findings == ()
    wrong = judge(task("a", ("summarize", {"$from": "inputs", "path": "/text"})), inputs=texts)
    assert found(wrong) == [("P033", "/tasks/0/tool_requests/0/arguments", "error")]
    default = {"$from": "inputs", "path": "/more", "default": {"text": 3}}
    wrong = judge(task("a", ("summarize", default)), inputs={"type": "object"})
    assert found(wrong) == [
        ("P033", "/tasks/0/tool_requests/0/arguments", "warning"),
        ("P022", "/tasks/0/tool_requests/0/arguments/default/text", "error"),
    ]


def test_a_for_each_task_gives_the_array_of_its_outputs() -> None:
    commits = task("commits", ("list_commits", {"repo": "r"}))
    each = task(
        "each",
        ("summarize", {"text": {"$from": "item", "path": "/message"}}),
        deps=["commits"],
        for_each={"items": {"$from": "commits", "path": "/commits"}, "max_items": 5},
    )
    first = task("first", ("summarize", {"text": {"$from": "each", "path": "/0/summary"}}), deps=["each"])
    assert judge(commits, each, first).findings == ()
    wrong = task("first", ("summarize", {"text": {"$from": "each", "path": "/summary"}}), deps=["each"])
    assert [finding.code for finding in judge(commits, each, wrong).findings] == ["P032"]
    again = task(
        "again",
        ("summarize", {"text": {"$from": "item", "path": "/summary"}}),
        deps=["each"],
        for_each={"items": {"$from": "each"}, "max_items": 5},
    )
    assert judge(commits, each, again).findings == ()
    nested = each | {
        "for_each": {"items": {"$from": "item"}, "max_items": 5},
        "deps": [],
        "order_only": ["commits"],
    }
    assert found(judge(commits, nested)) == [("P030", "/tasks/1/for_each/items/$from", "error")]


def test_the_items_of_many_calls_together_may_be_too_large() -> None:
    commits = task("commits", ("list_commits", {"repo": "r"}))
    each = task(
        "each",
        ("list_commits", {"repo": {"$from": "item", "path": "/sha"}}),
        deps=["commits"],
        for_each={"items": {"$from": "commits", "path": "/commits"}, "max_items": 17},
    )
    keep = Catalogue.of([*CONTRACTS, contract("keep", schema({"all": {"type": "array"}}), {})])
    all_ = task("all", ("keep", {"all": {"$from": "each"}}), deps=["each"])
    assert found(judge(commits, each, all_, catalogue=keep)) == [
        ("P036", "/tasks/2/tool_requests/0/arguments/all", "warning")
    ]
    few = each | {"for_each": each["for_each"] | {"max_items": 16}}
    assert judge(commits, few, all_, catalogue=keep).findings == ()


def test_what_the_contract_and_the_task_promise_both_hold() -> None:
    narrowed = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}
    a = task("a", ("measure", {"text": "x"}), output_schema=narrowed)
    b = task("b", ("summarize", {"text": "x", "max_words": {"$from": "a", "path": "/size"}}), deps=["a"])
    assert judge(a, b).findings == ()
    unknown = task("a", ("tape", {}), output_schema=narrowed)
    assert found(judge(unknown, b)) == [("P020", "/tasks/0/tool_requests/0/tool", "error")]
    assert found(judge(unknown, b, catalogue=None)) == [("P029", "", "warning")]


def test_a_schema_of_the_plan_that_is_none_is_told_and_then_promises_nothing() -> None:
    a = task("a", ("measure", {"text": {"$from": "inputs", "path": "/x"}}), output_schema={"type": 3})
    b = task("b", ("summarize", {"text": {"$from": "a", "path": "/x"}}), deps=["a"])
    report = judge(a, b, inputs={"type": 4})
    assert [
        (finding.code, finding.path) for finding in report.findings if finding.severity is Severity.ERROR
    ] == [
        ("P000", "/inputs"),
        ("P000", "/tasks/0/output_schema"),
    ]


def test_a_contract_whose_schema_is_none_is_not_used() -> None:
    broken = Catalogue.of([contract("odd", {"$ref": "https://example.org/x"}, {})])
    report = judge(task("a", ("odd", {"anything": 1})), catalogue=broken)
    assert found(report) == [("P020", "/tasks/0/tool_requests/0/tool", "error")]
    assert "input_schema $: $ref leaves the document" in report.findings[0].message


def test_a_deprecated_tool_without_a_successor_is_told_without_one() -> None:
    old = Catalogue.of([contract("old", {}, {}, deprecated=True)])
    (finding,) = judge(task("a", ("old", {})), catalogue=old).findings
    assert (finding.code, finding.path, finding.hint) == (
        "P021",
        "/tasks/0/tool_requests/0/tool",
        "Use another tool.",
    )


def test_too_wide_and_too_deep() -> None:
    wide = [task(f"w{number}", ("publish", {"title": "t", "body": "b"})) for number in range(4)]
    assert found(judge(*wide, limits=Limits(max_width=3))) == [("P007", "/tasks", "error")]
    assert judge(*wide, limits=Limits(max_width=4)).findings == ()


def test_only_so_many_findings_are_told_and_errors_come_before_warnings() -> None:
    tasks = [task(f"t{number}", ("publish", {"title": "t"}), acceptance_criteria=[]) for number in range(5)]
    report = judge(*tasks, limits=Limits(max_findings=6))
    assert [finding.code for finding in report.findings] == ["P050", *["P023"] * 5]
    assert report.omitted == 4
    assert report.codes == (Code.P023, Code.P050)


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ({"type": "object"}, Kind.MAP),
        ({"type": "array"}, Kind.LIST),
        ({"type": "string"}, Kind.STRING),
        ({"type": "integer"}, Kind.INT),
        ({"type": "number"}, Kind.DYN),
        ({"type": "boolean"}, Kind.BOOL),
        ({"type": ["string", "null"]}, Kind.DYN),
        ({}, Kind.DYN),
    ],
)
def test_the_type_of_an_output_in_a_criterion(output: Any, kind: Kind) -> None:
    assert dict(environments.criterion(shape_of(output)))["output"] is kind


@pytest.mark.parametrize(
    ("source", "idle"),
    [
        ("output.total > 3", False),
        ("size(output) > 0", False),
        ("size(artifacts) > 0 && run.dry == true", False),
        (".output.total > 3", False),
        ("inputs.texts.all(output, size(output) > 0) && size(output) > 0", False),
        ("true", True),
        ("'output.total' == \"output.total\"", True),
        ("inputs.output > 3", True),
        ("run.ok || task.ok", True),
        ("inputs.texts.all(output, output.total > 3)", True),
        ("output.total > 3 || true", True),
    ],
)
def test_a_criterion_reads_what_the_task_made(*, source: str, idle: bool) -> None:
    given = task("a", ("list_commits", {"repo": "r"}), acceptance_criteria=[{"id": "c", "source": source}])
    report = judge(given, inputs={"type": "object"})
    place = "/tasks/0/acceptance_criteria/0/source"
    assert found(report) == ([("P052", place, "warning")] if idle else [])


@pytest.mark.parametrize(
    ("source", "idle"),
    [
        ("inputs.limit > 3", False),
        ("run.careful", False),
        ("tasks.all(name, name != 'b')", False),
        ("false", True),
        ("'inputs.limit' != ''", True),
        ("inputs.limit > 3 && false", True),
    ],
)
def test_a_condition_reads_something(*, source: str, idle: bool) -> None:
    report = judge(task("a", ("list_commits", {"repo": "r"}), when=source), inputs={"type": "object"})
    assert found(report) == ([("P052", "/tasks/0/when", "warning")] if idle else [])


def test_a_plan_of_two_thousand_tasks_is_in_order() -> None:
    assert lint(Plan.model_validate(layered(20, 100)), CATALOGUE, EXPRESSIONS, SCHEMAS).findings == ()


SOURCES = st.sampled_from(["inputs", "item", "requests/0", "requests/1", "t0", "t1", "t2", "t9"])
PATHS = st.sampled_from(["", "/0", "/total", "/commits", "/commits/0/sha", "/summary", "/no"])
REFERENCES: st.SearchStrategy[Any] = st.fixed_dictionaries({"$from": SOURCES, "path": PATHS})
ARGUMENTS: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["repo", "text", "texts", "left", "limit", "x"]),
    REFERENCES | st.integers() | st.lists(REFERENCES),
)
TOOLS = st.sampled_from([contract.name for contract in CONTRACTS] + ["nothing"])
NAMES = st.sampled_from(["t0", "t1", "t2"])
TASKS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "id": NAMES,
        "tool_requests": st.lists(
            st.fixed_dictionaries({"tool": TOOLS, "arguments": ARGUMENTS}), min_size=1, max_size=2
        ),
    },
    optional={
        "deps": st.lists(NAMES, max_size=2),
        "order_only": st.lists(NAMES, max_size=2),
        "for_each": st.fixed_dictionaries(
            {"items": REFERENCES}, optional={"max_items": st.integers(1, 20_000)}
        ),
        "when": st.sampled_from(["tasks.t0.total > 1", "inputs.x", "nonsense(", "tasks.t9", "tasks"]),
        "output_schema": st.sampled_from(
            [{"type": "object"}, {"type": "nonsense"}, {"$ref": "#"}, {"type": "array"}]
        ),
        "acceptance_criteria": st.just([{"id": "a", "source": "output.total > 1"}]),
    },
)


@settings(deadline=None, max_examples=150)
@given(st.lists(TASKS, min_size=1, max_size=4), st.dictionaries(NAMES, REFERENCES))
def test_whatever_is_wrong_is_a_report_with_places(
    tasks: list[dict[str, Any]], outputs: dict[str, Any]
) -> None:
    report = judge(*tasks, outputs=outputs)
    assert report == judge(*tasks, outputs=outputs)
    assert all(finding.path == "" or finding.path.startswith("/") for finding in report.findings)
    assert all(finding.message and finding.hint for finding in report.findings)
