"""Requests of every kind that a fuzz sends: of the schema, against the schema, with values of its own, and mangled."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import hypothesis_graphql
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from audits.answers import EVENTS, JSON, RESPONSE

SCHEMA: Final = Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql"
PLAYBOOK: Final = "count"
ACCEPTED: Final = (JSON, RESPONSE, f"{RESPONSE}, {JSON};q=0.9", "*/*", "text/html", EVENTS)
OTHER_TYPES: Final = (
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "Application/JSON",
    "multipart/form-data",
)
_SUBMIT: Final = """mutation ($key: String!, $input: GoalInput!) { submitGoal(idempotencyKey: $key, input: $input) {
  __typename ... on GoalSubmitted { run position created } ... on UserError { code message } } }"""
_CANCEL: Final = """mutation ($run: ID!, $reason: String!) { cancelRun(run: $run, reason: $reason) {
  __typename ... on CancelAccepted { position } ... on UserError { code message } } }"""
_READ: Final = """query ($run: ID!, $at: Position, $cursor: String, $first: Int!) {
  run(id: $run, asOf: $at) { status goal inputs plan { document } tasks(first: $first, after: $cursor) {
    edges { cursor node { key status operations { tool arguments output } } } } }
  events(run: $run, after: $at, first: $first) { position events { type data } }
  runs(first: $first, after: $cursor) { totalCount edges { cursor } } }"""


class Asked(NamedTuple):
    """One request."""

    body: bytes
    accept: str
    content_type: str = JSON


class Known:
    """What the server has given out so far: ids, positions and cursors are handed back, and changed ones too."""

    def __init__(self) -> None:
        self.runs = ["r-00-" + "0" * 26]
        self.positions = ["00:0:1", "00:1:1", "00:999999:1", "00:1:99", "77:1:1"]
        self.cursors = ["W10", "WzEsInJ1biIsMSwiciJd"]

    def learn(self, document: Any) -> None:
        """Keep what stands in an answer."""
        if isinstance(document, dict):
            for name, value in cast("dict[str, Any]", document).items():
                self._keep(name, value)
                self.learn(value)
        elif isinstance(document, list):
            for each in cast("Sequence[Any]", document):
                self.learn(each)

    def _keep(self, name: str, value: object) -> None:
        kept = {"run": self.runs, "position": self.positions, "cursor": self.cursors}.get(name)
        if kept is not None and isinstance(value, str) and len(kept) < 1_000:
            kept.append(value)


def kinds(known: Known) -> Mapping[str, st.SearchStrategy[Asked]]:
    """A strategy for each kind of request."""
    tool: Any = hypothesis_graphql
    schema = SCHEMA.read_text()
    text = st.text(max_size=30)
    scalars = {
        "Position": st.one_of(st.sampled_from(known.positions), text).map(nodes.String),
        "Timestamp": st.one_of(st.datetimes().map(lambda each: f"{each.isoformat()}Z"), text).map(
            nodes.String
        ),
        "JSON": st.one_of(text.map(nodes.String), st.integers().map(nodes.Int), st.floats().map(nodes.Float)),
        "Long": st.integers().map(nodes.Int),
    }
    made: dict[str, st.SearchStrategy[Asked]] = {}
    for mode in tool.Mode:
        for name, strategy in (("queries", tool.queries), ("mutations", tool.mutations)):
            documents = strategy(schema, custom_scalars=scalars, mode=mode)
            made[f"{name}, {mode.name.lower()}"] = st.builds(_document, documents, _accepted())
    valued = st.builds(_valued, st.one_of(_submits(), _cancels(known), _reads(known)), _accepted())
    return {**made, "values in variables": valued, "mangled bodies": _mangled(valued)}


def _accepted() -> st.SearchStrategy[str]:
    return st.sampled_from(ACCEPTED)


def _json() -> st.SearchStrategy[Any]:
    numbers = st.integers() | st.integers(min_value=-(2**70), max_value=2**70) | st.floats()
    leaves: st.SearchStrategy[Any] = st.none() | st.booleans() | numbers | st.text(max_size=20)

    def nested(each: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists: st.SearchStrategy[Any] = st.lists(each, max_size=4)
        return lists | st.dictionaries(st.text(max_size=10), each, max_size=4)

    return st.recursive(leaves, nested)


def _submits() -> st.SearchStrategy[tuple[str, Any]]:
    fields = st.fixed_dictionaries(
        {"goal": st.text(max_size=60) | st.just("count it")},
        optional={
            "playbook": st.sampled_from([PLAYBOOK, PLAYBOOK, PLAYBOOK, None]) | st.text(max_size=10),
            "inputs": st.dictionaries(st.text(max_size=10), _json(), max_size=4) | _json(),
            "priority": st.integers(-200, 200) | st.integers() | st.none(),
        },
    )
    keys = st.text(max_size=10) | st.uuids().map(str)
    return st.tuples(st.just(_SUBMIT), st.fixed_dictionaries({"key": keys, "input": fields}))


def _cancels(known: Known) -> st.SearchStrategy[tuple[str, Any]]:
    variables = {"run": _of(known.runs), "reason": st.text(max_size=60)}
    return st.tuples(st.just(_CANCEL), st.fixed_dictionaries(variables))


def _reads(known: Known) -> st.SearchStrategy[tuple[str, Any]]:
    variables: dict[str, st.SearchStrategy[Any]] = {
        "run": _of(known.runs),
        "at": _of(known.positions) | st.none(),
        "cursor": _of(known.cursors) | st.none(),
        "first": st.integers(-1, 101) | st.integers(),
    }
    return st.tuples(st.just(_READ), st.fixed_dictionaries(variables))


def _of(known: list[str]) -> st.SearchStrategy[str]:
    """One of those that were given out until now, as it is or changed."""

    def given(number: int) -> str:
        return known[number % len(known)]

    def changed(number: int, at: int, new: str) -> str:
        return given(number)[:at] + new + given(number)[at + 1 :]

    numbers = st.integers(0, 10**6)
    return (
        st.builds(given, numbers)
        | st.builds(changed, numbers, st.integers(0, 60), st.text(max_size=3))
        | st.text(max_size=20)
    )


def _document(document: str, accept: str) -> Asked:
    return Asked(json.dumps({"query": document}).encode(), accept)


def _valued(told: tuple[str, Any], accept: str) -> Asked:
    query, variables = told
    return Asked(json.dumps({"query": query, "variables": variables}).encode(), accept)


def _written(value: Any, accept: str) -> Asked:
    return Asked(json.dumps(value).encode(), accept)


def _cut(whole: Asked, at: int, new: bytes) -> Asked:
    at %= len(whole.body)
    return whole._replace(body=whole.body[:at] + new + whole.body[at + len(new) :])


def _typed(whole: Asked, content_type: str) -> Asked:
    return whole._replace(content_type=content_type)


def _mangled(whole: st.SearchStrategy[Asked]) -> st.SearchStrategy[Asked]:
    members = st.fixed_dictionaries(
        {"query": st.just("{ __typename }") | _json()},
        optional={"variables": _json(), "operationName": _json(), "extensions": _json(), "id": _json()},
    )
    return (
        st.builds(_cut, whole, st.integers(0, 10**6), st.binary(max_size=4))
        | st.builds(_written, members | _json(), _accepted())
        | st.builds(_typed, whole, st.sampled_from(OTHER_TYPES))
    )
