"""What holds for every command: help is quick and light, faults are two lines and an exit code."""

import json
import os
import resource
import subprocess
import sys

import pytest

from awe.api.cli import main, nouns
from awe.api.cli.exit_codes import MEANINGS, ExitCode
from support.cli import Cli

HEAVY = (
    "faststream",
    "mcp",
    "yaml",
    "opentelemetry",
    "redis",
    "psycopg",
    "eventsourcing",
    "cel_expr_python",
    "jsonschema",
    "pydantic",
    "rich",
    "asyncio",
)


def awe(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "awe", *args),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(env or {})},
    )


def cpu_seconds(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_imports_no_library_that_a_command_needs() -> None:
    program = (
        "import sys; from awe.api.cli.main import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        (sys.executable, "-c", program),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    imported = set(ended.stderr.split())
    assert "awe.api.cli.main" in imported
    assert imported.isdisjoint(HEAVY)
    assert not {name for name in imported if name.startswith(("awe.domain", "awe.adapters"))}


def test_help_costs_little_more_than_typer_itself() -> None:
    typer = min(cpu_seconds(sys.executable, "-c", "import typer") for _ in range(3))
    usage = min(cpu_seconds(sys.executable, "-m", "awe", "--help") for _ in range(3))
    assert usage < 2 * typer


def test_help_names_every_noun_and_every_exit_code() -> None:
    shown = awe("--help").stdout
    assert all(f"  {noun} " in shown for noun in nouns.SUMMARIES)
    assert all(f"{code:>3}  {MEANINGS[code]}" in shown for code in ExitCode)


def test_every_noun_is_there(cli: Cli) -> None:
    for noun in nouns.SUMMARIES:
        ended = cli(noun, "--help")
        assert (ended.code, ended.err) == (ExitCode.OK, "")
        assert ended.out.startswith(f"Usage: awe {noun} ")


def test_the_program_alone_shows_its_help() -> None:
    alone = awe()
    assert (alone.returncode, alone.stdout) == (ExitCode.OK, awe("--help").stdout)


def test_version() -> None:
    ended = awe("--version")
    assert (ended.returncode, ended.stdout.split()[0], ended.stderr) == (ExitCode.OK, "awe", "")


def test_completion_is_offered_for_nouns_and_their_verbs() -> None:
    for words, expected in (("awe pl", "plan"), ("awe plan li", "lint"), ("awe runs re", "replay")):
        completed = awe(
            env={"_AWE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        )
        assert expected in completed.stdout.split()


def test_completion_can_be_installed() -> None:
    assert "--install-completion" in awe("--help").stdout
    shown = awe(env={"_AWE_COMPLETE": "source_bash"})
    assert (shown.returncode, "_AWE_COMPLETE" in shown.stdout) == (ExitCode.OK, True), shown.stderr


def test_wrong_usage_is_told_in_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plam"]) is ExitCode.INVALID
    assert capsys.readouterr() == (
        "",
        "error: No such command 'plam'. Did you mean 'plan'?\nhint: See: awe --help\n",
    )


def test_wrong_usage_of_a_verb_names_that_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["plan", "lint"]) is ExitCode.INVALID
    assert capsys.readouterr() == ("", "error: Missing argument 'FILE'.\nhint: See: awe plan lint --help\n")


@pytest.mark.parametrize("asking", [("--output", "json"), ("--output=json",), ("-o", "json"), ("-ojson",)])
def test_a_fault_is_a_document_where_json_was_asked_for(
    asking: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["--bogus", *asking]) is ExitCode.INVALID
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {
        "error": {"code": "usage", "message": "No such option: --bogus", "hint": "See: awe --help"}
    }
    assert shown.err == "error: No such option: --bogus\nhint: See: awe --help\n"


def test_a_fault_is_a_line_where_lines_were_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--bogus", "-o", "ndjson"]) is ExitCode.INVALID
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["error"]["code"] == "usage"


@pytest.mark.parametrize(("debug", "traced"), [("1", True), ("0", False), ("", False)])
def test_a_fault_of_the_program_shows_its_traceback_only_when_asked(
    *, debug: str, traced: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWE_DEBUG", debug)

    def fail(_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(main, "get_command", fail)
    assert main.run([]) is ExitCode.ERROR
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2:] == [
        "error: This is a fault in awe itself: ZeroDivisionError: division by zero",
        "hint: Set AWE_DEBUG=1 to see where it came from, and report it with what is printed then.",
    ]
    assert (lines[0] == "Traceback (most recent call last):") is traced


def test_interrupted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "get_command", interrupt)
    assert main.run([]) is ExitCode.INTERRUPTED
    assert capsys.readouterr().err.startswith("error: Interrupted.\n")
