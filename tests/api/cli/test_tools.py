"""`awe tools`: what plans may call, without any server."""

import json
from pathlib import Path

import pytest

from awe.api.cli.exit_codes import ExitCode
from awe.domain.plan.lint.catalogue import Catalogue
from support.cli import Cli
from support.goal_folders import TOOLS


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    return tmp_path / "tools.py"


def test_list(cli: Cli, tools: Path) -> None:
    shown = cli("tools", "list", "--tools", tools)
    assert shown.code is ExitCode.OK
    rows = {line.split()[0]: line for line in shown.out.splitlines()}
    assert rows["my.count"].split() == ["my.count", "1", "read", "yes", "30s", "text"]
    assert rows["my.send"].split() == ["my.send", "1", "write", "no", "0.2s", "to"]
    assert "text.count" in rows, "the built-in ones are there too"


def test_list_for_programs_is_a_catalogue(cli: Cli, tools: Path) -> None:
    document = cli("tools", "list", "--tools", tools, "-o", "json").out
    catalogue = Catalogue.from_json(document.encode())
    assert catalogue.find("my.count", None) is not None
    lines = cli("tools", "list", "--tools", tools, "-o", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == json.loads(document)


def test_show(cli: Cli, tools: Path) -> None:
    shown = json.loads(cli("tools", "show", "my.count@1", "--tools", tools, "-o", "json").out)
    assert shown["input_schema"]["properties"]["text"]["type"] == "string"
    assert len(shown["digest"]) == 64
    text = cli("tools", "show", "my.send", "--tools", tools).out
    assert "an unknown outcome waits for a person" in text
    assert '"required"' in text
    assert "it only reads" in cli("tools", "show", "my.count", "--tools", tools).out


def test_a_tool_that_is_not_there(cli: Cli, tools: Path) -> None:
    ended = cli("tools", "show", "my.cuont", "--tools", tools)
    assert ended.code is ExitCode.NOT_FOUND
    assert "Did you mean my.count?" in ended.err


def test_tools_of_the_settings(cli: Cli, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWE_TOOLS", f" {tools} , ")
    assert "my.count" in cli("tools", "list").out
    monkeypatch.setenv("AWE_TOOLS", "no.such.module")
    ended = cli("tools", "list")
    assert ended.code is ExitCode.INVALID
    assert "no.such.module" in ended.err
