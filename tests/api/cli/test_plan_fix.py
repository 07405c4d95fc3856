"""`awe plan fix`: the fixed plan as its author would write it, once and for all."""

import json
from pathlib import Path

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli

PLAN = """{"name": "notes", "version": 1, "tasks": [
 {"tool_requests": [{"tool": "git.log"}], "id": "collect"},
 {"id": "draft", "deps": ["collect"],
  "tool_requests": [{"tool": "text.write", "arguments": {"z": {"$from": "collect"}, "a": "ü"}}]},
 {"id": "send", "deps": ["draft", "collect"],
  "tool_requests": [{"tool": "mail.send", "arguments": {"text": {"$from": "draft", "path": "/text"}}}]}]}"""
TOLD = (
    "P009 at /tasks/2/deps/1: 'collect' comes before another dependency of 'send': remove the dependency\n"
    "{}: 1 fixed\n"
)


def test_the_fixed_plan_is_printed_as_written(cli: Cli) -> None:
    ended = cli("plan", "fix", "-", stdin=PLAN.encode())
    assert (ended.code, ended.err) == (ExitCode.OK, TOLD.format("stdin"))
    expected = json.loads(PLAN)
    expected["tasks"][2]["deps"] = ["draft"]
    assert json.loads(ended.out) == expected
    assert list(json.loads(ended.out)["tasks"][0]) == ["id", "tool_requests"]
    assert ended.out.startswith('{\n  "name": "notes",\n  "version": 1,\n')
    assert '"z": {\n              "$from": "collect"\n            },\n            "a": "ü"' in ended.out


def test_fixing_twice_changes_nothing(cli: Cli) -> None:
    once = cli("plan", "fix", "-", stdin=PLAN.encode()).out
    assert cli("plan", "fix", "-", stdin=once.encode()) == (ExitCode.OK, once, "stdin: nothing to fix\n")


def test_writing_replaces_the_file(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(PLAN, encoding="utf-8")
    printed = cli("plan", "fix", file).out
    assert file.read_text(encoding="utf-8") == PLAN
    assert cli("plan", "fix", file, "--write") == (ExitCode.OK, "", TOLD.format(file))
    assert file.read_text(encoding="utf-8") == printed


def test_a_file_without_faults_is_not_touched(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(PLAN.replace(', "collect"],', "],"), encoding="utf-8")
    before = file.stat()
    assert cli("plan", "fix", file, "--write") == (ExitCode.OK, "", f"{file}: nothing to fix\n")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_standard_input_cannot_be_replaced(cli: Cli) -> None:
    ended = cli("plan", "fix", "-", "--write", stdin=PLAN.encode())
    assert ended == (
        ExitCode.INVALID,
        "",
        "error: Standard input cannot be replaced.\nhint: Leave out --write.\n",
    )
