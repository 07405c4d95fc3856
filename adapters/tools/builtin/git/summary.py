"""`git.summary`: what a repository is, at a glance."""

from typing import Literal

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import bounded
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.nullable import NullableText
from awe.adapters.tools.decorator import tool

_MOST_AT_THE_ROOT = 500


class RootEntry(TypedDict):
    name: str
    kind: Literal["file", "folder"]


class Summary(TypedDict):
    name: str
    head: NullableText
    branch: NullableText
    commits: int
    merges: int
    first_commit: NullableText
    first_time: NullableText
    last_time: NullableText
    tags: int
    files: int
    root: list[RootEntry]
    truncated: bool
    bare: bool
    shallow: bool


@tool(name="git.summary", effect="read", timeout_s=120, heavy=True)
def git_summary(repo: Repository, at: At = None) -> Summary:
    """Say which commit is meant, how long its history is, and what lies at its root; a shallow history is cut off."""
    from awe.adapters.tools.builtin.git import commits, repository, tags_of, tree_files  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        tip = repository.commit_at(opened, at)
        count = merges = 0
        oldest = newest = None
        for walked in commits.history(opened, tip):
            count += 1
            merges += len(walked.commit.parents) > 1
            newest = newest or walked
            if oldest is None or (walked.time, walked.commit.id) < (oldest.time, oldest.commit.id):
                oldest = walked
        root, truncated = bounded(
            (
                RootEntry(name=name, kind="folder" if folder else "file")
                for name, folder in tree_files.root_of(opened, tip)
            ),
            _MOST_AT_THE_ROOT,
        )
        return Summary(
            name=repository.name_of(opened),
            head=tip.id.decode() if tip else None,
            branch=repository.branch_of(opened),
            commits=count,
            merges=merges,
            first_commit=oldest and oldest.commit.id.decode(),
            first_time=oldest and commits.moment(oldest.time),
            last_time=newest and commits.moment(newest.time),
            tags=tags_of.count(opened),
            files=sum(1 for _ in tree_files.files_of(opened, tip)),
            root=root,
            truncated=truncated,
            bare=opened.bare,
            shallow=bool(opened.get_shallow()),
        )
