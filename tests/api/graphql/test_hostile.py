"""Requests that ask for too much, or for nothing that there is: a clear code each, and never the words of an exception."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from awe.api.graphql.codes import Code
from awe.api.graphql.limits import Limits
from support.graphql_door import Door, door
from support.server_process import ValkeyProcess

RUN = "r-00-" + "0" * 26
DEEP = "{ runs { nodes { tasks { nodes { operations { " + "x { " * 12 + "y" + " }" * 12 + " } } } } } }"


def bomb(levels: int) -> str:
    """Fragments that spread the next one twice: 2**levels fields."""
    spread = [f"fragment f{n} on Run {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return "{ runs { nodes { ...f0 } } } " + " ".join(spread) + f" fragment f{levels} on Run {{ a: id }}"


def cursor(*told: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ runs", Code.SYNTAX),
        ("", Code.BAD_REQUEST),
        ("{ nothing }", Code.INVALID_QUERY),
        ('{ runs(first: "many") { totalCount } }', Code.INVALID_QUERY),
        (DEEP, Code.TOO_DEEP),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }", Code.TOO_MANY_ALIASES),
        (bomb(60), Code.TOO_MANY_ALIASES),
        (bomb(60).replace("a: id", "id"), Code.TOO_COSTLY),
        (
            "{ runs { nodes { ...a } } } fragment a on Run { ...b } fragment b on Run { ...a }",
            Code.INVALID_QUERY,
        ),
        (
            "{ runs(first: 100) { nodes { tasks(first: 100) { nodes { operations { tool } } } } } }",
            Code.TOO_COSTLY,
        ),
        ("{ runs(first: 99999999999999999999) { nodes { id status goal } } }", Code.INVALID_QUERY),
        ("{ runs(first: 2000000000) { nodes { id } } }", Code.TOO_COSTLY),
        ("{ runs(first: 101) { nodes { id } } }", Code.INVALID_ARGUMENT),
        ("{ runs(first: 0) { nodes { id } } }", Code.INVALID_ARGUMENT),
        ("{ " + "__typename " * 2_001 + "}", Code.TOO_MANY_TOKENS),
        ("{ runs(after: " + "[" * 900 + "]" * 900 + ") { totalCount } }", Code.SYNTAX),
        ("{ __schema { types { name } } }", Code.INTROSPECTION_OFF),
        ('{ runs(after: "%%%") { totalCount } }', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{"A" * 100_000}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(2, "run", 1, "r")}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(1, "task", 1)}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(1, "run", "1", 2)}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(1, "run", 2**70, "r")}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(1, "run", bool(1), "r")}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(1, "run", 1, "a" + chr(0))}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        (f'{{ runs(after: "{cursor(5)}") {{ totalCount }} }}', Code.INVALID_CURSOR),
        ('{ runs(filter: {text: "a\\u0000b"}) { totalCount } }', Code.INVALID_ARGUMENT),
        (f'{{ runs(filter: {{text: "{"a" * 501}"}}) {{ totalCount }} }}', Code.INVALID_ARGUMENT),
        ('{ runs(filter: {submittedFrom: "yesterday"}) { totalCount } }', Code.INVALID_QUERY),
        ('{ runs(filter: {submittedFrom: "2026-01-01"}) { totalCount } }', Code.INVALID_QUERY),
        ("{ runs(minPosition: 7) { totalCount } }", Code.INVALID_QUERY),
        ('{ runs(minPosition: "00:1") { totalCount } }', Code.INVALID_POSITION),
        ('{ runs(minPosition: "77:1:1") { totalCount } }', Code.INVALID_POSITION),
        ('{ runs(minPosition: "00:999999:1") { totalCount } }', Code.POSITION_AHEAD),
        ('{ runs(minPosition: "00:0:99") { totalCount } }', Code.POSITION_AHEAD),
        (f'{{ run(id: "{RUN}", asOf: "00:999999:1") {{ id }} }}', Code.POSITION_AHEAD),
        (f'{{ run(id: "{RUN}", asOf: "01:0:1") {{ id }} }}', Code.INVALID_POSITION),
        (f'{{ run(id: "{RUN}", asOf: "00:0:1", minPosition: "00:0:1") {{ id }} }}', Code.INVALID_ARGUMENT),
        (f'{{ events(run: "{RUN}", after: "00:5:7") {{ hasMore }} }}', Code.POSITION_AHEAD),
        ('subscription { runsChanged(filter: {text: "x"}) { __typename } }', Code.NEEDS_A_STREAM),
    ],
    ids=range(40),
)
async def test_a_clear_code(room: Door, query: str, code: Code) -> None:
    answer = await room.ask(query)
    assert answer.codes[:1] == [code.value], answer.json
    assert "did you mean" not in answer.body.decode().lower()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"nonsense", 400, Code.BAD_REQUEST),
        (b"[]", 400, Code.BATCHING_OFF),
        (b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]', 400, Code.BATCHING_OFF),
        (
            b'{"query": "{ __typename }", "variables": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            400,
            Code.BAD_REQUEST,
        ),
        (b'{"query": "{ __typename }", "variables": {"a": NaN}}', 400, Code.BAD_REQUEST),
        (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', 400, Code.BAD_REQUEST),
        (b'{"query": 7}', 400, Code.BAD_REQUEST),
        (b'{"query": "{ __typename }", "variables": 7}', 400, Code.BAD_REQUEST),
        (b"7", 400, Code.BAD_REQUEST),
        (b"\xff\xfe", 400, Code.BAD_REQUEST),
    ],
    ids=range(10),
)
async def test_no_request_at_all(room: Door, body: bytes, status: int, code: Code) -> None:
    answer = await room.post(body)
    assert (answer.status, answer.codes) == (status, [code.value]), answer.body


async def test_get_is_off(room: Door) -> None:
    answer = await room.post(b"", method="GET")
    assert (answer.status, answer.headers["allow"], answer.codes) == (405, "POST", ["method_not_allowed"])


async def test_a_pair_of_halves_is_a_character(room: Door) -> None:
    answer = await room.post(b'{"query": "{ __typename }", "variables": {"a": "\\ud83d\\ude00"}}')
    assert answer.data == {"__typename": "Query"}


async def test_the_answer_to_who_knows_the_media_type(room: Door) -> None:
    graphql = "application/graphql-response+json"
    good, bad = await room.ask("{ __typename }", accept=graphql), await room.ask("{ no }", accept=graphql)
    assert (good.status, good.headers["content-type"]) == (200, graphql)
    assert (bad.status, "data" in bad.json) == (400, False)
    assert (await room.ask("{ no }")).status == 200


async def test_the_cost_is_told(room: Door) -> None:
    query = "query ($first: Int = 7) { runs(first: $first) { nodes { id goal } } }"
    assert (await room.ask(query)).json["extensions"]["cost"] == {"requested": 22, "limit": 50_000}
    assert (await room.ask(query, first=3)).json["extensions"]["cost"]["requested"] == 10


async def test_introspection_where_it_is_on(
    own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path
) -> None:
    async with door(own_valkey.url, postgres_database, tmp_path, introspection=True) as room:
        found = (await room.ask("{ __schema { queryType { name } } }")).data
        assert found == {"__schema": {"queryType": {"name": "Query"}}}


async def test_an_outage_is_told_without_its_words(room: Door) -> None:
    await room.tiers.sql("DROP VIEW awe_read.runs")
    answer = await room.ask("{ runs { nodes { id } } }")
    assert answer.codes == ["unavailable"]
    assert "awe_read" not in answer.body.decode()


async def test_what_nobody_expected_is_logged_under_a_name(
    room: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("awe.api.graphql.queries.projections", broken)
    answer = await room.ask("{ projections { name } }")
    (error,) = answer.json["errors"]
    assert error["extensions"]["code"] == "internal"
    assert "secret" not in answer.body.decode()
    assert error["extensions"]["errorId"] in caplog.text


def test_limits_have_defaults() -> None:
    assert Limits().aliases < Limits().tokens
