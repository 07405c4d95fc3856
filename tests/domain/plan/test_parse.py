"""Whatever the bytes are, the answer is a plan or a report with a place and a hint; never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.lint.findings import Code, Report
from awe.domain.plan.lint.limits import Limits
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.lint.parse import parse_plan
from awe.domain.plan.model import Plan
from support.catalogue import CATALOGUE
from support.plans import layered, plan

TASK: dict[str, Any] = {"id": "a", "tool_requests": [{"tool": "t"}]}


def faults(data: bytes, limits: Limits | None = None) -> list[tuple[str, str]]:
    report = parse_plan(data, limits or Limits())
    assert isinstance(report, Report)
    assert not report.ok
    assert all(finding.code is Code.P000 and finding.hint for finding in report.findings)
    return [(finding.path, finding.message) for finding in report.findings]


def test_a_plan_is_a_plan_with_or_without_a_byte_order_mark() -> None:
    data = json.dumps(plan(seed=3)).encode()
    assert isinstance(parse_plan(data), Plan)
    assert parse_plan(b"\xef\xbb\xbf" + data) == parse_plan(data)


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        (b"", "", "not JSON: Expecting value at line 1, column 1"),
        (b"{", "", "not JSON"),
        (b"\xff\xfe", "", "byte 0 is not UTF-8"),
        (b"[]", "", "should be a valid dictionary"),
        (b'{"name": "a", "tasks": []}', "/tasks", "at least 1 item"),
        (b'{"name": "a", "version": NaN, "tasks": []}', "/version", "NaN"),
        (b'{"name": "a", "version": 1e999}', "/version", "NaN and Infinity"),
        (b'{"inputs": {"maximum": 9007199254740992}}', "/inputs/maximum", "beyond"),
        (b'{"inputs": {"maximum": ' + b"9" * 5000 + b"}}", "", "too many digits"),
        (b'{"tasks": [{"id": "a", "id": "b"}]}', "/tasks/0", "the key 'id' stands twice"),
        (b'{"tasks": ["\\ud800"]}', "/tasks/0", "surrogate"),
        (b'{"\\udfff": 1}', "", "surrogate"),
        (b'{"a/b": {"\\udfff": 1}}', "/a~1b", "surrogate"),
        (b"[" * 66 + b"]" * 66, "", "nested deeper than 64"),
        (b"[" * 100_000, "", "nested deeper than 64"),
        (b'["' + b"x" * 300_000 + b'"]', "/0", "300,000 characters"),
        (b"0" * (8 * 1024 * 1024 + 1), "", "8,388,609 bytes"),
    ],
)
def test_bytes_that_are_no_plan(data: bytes, path: str, message: str) -> None:
    found = faults(data)
    assert any(where == path and message in what for where, what in found), found


def test_fifty_megabytes_are_refused_before_they_are_parsed() -> None:
    assert faults(b'{"goal": "' + b"x" * 50_000_000) == [
        ("", "50,000,010 bytes are more than the limit of 8,388,608")
    ]


def test_too_many_values_are_refused() -> None:
    assert faults(b"[1, 2, 3]", Limits(max_values=3)) == [("", "more than 3 values")]


def test_the_deepest_nesting_allowed_is_allowed() -> None:
    assert "nested" not in faults(b"[" * 65 + b"]" * 65)[0][1]


MISSHAPEN: list[tuple[dict[str, Any], str, str]] = [
    ({"tasks": [TASK | {"depz": []}]}, "/tasks/0/depz", "'deps'"),
    ({"tasks": [TASK | {"qqqqqq": []}]}, "/tasks/0/qqqqqq", "Remove the key."),
    ({"tasks": [{"id": "a"}]}, "/tasks/0/tool_requests", "Add the key."),
    ({"tasks": [TASK | {"id": "a-b"}]}, "/tasks/0/id", "Ids are letters"),
    ({"tasks": [TASK | {"id": "inputs"}]}, "/tasks/0/id", "Choose another id"),
    ({"tasks": [TASK | {"on_failure": "retry"}]}, "/tasks/0/on_failure", "JSON Schema says"),
    ({"outputs": {"x": {"$from": "a", "path": "b"}}}, "/outputs/x/path", "JSON Pointers"),
    ({"outputs": {"x": {"$from": "a", "path": "/~2"}}}, "/outputs/x/path", "JSON Pointers"),
]


@pytest.mark.parametrize(("change", "path", "hint"), MISSHAPEN)
def test_a_shape_that_is_no_plan(change: dict[str, Any], path: str, hint: str) -> None:
    report = parse_plan(json.dumps({"name": "a", "tasks": [TASK]} | change).encode())
    assert isinstance(report, Report)
    (finding,) = report.findings
    assert finding.path == path
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ({"$from": 3}, "$from"),
        ({"$from": "no good"}, "$from"),
        ({"$from": "requests/01"}, "$from"),
        ({"$from": "a", "paths": ""}, "paths"),
        ({"$from": "a", "path": "x"}, "path"),
    ],
)
def test_a_malformed_reference_is_found_wherever_it_stands(reference: dict[str, Any], path: str) -> None:
    task = {"id": "a", "tool_requests": [{"tool": "t", "arguments": {"x": [{"y": reference}]}}]}
    ((where, _),) = faults(json.dumps({"name": "a", "tasks": [task]}).encode())
    assert where == f"/tasks/0/tool_requests/0/arguments/x/0/y/{path}"


def test_no_more_findings_than_the_limit_are_told_and_the_rest_is_counted() -> None:
    tasks = [{"id": "!", "tool_requests": [{"tool": "t"}]}] * 30
    report = parse_plan(json.dumps({"name": "a", "tasks": tasks}).encode(), Limits(max_findings=10))
    assert isinstance(report, Report)
    assert (len(report.findings), report.omitted) == (10, 20)


def test_ten_thousand_tasks_are_one_finding() -> None:
    report = lint(json.dumps(layered(10, 1000)).encode(), CATALOGUE, CelExpressions(), JsonSchemas())
    assert [(finding.code, finding.path) for finding in report.findings] == [(Code.P007, "/tasks")]


def plan_of(more: dict[str, Any]) -> dict[str, Any]:
    return {"name": "a", "tasks": [TASK | more]}


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "deps", "tasks", "name", "tool_requests", "$from", "path", "arguments", "when"]
            )
            | st.text(),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=100)
@given(JSON | st.dictionaries(st.text(), JSON).map(plan_of))
def test_any_json_is_answered(document: Any) -> None:
    answer = parse_plan(json.dumps(document).encode())
    assert isinstance(answer, Plan) or not answer.ok


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert isinstance(parse_plan(data), Report)
