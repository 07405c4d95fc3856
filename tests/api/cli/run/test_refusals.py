"""A goal that cannot work is refused with its place and a hint, before anything is begun: no server is even started."""

import json
import os
from pathlib import Path

import pytest

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli, Ended
from support.goal_folders import COUNTING, goal_folder, one_task

PLAYBOOK = """
name: notes
match: {phrases: [write notes]}
inputs: {type: object, properties: {text: {type: string}}, required: [text]}
plan:
  tasks:
    - id: write
      tool_requests: [{tool: text.count, arguments: {text: {$param: text}}}]
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, server_home: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("AWE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWE_HOME", str(server_home / "awe"))
    (server_home / "playbooks").mkdir()
    (server_home / "playbooks" / "notes.yaml").write_text(PLAYBOOK, encoding="utf-8")
    monkeypatch.setenv("AWE_PLAYBOOKS", str(server_home / "playbooks"))
    return server_home / "awe"


def refused(ended: Ended, home: Path) -> tuple[str, str]:
    """The code of the error and of its first finding, where it has any; nothing was begun."""
    assert ended.code is ExitCode.INVALID
    assert not home.exists()
    document = json.loads(ended.out)
    assert (document["run"], document["status"], document["outputs"], document["artifacts"]) == (
        None,
        None,
        None,
        [],
    )
    assert ended.err.splitlines()[-2].startswith("error: ")
    assert ended.err.splitlines()[-1].startswith("hint: ")
    return document["error"]["code"], next(
        (found["code"] for found in document.get("findings", ()) if found.get("severity") == "error"), ""
    )


def test_an_unknown_tool(cli: Cli, home: Path, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", one_task("my.cuont", text="a b"))
    ended = cli("run", folder, "-o", "json")
    assert refused(ended, home) == ("goal_refused", "P020")
    assert "P020 at /tasks/0/tool_requests/0/tool: " in ended.err
    assert "my.count" in ended.err


def test_a_missing_input(cli: Cli, home: Path, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    ended = cli("run", folder, "-o", "json")
    assert refused(ended, home) == ("goal_refused", "G010")
    assert "at /inputs" in ended.err


def test_a_wrong_input(cli: Cli, home: Path, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    ended = cli("run", folder, "-o", "json", "--input", "text=7")
    assert refused(ended, home) == ("goal_refused", "G012")
    assert "7" not in ended.err.replace("G012", ""), "values may be secrets"


def test_words_that_no_playbook_matches(cli: Cli, home: Path) -> None:
    ended = cli("run", "sing a song", "-o", "json")
    assert refused(ended, home) == ("goal_refused", "G001")
    assert "notes" in ended.err, "the known ones are named"


def test_an_unknown_playbook(cli: Cli, home: Path) -> None:
    assert refused(cli("run", "write notes", "--playbook", "ntoes", "-o", "json"), home) == (
        "goal_refused",
        "G003",
    )


def test_a_playbook_without_its_inputs(cli: Cli, home: Path) -> None:
    assert refused(cli("run", "write notes", "-o", "json"), home) == ("goal_refused", "G010")


def test_no_goal_at_all(cli: Cli, home: Path) -> None:
    ended = cli("run", "", "--playbook", "notes", "--input", "text=a", "-o", "json")
    assert refused(ended, home) == ("goal_malformed", "")


@pytest.mark.parametrize("written", ["goal: [", "gaol: count", "goal: count\nplan: a.json\nplaybook: b"])
def test_a_broken_goal_file(cli: Cli, home: Path, tmp_path: Path, written: str) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    (folder / "goal.yaml").write_text(written, encoding="utf-8")
    ended = cli("run", folder, "-o", "json")
    assert refused(ended, home) == ("goal_file_invalid", "")
    assert str(folder / "goal.yaml") in ended.err


def test_a_folder_without_a_goal(cli: Cli, home: Path, tmp_path: Path) -> None:
    assert refused(cli("run", tmp_path, "-o", "json"), home)[0] == "goal_file_invalid"


def test_a_file_is_a_goal_file_whatever_it_is_called(cli: Cli, home: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words", encoding="utf-8")
    assert refused(cli("run", tmp_path / "notes.txt", "-o", "json"), home)[0] == "goal_file_invalid"


def test_broken_tools(cli: Cli, home: Path, tmp_path: Path) -> None:
    folder = goal_folder(tmp_path / "goal", COUNTING)
    (folder / "tools.py").write_text("def broken(:\n", encoding="utf-8")
    ended = cli("run", folder, "-o", "json")
    assert refused(ended, home) == ("tools_unusable", "")
    assert f"{folder / 'tools.py'}, line 1" in ended.err


def test_a_wrong_setting(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_SLOTS", "0")
    assert refused(cli("run", "write notes", "-o", "json"), home) == ("settings_invalid", "")
