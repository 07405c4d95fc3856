import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.tools.builtin.git import (
    git_churn,
    git_contributors,
    git_files,
    git_log,
    git_marks,
    git_show,
    git_summary,
    git_tags,
)
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass
from support.git_repository import GitRepository, long_history

TOOLS: list[Callable[[str], Any]] = [
    git_summary,
    git_log,
    git_contributors,
    git_churn,
    git_files,
    git_marks,
    git_tags,
    lambda repo: git_show(repo, "a.py"),
]


def everything(repo: Path) -> list[Any]:
    return [tool(str(repo)) for tool in TOOLS]


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[GitRepository]:
    with GitRepository(tmp_path / "plain") as made:
        first = made.commit({"a.py": "1\n"}, at="2026-01-01T00:00:00Z")
        made.commit({"a.py": "2\n", "b/c.md": "c\n"}, at="2026-01-02T00:00:00Z")
        made.tag("v1", first, "One")
        yield made


def no_repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "file.txt").write_text("text")
    return folder


def nothing(folder: Path) -> Path:
    return folder


def a_file(folder: Path) -> Path:
    folder.write_text("gitdir: elsewhere")
    return folder


def dangling(folder: Path) -> Path:
    folder.mkdir()
    (folder / ".git").write_text("gitdir: /nowhere/at/all\n")
    return folder


def unreadable_link(folder: Path) -> Path:
    folder.mkdir()
    (folder / ".git").write_text("no link at all")
    return folder


def empty_control_folder(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "make", [no_repository, a_file, dangling, unreadable_link, empty_control_folder, nothing]
)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_folder_that_is_no_repository_is_invalid_input(
    tmp_path: Path, make: Callable[[Path], Path], tool: Callable[[str], Any]
) -> None:
    folder = make(tmp_path / "folder")
    with pytest.raises(ToolError, match="is no git repository; name the folder") as caught:
        tool(str(folder))
    assert caught.value.failure is FailureClass.INVALID_INPUT
    assert not caught.value.sent


@pytest.mark.parametrize("name", ["a\0b", "~nobody-of-that-name/x", "x" * 5_000])
def test_what_names_no_folder_is_invalid_input(name: str) -> None:
    with pytest.raises(ToolError, match="is no git repository"):
        git_summary(name)


def test_a_bare_repository_says_the_same(plain: GitRepository, tmp_path: Path) -> None:
    bare = tmp_path / "plain.git"
    shutil.copytree(plain.folder / ".git", bare)
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    told, told_bare = everything(plain.folder), everything(bare)
    assert told_bare[0] == told[0] | {"bare": True}
    assert told_bare[1:] == told[1:]


def test_packed_objects_and_refs_say_the_same(plain: GitRepository) -> None:
    told = everything(plain.folder)
    store = plain.repo.object_store
    store.pack_loose_objects()
    refs = plain.repo.refs
    refs.pack_refs(all=True)
    assert not any((plain.folder / ".git" / "refs" / "heads").iterdir())
    assert everything(plain.folder) == told


def test_a_linked_work_tree_says_the_same(plain: GitRepository, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    control = plain.folder / ".git" / "worktrees" / "linked"
    control.mkdir(parents=True)
    linked.mkdir()
    (linked / ".git").write_text(f"gitdir: {control}\n")
    (control / "gitdir").write_text(f"{linked / '.git'}\n")
    (control / "commondir").write_text("../..\n")
    (control / "HEAD").write_text("ref: refs/heads/main\n")
    told, told_linked = everything(plain.folder), everything(linked)
    assert told_linked[0] == told[0] | {"name": "linked"}
    assert told_linked[1:] == told[1:]


def test_a_head_that_stands_on_a_commit_has_no_branch(plain: GitRepository) -> None:
    sha = git_summary(str(plain.folder))["head"]
    (plain.folder / ".git" / "HEAD").write_text(f"{sha}\n")
    told = git_summary(str(plain.folder))
    assert (told["head"], told["branch"]) == (sha, None)


def test_a_shallow_repository_ends_where_it_was_cut(plain: GitRepository) -> None:
    newest, oldest = (each["sha"] for each in git_log(str(plain.folder))["commits"])
    (plain.folder / ".git" / "shallow").write_text(f"{newest}\n")
    (plain.folder / ".git" / "objects" / oldest[:2] / oldest[2:]).unlink()
    told = git_summary(str(plain.folder))
    assert (told["commits"], told["shallow"], told["first_commit"]) == (1, True, newest)
    assert git_churn(str(plain.folder))["added"] == 2
    assert git_contributors(str(plain.folder), lines=True)["commits"] == 1


@pytest.mark.parametrize("tool", [git_summary, git_log, git_churn, git_contributors])
def test_a_missing_object_is_named(plain: GitRepository, tool: Callable[[str], Any]) -> None:
    oldest = git_log(str(plain.folder))["commits"][-1]["sha"]
    (plain.folder / ".git" / "objects" / oldest[:2] / oldest[2:]).unlink()
    with pytest.raises(ToolError, match=f"lacks the object {oldest}") as caught:
        tool(str(plain.folder))
    assert caught.value.failure is FailureClass.TOOL_ERROR


def test_a_damaged_object_is_no_fault_of_ours(plain: GitRepository) -> None:
    oldest = git_log(str(plain.folder))["commits"][-1]["sha"]
    path = plain.folder / ".git" / "objects" / oldest[:2] / oldest[2:]
    path.chmod(0o600)
    path.write_bytes(b"nonsense")
    with pytest.raises(ToolError, match="is damaged"):
        git_summary(str(plain.folder))


def test_a_repository_of_an_unknown_kind_is_refused(plain: GitRepository) -> None:
    config = plain.folder / ".git" / "config"
    config.write_text("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tfromTheFuture = true\n")
    with pytest.raises(ToolError, match="of a kind that cannot be read"):
        git_summary(str(plain.folder))


def test_nothing_is_written(plain: GitRepository) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in plain.folder.rglob("*")
            if path.is_file()
        }

    before = state()
    everything(plain.folder)
    assert state() == before


def test_no_git_is_needed(plain: GitRepository) -> None:
    code = f"from awe.adapters.tools.builtin.git import git_churn; print(git_churn({str(plain.folder)!r})['commits'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "2\n", done.stderr


def test_thousands_of_commits(tmp_path: Path) -> None:
    count = 3_000
    long_history(tmp_path, count)
    folder = str(tmp_path)
    assert git_summary(folder)["commits"] == count
    told = git_churn(folder)
    assert (told["commits"], told["complete"]) == (count, True)
    assert (told["added"], told["removed"]) == (40 + count - 1, count - 1)
    assert sum(month["commits"] for month in told["months"]) == count
