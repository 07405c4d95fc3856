"""What is told of runs afterwards: every verb reads what was recorded, and calls nothing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from awe.api.cli.exit_codes import ExitCode
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
    assert cli("runs", "replay", recorded.failed, "--until", "1").code is ExitCode.NOT_FOUND


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
