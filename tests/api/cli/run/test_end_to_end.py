"""A goal from the command line to its end, on embedded servers: what people and programs are told, and how it exits."""

import hashlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from awe.api.cli.exit_codes import ExitCode
from support.goal_folders import COUNTING, goal_folder, one_task
from support.installation import Installation, installation


@pytest.fixture(scope="module")
def here(session_homes: Path) -> Iterator[Installation]:
    with installation(session_homes) as made:
        yield made


def test_success_for_programs(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    ran = here.awe("run", folder, "--input", "text=one two three", "-o", "json")
    assert ran.code == ExitCode.OK, ran.err
    (artifact,) = ran.document["artifacts"]
    path = Path(artifact["path"])
    assert (path.name, path.read_text(encoding="utf-8")) == ("report.txt", "words: 3\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert ran.document | {"run": "", "artifacts": []} == {
        "run": "",
        "status": "succeeded",
        "error": None,
        "outputs": {"words": 3, "report": digest},
        "artifacts": [],
    }
    assert artifact == {
        "name": "report",
        "path": str(here.home / "runs" / ran.document["run"] / "artifacts" / "report.txt"),
        "media_type": "text/plain",
        "bytes": 9,
        "sha256": digest,
    }


def test_success_for_people(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING, inputs={"text": "one two"})
    ran = here.awe("run", folder)
    assert ran.code == ExitCode.OK, ran.err
    assert "count: running" in ran.err
    assert "counting\n" in ran.err, "what a tool prints is no data"
    assert "succeeded after" in ran.out.splitlines()[0]
    assert "  words: 2" in ran.out
    assert "/artifacts/report.txt" in ran.out


def test_failure(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", one_task("my.refuse", why="no such place"))
    ran = here.awe("run", folder, "-o", "json")
    assert ran.code == ExitCode.RUN_FAILED, ran.err
    assert (ran.document["status"], ran.document["outputs"]) == ("failed", None)
    assert ran.document["error"]["tasks"] == ["only"]
    assert "no such place" in ran.err


def test_i21_an_unknown_outcome_names_the_call_and_how_to_end_the_run(
    here: Installation, tmp_path: Path
) -> None:
    folder = goal_folder(tmp_path / "goal", one_task("my.send", to="ana"))
    ran = here.awe("run", folder, "-o", "json")
    assert ran.code == ExitCode.UNRESOLVED, ran.err
    (call,) = ran.document["error"]["calls"]
    assert (ran.document["error"]["code"], call["tool"], call["task"]) == ("unresolved", "my.send", "only")
    assert len(call["arguments_digest"]) == 64
    shown = here.awe("runs", "show", ran.document["run"]).out
    assert "my.send in task only, begun 20" in shown
    assert f"'awe runs cancel {ran.document['run']}' ends the run" in shown


def test_i19_the_same_key_is_the_same_run(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    asked = ("run", folder, "--detach", "-o", "json", "--key", "k1", "--input")
    first = here.awe(*asked, "text=one")
    assert first.document["run"] == here.awe(*asked, "text=one").document["run"]
    other = here.awe(*asked, "text=two")
    assert (other.code, other.document["error"]["code"]) == (ExitCode.CONFLICT, "idempotency_conflict")


def test_an_interrupt_asks_to_cancel_and_waits(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", one_task("my.wait", until=str(tmp_path / "gate")))
    with here.begun("run", folder, "-o", "json") as begun:
        begun.wait_for("only: running")
        begun.signal(signal.SIGINT)
        begun.wait_for("asking to cancel")
        (tmp_path / "gate").touch()
        ran = begun.end()
    assert ran.code == ExitCode.RUN_FAILED, ran.err
    assert (ran.document["status"], ran.document["error"]["code"]) == ("cancelled", "cancelled")


def test_a_second_interrupt_leaves_the_run_to_others(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", one_task("my.wait", until=str(tmp_path / "gate")))
    with here.begun("run", folder, "-o", "json") as begun:
        begun.wait_for("only: running")
        begun.signal(signal.SIGINT)
        begun.wait_for("run: cancel requested")
        begun.signal(signal.SIGINT)
        (tmp_path / "gate").touch()  # lets the thread go that nobody can stop
        ran = begun.end()
    assert ran.code == ExitCode.INTERRUPTED, ran.err
    assert f"awe runs watch {ran.document['run']}" in ran.err


def test_a_detached_run_is_worked_on_by_others(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    detached = here.awe("run", folder, "--detach", "--input", "text=one two")
    assert detached.code == ExitCode.OK, detached.err
    run = detached.out.strip()
    with here.begun("up", "--tools", folder / "tools.py") as up:
        up.wait_for("awe up: running")
        watched = here.awe("runs", "watch", run, "-o", "json")
        assert (watched.code, watched.document["outputs"]["words"]) == (ExitCode.OK, 2), watched.err
        up.signal(signal.SIGTERM)
        ended = up.end()
    assert ended.code == ExitCode.OK, ended.err
    assert "awe up: stopped" in ended.err


def test_roles_in_processes_of_their_own(here: Installation, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    worker = ("worker", "--tools", folder / "tools.py", "--slots", "2")
    with (
        here.begun("projector") as keeping,
        here.begun("scheduler") as scheduling,
        here.begun(*worker) as working,
    ):
        for begun in (keeping, scheduling, working):
            begun.wait_for(": running")
        run = here.awe("run", folder, "-d", "--input", "text=one").out.strip()
        assert here.awe("runs", "watch", run).code == ExitCode.OK
        for begun in (working, scheduling, keeping):
            begun.signal(signal.SIGTERM)
            ended = begun.end()
            assert ended.code == ExitCode.OK, ended.err
