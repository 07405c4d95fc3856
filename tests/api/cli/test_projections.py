"""`awe projections`: every verb, what it prints in each form, and how it ends."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.projections.progress_output import bar, progress_output
from awe.projections.rebuild.lock import locked
from awe.projections.rebuild.progress import Progress
from support.archives import migrated
from support.cli import Cli, cli
from support.installation import installation
from support.rebuilds import archived, goal, goals, installed
from support.server_process import ValkeyProcess

__all__ = ["cli"]

GOALS = "from support.rebuilds import Goals as Theirs\n\n\nclass Goals(Theirs):\n    poison = ('poison',)\n"
MENDED = GOALS.replace("('poison',)", "()")


@pytest.fixture
def url(
    own_valkey: ValkeyProcess, postgres_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """An installation with ten goals in its archive, and a projection of goals that nobody installed yet."""
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("AWE_POSTGRES_URL", postgres_database)
    use(monkeypatch, tmp_path / "theirs.py", GOALS)
    asyncio.run(_fill(postgres_database))
    return postgres_database


def use(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("AWE_PROJECTIONS", str(path))


async def _fill(url: str) -> None:
    async with migrated(url) as owned:
        await archived(owned, goals(1, 10))
        await installed(owned)


@pytest.mark.usefixtures("url")
def test_the_life_of_a_version(cli: Cli) -> None:
    assert cli("projections", "list").out == "NAME  VERSION  STATE  EVENTS  BEHIND  PARKED  CODE HERE\n"
    first = cli("projections", "rebuild", "goals", "-o", "json")
    assert json.loads(first.out) == {
        "projection": "goals",
        "version": 1,
        "live": 1,
        "switched": True,
        "comparison": None,
    }
    last = [line for line in first.err.splitlines() if line.startswith("{")][-1]
    assert json.loads(last)["progress"]["done"] == 10
    built = cli("projections", "rebuild", "goals", "--no-switch")
    assert built.out == (
        "version 2 of goals is built and fed; version 1 is read\nread it with: awe projections switch goals 2\n"
    )
    assert cli("projections", "switch", "goals").code is ExitCode.CONFLICT
    assert (
        cli("projections", "verify", "goals").out == "version 2 of goals is equal: 1 rows, 1 in version 1\n"
    )
    assert json.loads(cli("projections", "verify", "goals", "2", "-o", "json").out)["equal"] is True
    assert json.loads(cli("projections", "switch", "goals", "-o", "json").out) == {
        "projection": "goals",
        "live": 2,
    }
    rows = cli("projections", "list", "-o", "ndjson").out.splitlines()
    assert [(json.loads(row)["version"], json.loads(row)["state"]) for row in rows] == [
        (1, "fed"),
        (2, "live"),
    ]
    assert [
        each["behind"] for each in json.loads(cli("projections", "list", "-o", "json").out)["versions"]
    ] == [
        0,
        0,
    ]
    assert "version 1 of goals is read now" in cli("projections", "rollback", "goals", "--reason", "x").err
    assert cli("projections", "drop", "goals", "1").code is ExitCode.CONFLICT
    assert "version 2 of goals is dropped" in cli("projections", "drop", "goals", "2").err
    assert json.loads(cli("projections", "drop", "goals", "2", "-o", "json").out) == {
        "projection": "goals",
        "dropped": 2,
    }
    assert json.loads(cli("projections", "rows", "goals", "-o", "json").out) == {
        "rows": [{"partition": "awe.00", "goal": "g", "count": 10}]
    }
    assert json.loads(cli("projections", "rows", "goals", "-o", "ndjson").out)["count"] == 10
    assert cli("projections", "rows", "goals").out.splitlines()[1].split() == ["awe.00", "g", "10"]


def test_a_version_that_differs_ends_with_6(url: str, cli: Cli) -> None:
    cli("projections", "rebuild", "goals")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE awe_goals_v1.goals SET count = 3")
    done = cli("projections", "rebuild", "goals")
    assert done.code is ExitCode.DIFFERENT
    assert done.out.splitlines()[1:] == [
        "  awe.00/g: differs",
        "version 2 of goals is built and fed; version 1 is read",
        "read it with: awe projections switch goals 2 --force REASON",
    ]
    told = cli("projections", "verify", "goals", "-o", "json")
    assert told.code is ExitCode.DIFFERENT
    assert json.loads(told.out)["differing"] == ["awe.00/g: differs"]
    assert cli("projections", "switch", "goals", "--force", "it was wrong").code is ExitCode.OK
    forced = cli("projections", "rebuild", "goals", "--force", "so it is")
    assert forced.out.endswith("version 3 of goals is read now\n")


def test_what_there_is_to_do(url: str, cli: Cli) -> None:
    told = json.loads(cli("projections", "rebuild", "goals", "--dry-run", "-o", "json").out)
    assert (told["events"], told["version"], told["unknown"], told["poisoned"]) == (10, 1, {}, None)
    asyncio.run(_more(url, "poison"))
    lines = cli("projections", "rebuild", "goals", "--dry-run").out.splitlines()
    assert lines[2] == "events      11 in 1 partitions"
    assert lines[-1].startswith("poisoned    event 11 of partition awe.00")


async def _more(url: str, *texts: str) -> None:
    async with migrated(url) as owned:
        head = 10
        async with owned.connection() as connection:
            cursor = await connection.execute("SELECT epoch, head, chain FROM awe.partition")
            row = await cursor.fetchone()
        assert row is not None
        from awe.projections.archive import Head  # noqa: PLC0415

        await archived(
            owned,
            [goal(head + n, f"r-{n}", text) for n, text in enumerate(texts, 1)],
            Head(row[0], row[1], row[2]),
        )


def test_i28_parked_sequences_are_listed_tried_again_and_given_up(
    url: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asyncio.run(_more(url, "poison", "too many", "g"))
    poisoned = cli("projections", "rebuild", "goals", "-o", "json")
    assert poisoned.code is ExitCode.ERROR
    assert json.loads(poisoned.out)["error"]["code"] == "event_poisoned"
    assert cli("projections", "rebuild", "goals", "--park").code is ExitCode.OK
    assert cli("projections", "parked", "list").out.splitlines()[1].split()[:5] == [
        "goals",
        "1",
        "r-1",
        "11",
        "1",
    ]
    (first, second) = json.loads(cli("projections", "parked", "list", "goals", "-o", "json").out)["parked"]
    assert (first["error"], second["n"]) == ("RuntimeError: cannot count event 11", 12)
    assert len(cli("projections", "parked", "list", "-o", "ndjson").out.splitlines()) == 2
    assert cli("projections", "parked", "retry", "goals", "r-1").code is ExitCode.ERROR
    use(monkeypatch, tmp_path / "mended.py", MENDED)
    tried = cli("projections", "parked", "retry", "goals", "-o", "json")
    assert tried.code is ExitCode.ERROR
    assert [(each["applied"], bool(each["error"])) for each in json.loads(tried.out)["retried"]] == [
        (1, False),
        (0, True),
    ]
    given_up = cli("projections", "parked", "discard", "goals", "r-2")
    assert "gave up 1 events of r-2 in version 1" in given_up.err
    assert json.loads(cli("projections", "parked", "list", "-o", "json").out) == {"parked": []}
    assert cli("projections", "parked", "retry", "goals").code is ExitCode.NOT_FOUND
    assert cli("projections", "parked", "discard", "goals", "r-9", "-o", "json").code is ExitCode.NOT_FOUND
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO awe.parked VALUES ('goals', 1, 'awe.00', 'r-9', 13, 1, 'x')")
        connection.execute("UPDATE awe.projection SET code = 'other'")
    passed = cli("projections", "parked", "retry", "goals")
    assert "version 1 has other code than this process" in passed.err
    told = json.loads(cli("projections", "parked", "discard", "goals", "r-9", "-o", "json").out)
    assert told["discarded"][0]["events"] == 1


def test_a_stopped_projection_is_resumed(url: str, cli: Cli) -> None:
    cli("projections", "rebuild", "goals")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE awe.projection SET stopped = 'it raised'")
    shown = cli("projections", "status", "goals").out
    assert "goals 1 is stopped: it raised\nGo on with: awe projections resume goals" in shown
    assert json.loads(cli("projections", "status", "-o", "json").out)["versions"][0]["state"] == "stopped"
    assert json.loads(cli("projections", "resume", "goals", "-o", "json").out)["resumed"] == [1]
    assert "goals was not stopped" in cli("projections", "resume", "goals").err


@pytest.mark.usefixtures("url")
def test_what_is_not_there_ends_with_3(cli: Cli) -> None:
    for words in (
        ("status", "nothing"),
        ("status",),
        ("rebuild", "nothing"),
        ("verify", "goals"),
        ("switch", "goals"),
        ("rollback", "goals", "--reason", "x"),
        ("resume", "goals"),
        ("rows", "goals"),
    ):
        assert cli("projections", *words).code is ExitCode.NOT_FOUND, words


def test_whoever_comes_second_is_refused(url: str, cli: Cli) -> None:
    async def meanwhile() -> None:
        async with migrated(url) as owned, locked(owned, "goals", "ana"):
            refused = await asyncio.to_thread(cli, "projections", "rebuild", "goals")
            assert refused.code is ExitCode.CONFLICT
            assert "by ana since" in refused.err

    asyncio.run(meanwhile())


def test_without_a_projector_there_is_nothing_to_look_after(
    own_valkey: ValkeyProcess, postgres_database: str, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.setenv("AWE_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("AWE_POSTGRES_URL", postgres_database)
    ended = cli("projections", "list")
    assert ended.code is ExitCode.CONFLICT
    assert "start 'awe projector'" in ended.err
    monkeypatch.setenv("AWE_PROJECTIONS", "not.there")
    assert cli("projections", "list").code is ExitCode.INVALID


def test_an_interrupted_rebuild_says_how_to_go_on(url: str, cli: Cli) -> None:
    cli("projections", "rebuild", "goals")
    with psycopg.connect(url) as holding:
        holding.execute("LOCK TABLE awe.parked IN ACCESS EXCLUSIVE MODE")  # the build cannot go on
        with subprocess.Popen(
            [sys.executable, "-m", "awe", "projections", "rebuild", "goals", "--park"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            assert '"done":0' in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "goals is read as before" in told
    assert "Go on with: awe projections rebuild goals --park" in told
    assert "goes on with version 2" in cli("projections", "rebuild", "goals").err


def test_the_bar_says_how_far_and_how_fast() -> None:
    told = Progress("runs", 3, 30_000, 60_000, 41_000.4, 0.73, 2)
    assert (
        bar(told)
        == "runs 3  [###############...............]  50%  30,000 of 60,000 events  41,000/s  1s to go  2 parked"
    )
    assert bar(Progress("runs", 3, 0, 0, None, None, 0)).endswith("100%  0 of 0 events")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with progress_output(stream) as tell:
        tell(told)
        tell(told._replace(done=60_000))
    assert "50%" in stream.getvalue()
    assert "100%" in stream.getvalue()


def test_on_embedded_servers_whoever_asks_keeps_the_log(
    session_homes: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installation(session_homes) as here:
        for name, value in here.variables.items():
            monkeypatch.setenv(name, value)
        found = json.loads(cli("projections", "list", "-o", "json").out)["versions"]
        assert {"runs", "tasks"} <= {each["projection"] for each in found}
        assert {each["state"] for each in found} == {"live"}
