"""Goals in, cancels in: the same key is the same run, and every refusal has its type."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from awe.commands.handling import Overloaded
from awe.commands.log import LogUnavailable, UnitTooLarge
from awe.domain.run.events import RunSucceeded
from support.graphql_door import Door, door
from support.server_process import ValkeyProcess

SUBMIT = """mutation ($key: String!, $goal: GoalInput!) { submitGoal(idempotencyKey: $key, input: $goal) {
  __typename ... on GoalSubmitted { run created position plan findings { code } }
  ... on UserError { code message } ... on ValidationFailed { findings { code path message hint severity } } } }"""
CANCEL = """mutation ($run: ID!, $reason: String! = "", $key: String) {
  cancelRun(run: $run, reason: $reason, idempotencyKey: $key) {
  __typename ... on CancelAccepted { run changed position } ... on UserError { code message } } }"""
PLAYBOOK = """\
name: notes
match: {phrases: [write notes]}
inputs: {type: object, properties: {text: {type: string}}, required: [text], additionalProperties: false}
plan:
  tasks:
    - id: join
      tool_requests: [{tool: text.join, arguments: {parts: [{$param: text}], separator: ", "}}]
"""


@pytest_asyncio.fixture
async def open_room(own_valkey: ValkeyProcess, postgres_database: str, tmp_path: Path) -> Any:
    books = tmp_path / "books"
    books.mkdir()
    (books / "notes.yaml").write_text(PLAYBOOK, encoding="utf-8")
    async with door(own_valkey.url, postgres_database, tmp_path / "home", playbooks=[books]) as opened:
        yield opened


async def submit(room: Door, key: str = "k", **goal: Any) -> Any:
    goal = {"goal": "write notes", "inputs": {"text": "x"}, **goal}
    return (await room.ask(SUBMIT, key=key, goal=goal)).data["submitGoal"]


async def test_a_goal_begins_a_run_once(open_room: Door) -> None:
    first, again = await submit(open_room), await submit(open_room)
    assert first["__typename"] == again["__typename"] == "GoalSubmitted", first
    assert (first["run"], first["created"], again["created"]) == (again["run"], True, False)
    await open_room.project()
    asked = "query ($id: ID!, $min: Position) { run(id: $id, minPosition: $min) { actor freshness } }"
    found = (await open_room.ask(asked, id=first["run"], min=first["position"])).data["run"]
    assert found == {"actor": "ann", "freshness": "CURRENT"}


async def test_a_key_of_another_goal(open_room: Door) -> None:
    await submit(open_room)
    other = await submit(open_room, inputs={"text": "y"})
    assert (other["__typename"], other["code"]) == ("Conflict", "idempotency_conflict")


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        ({"inputs": {"txt": 1}}, "invalid_goal"),
        ({"goal": "something else"}, "invalid_goal"),
        ({"goal": ""}, "invalid_goal"),
        ({"inputs": [1]}, "invalid_argument"),
        ({"priority": 1000}, "invalid_argument"),
    ],
)
async def test_what_cannot_be_run(open_room: Door, goal: dict[str, Any], code: str) -> None:
    told = await submit(open_room, **goal)
    assert (told["__typename"], told["code"]) == ("ValidationFailed", code), told
    assert told["findings"]


async def cancel(room: Door, **asked: Any) -> Any:
    return (await room.ask(CANCEL, **asked)).data["cancelRun"]


async def test_a_cancel_is_done_once(room: Door) -> None:
    run = await room.submit()
    assert [(await cancel(room, run=run, key="k"))["changed"] for _ in range(2)] == [True, False]


async def test_what_cannot_be_cancelled(room: Door) -> None:
    run = await room.submit()
    await room.happen(run, "run", RunSucceeded(outputs={}))
    found = [
        await cancel(room, run=run),
        await cancel(room, run="r-00-" + "0" * 26),
        await cancel(room, run="r-77-" + "0" * 26),
        await cancel(room, run="nonsense"),
        await cancel(room, run=run, reason="x" * 2_001),
    ]
    assert [each["__typename"] for each in found] == [
        "Conflict",
        "NotFound",
        "NotFound",
        "ValidationFailed",
        "ValidationFailed",
    ]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (Overloaded("full"), "Overloaded"),
        (LogUnavailable("at 10.0.0.1"), "Unavailable"),
        (TimeoutError(), "Unavailable"),
        (UnitTooLarge("x"), "ValidationFailed"),
    ],
)
async def test_faults_have_types(
    open_room: Door, monkeypatch: pytest.MonkeyPatch, fault: Exception, name: str
) -> None:
    async def failing(*_: Any) -> None:
        raise fault

    monkeypatch.setattr("awe.commands.runs.RunCommands.submit", failing)
    monkeypatch.setattr("awe.commands.runs.RunCommands.cancel", failing)
    told = await submit(open_room)
    assert told["__typename"] == name
    assert "10.0.0.1" not in told["message"]
    if name != "ValidationFailed":
        assert (await cancel(open_room, run="r-00-" + "0" * 26))["__typename"] == name
