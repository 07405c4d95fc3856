import os
from collections.abc import Callable
from pathlib import Path

import pytest

from awe.adapters.tools.builtin.workspace import (
    workspace_list,
    workspace_read_text,
    workspace_write_text,
)
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    return ToolContext.standalone(tmp_path)


def test_what_was_written_is_read_and_listed(context: ToolContext) -> None:
    assert workspace_write_text(context, "notes/ä.md", "äh\n") == {"path": "notes/ä.md", "bytes": 4}
    assert workspace_write_text(context, "b.txt", "")["bytes"] == 0
    assert workspace_read_text(context, "notes/ä.md") == {
        "path": "notes/ä.md",
        "text": "äh\n",
        "bytes": 4,
        "truncated": False,
    }
    assert workspace_list(context) == {
        "files": [{"path": "b.txt", "bytes": 0}, {"path": "notes/ä.md", "bytes": 4}],
        "truncated": False,
    }
    assert workspace_list(context, limit=1)["truncated"]
    assert workspace_read_text(context, "notes/ä.md", max_bytes=1)["truncated"]


def test_writing_twice_is_writing_once(context: ToolContext) -> None:
    for text in ("one", "two", "two"):
        workspace_write_text(context, "a.txt", text)
    assert workspace_read_text(context, "a.txt")["text"] == "two"
    assert [path.name for path in context.workspace.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "./x", "a//b", "a/", "a\0b", "a\nb", "x" * 2_000, ".."]
)
def test_a_path_that_leaves_the_workspace_is_refused(context: ToolContext, path: str) -> None:
    with pytest.raises(ToolError, match="no path inside the workspace") as caught:
        workspace_write_text(context, path, "x")
    assert caught.value.failure is FailureClass.INVALID_INPUT
    with pytest.raises(ToolError, match="no path inside the workspace"):
        workspace_read_text(context, path)


def to_a_file(workspace: Path, outside: Path) -> str:
    (workspace / "link").symlink_to(outside / "secret")
    return "link"


def over_a_folder(workspace: Path, outside: Path) -> str:
    (workspace / "link").symlink_to(outside)
    return "link/secret"


def inside_the_workspace(workspace: Path, _outside: Path) -> str:
    (workspace / "real").mkdir()
    (workspace / "real" / "secret").write_text("inside")
    (workspace / "link").symlink_to("real")
    return "link/secret"


@pytest.mark.parametrize("plant", [to_a_file, over_a_folder, inside_the_workspace])
def test_links_are_never_followed(
    context: ToolContext, tmp_path: Path, plant: Callable[[Path, Path], str]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    path = plant(context.workspace, outside)
    with pytest.raises(ToolError):
        workspace_read_text(context, path)
    with pytest.raises(ToolError):
        workspace_write_text(context, path, "overwritten")
    assert (outside / "secret").read_text() == "secret"
    assert "secret" not in {each["path"] for each in workspace_list(context)["files"]}
    assert not any("link" in each["path"] for each in workspace_list(context)["files"])


def test_what_is_no_file_is_not_read_and_not_replaced(context: ToolContext) -> None:
    (context.workspace / "folder").mkdir()
    os.mkfifo(context.workspace / "pipe")
    for path in ("folder", "pipe"):
        with pytest.raises(ToolError, match="no file"):
            workspace_read_text(context, path)
        with pytest.raises(ToolError, match="is no file"):
            workspace_write_text(context, path, "x")
    with pytest.raises(ToolError, match="has no file 'missing'"):
        workspace_read_text(context, "missing")
    with pytest.raises(ToolError, match="leads over 'nowhere'"):
        workspace_read_text(context, "nowhere/missing")
    assert workspace_list(context)["files"] == []


def test_a_write_that_fails_leaves_nothing(context: ToolContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    workspace_write_text(context, "a.txt", "old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no space left"):
        workspace_write_text(context, "a.txt", "new")
    assert [path.name for path in context.workspace.iterdir()] == ["a.txt"]
    assert (context.workspace / "a.txt").read_text() == "old"
