"""What is told of runs afterwards: every verb reads what was recorded, and calls nothing."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from awe.api.bootstrap import event_store
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import read_settings
from support.cli import Cli, Ended
from support.goal_folders import COUNTING, goal_folder, one_task
from support.installation import Installation, installation

NOWHERE = "r-00-" + "0" * 26


class Recorded(NamedTuple):
    here: Installation
    succeeded: str
    failed: str


@pytest.fixture(scope="module")
def recorded(session_homes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("goals")
    counting = goal_folder(folder / "counting", COUNTING, inputs={"text": "one two"})
    refusing = goal_folder(folder / "refusing", one_task("my.refuse", why="no such place"), goal="be refused")
    with installation(session_homes) as here:
        runs = [here.awe("run", goal, "-o", "json").document["run"] for goal in (counting, refusing)]
        yield Recorded(here, *runs)


@pytest.fixture(autouse=True)
def _there(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWE_")]:
        monkeypatch.delenv(name)
    for name, value in recorded.here.variables.items():
        monkeypatch.setenv(name, value)


def lines(ended: Ended) -> list[dict[str, Any]]:
    assert ended.code is ExitCode.OK, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_list(cli: Cli, recorded: Recorded) -> None:
    found = json.loads(cli("runs", "list", "-o", "json").out)["runs"]
    assert [(run["run"], run["status"], run["goal"]) for run in found] == [
        (recorded.failed, "failed", "be refused"),
        (recorded.succeeded, "succeeded", "count the words"),
    ]
    assert [run["run"] for run in lines(cli("runs", "list", "-o", "ndjson", "--limit", "1"))] == [
        recorded.failed
    ]
    shown = cli("runs", "list", "--status", "succeeded").out
    assert recorded.succeeded in shown
    assert recorded.failed not in shown
    assert cli("runs", "list", "--status", "planning").out.split() == [
        "RUN",
        "STATUS",
        "SUBMITTED",
        "TIME",
        "GOAL",
    ]


def found(cli: Cli, *args: object) -> list[str]:
    return [run["run"] for run in lines(cli("runs", "list", *args, "-o", "ndjson"))]


def test_list_of_some(cli: Cli, recorded: Recorded) -> None:
    both = [recorded.failed, recorded.succeeded]
    assert found(cli, "--status", "succeeded", "--status", "failed") == both
    assert found(cli, "--text", "words -refused") == [recorded.succeeded]
    assert found(cli, "--text", '"be refused" or nothing') == [recorded.failed]
    assert found(cli, "--text", "") == both
    assert found(cli, "--since", "1h") == found(cli, "--since", "2020-01-01") == both
    assert found(cli, "--since", "2999-12-31T23:59:59Z") == []
    assert found(cli, "--playbook", "nobody's") == []
    for wrong in ("yesterday", "0001-01-01", "0s"):
        assert cli("runs", "list", "--since", wrong).code is ExitCode.INVALID


def test_the_same_is_said_without_the_read_models(cli: Cli, recorded: Recorded) -> None:
    said = [
        ("runs", "list", "-o", "json"),
        ("runs", "list", "-o", "ndjson", "--text", "words", "--status", "succeeded"),
        *(("runs", "show", run, *more) for run in recorded[1:] for more in ((), ("-o", "json"))),
    ]

    def all_of_it() -> list[Ended]:
        return [cli(*words) for words in said]

    async def as_by(release: str) -> None:
        async with event_store(read_settings()) as store:
            connection = await psycopg.AsyncConnection.connect(store.servers.postgres_url, autocommit=True)
            async with connection:
                await connection.execute(
                    "UPDATE awe.projection SET code = %s || replace(code, 'another ', '')", (release,)
                )

    before = all_of_it()
    asyncio.run(as_by("another "))
    try:
        assert all_of_it() == before
    finally:
        asyncio.run(as_by(""))
    assert all(not each.err for each in before)


def test_show(cli: Cli, recorded: Recorded) -> None:
    shown = json.loads(cli("runs", "show", recorded.succeeded, "-o", "json").out)
    assert (shown["status"], shown["outputs"]["words"], shown["plan"]["name"]) == ("succeeded", 2, "counting")
    assert [(task["task"], task["status"]) for task in shown["tasks"]] == [
        ("sys.plan", "succeeded"),
        ("count", "succeeded"),
        ("report", "succeeded"),
    ]
    text = cli("runs", "show", recorded.failed).out
    assert "tool_error" in text
    assert "no such place" in text
    assert "only" not in cli("runs", "show", recorded.succeeded, "--no-tasks").out


def test_watch_of_a_run_that_has_ended(cli: Cli, recorded: Recorded) -> None:
    assert cli("runs", "watch", recorded.succeeded).code is ExitCode.OK
    failed = cli("runs", "watch", recorded.failed, "-o", "json")
    assert (failed.code, json.loads(failed.out)["status"]) == (ExitCode.RUN_FAILED, "failed")


def test_events(cli: Cli, recorded: Recorded) -> None:
    events = lines(cli("runs", "events", recorded.succeeded, "-o", "ndjson"))
    assert events[0]["type"].startswith("awe.run.goal_submitted/")
    assert events[0]["actor"].startswith("cli:")
    assert events[-1]["type"].startswith("awe.run.succeeded/")
    assert {event["run"] for event in events} == {recorded.succeeded}
    assert json.loads(cli("runs", "events", recorded.succeeded, "-o", "json").out) == {"events": events}
    assert len(cli("runs", "events", recorded.succeeded).out.splitlines()) == 1 + len(events)
    assert lines(cli("runs", "events", recorded.succeeded, "--follow", "-o", "ndjson")) == events
    assert cli("runs", "events", recorded.succeeded, "--follow", "-o", "json").code is ExitCode.INVALID


def test_replay_goes_through_the_states(cli: Cli, recorded: Recorded) -> None:
    steps = lines(cli("runs", "replay", recorded.succeeded, "-o", "ndjson"))
    assert [step["run_status"] for step in steps if step["task"] is None] == [
        "planning",
        "planning",
        "running",
        "succeeded",
    ]
    until = next(step["n"] for step in steps if step["task"] == "count" and step["task_status"] == "claimed")
    then = json.loads(cli("runs", "replay", recorded.succeeded, "--until", until, "-o", "json").out)
    assert (then["state"]["status"], then["state"]["outputs"], then["steps"][-1]["n"]) == (
        "running",
        None,
        until,
    )
    shown = cli("runs", "replay", recorded.succeeded, "--until", until).out
    assert f"As it was after event {until}; nothing was called." in shown


def test_replay_until_before_the_run(cli: Cli, recorded: Recorded) -> None:
    first = lines(cli("runs", "events", recorded.failed, "-o", "ndjson"))[0]["n"]
    ended = cli("runs", "replay", recorded.failed, "--until", first - 1, "-o", "json")
    assert (ended.code, json.loads(ended.out)["error"]["code"]) == (ExitCode.NOT_FOUND, "before_run")
    assert (
        f"Event {first - 1} is before the first event of run {recorded.failed}, which is event {first}."
        in ended.err
    )
    assert len(lines(cli("runs", "replay", recorded.failed, "--until", first, "-o", "ndjson"))) == 1


def test_cancel_of_what_has_ended_is_a_conflict(cli: Cli, recorded: Recorded) -> None:
    ended = cli("runs", "cancel", recorded.failed, "--reason", "late", "-o", "json")
    assert (ended.code, json.loads(ended.out)["error"]["code"]) == (ExitCode.CONFLICT, "run_ended")


@pytest.mark.parametrize("verb", ["show", "watch", "events", "replay", "cancel"])
def test_a_run_that_is_not_there(cli: Cli, verb: str) -> None:
    assert cli("runs", verb, NOWHERE).code is ExitCode.NOT_FOUND
    assert cli("runs", verb, NOWHERE.replace("r-00", "r-09")).code is ExitCode.NOT_FOUND
    assert cli("runs", verb, "nonsense").code is ExitCode.INVALID


def test_the_end_of_the_log(cli: Cli, recorded: Recorded) -> None:
    whole = lines(cli("events", "tail", "--from", "1", "-o", "ndjson"))
    assert [event["n"] for event in whole] == list(range(1, len(whole) + 1))
    assert lines(cli("events", "tail", "-o", "ndjson")) == whole[-20:]
    assert lines(cli("events", "tail", "--run", recorded.failed, "-o", "ndjson")) == [
        event for event in whole if event["run"] == recorded.failed
    ]
    assert len(json.loads(cli("events", "tail", "-o", "json").out)["events"]) == 20
    assert cli("events", "tail").out.split()[:2] == ["N", "TIME"]


def test_a_document_cannot_be_followed(cli: Cli) -> None:
    ended = cli("events", "tail", "--follow", "-o", "json")
    assert (ended.code, json.loads(ended.out)["error"]["code"]) == (ExitCode.INVALID, "usage")


def test_the_log_can_be_followed(recorded: Recorded) -> None:
    with recorded.here.begun("events", "tail", "--follow", "--from", "1", "-o", "ndjson") as following:
        assert following.process.stdout is not None
        assert json.loads(following.process.stdout.readline())["n"] == 1
        following.process.terminate()
