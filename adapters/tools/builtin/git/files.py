"""`git.files`: the files of one commit."""

from collections.abc import Iterator
from typing import Literal

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.globs import Glob, matcher
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.decorator import tool


class FileEntry(TypedDict):
    path: str
    bytes: int
    kind: Literal["file", "link"]


class Files(TypedDict):
    files: list[FileEntry]
    count: int
    truncated: bool


@tool(name="git.files", effect="read", timeout_s=120, heavy=True)
def git_files(repo: Repository, at: At = None, glob: Glob = None, limit: Limit = 1_000) -> Files:
    """List the files of a commit with their sizes, by path; `count` is how many match, also of those not listed."""
    from awe.adapters.tools.builtin.git import repository, tree_files  # noqa: PLC0415 (loads dulwich)

    matches = matcher(glob)
    with repository.opened(repo) as opened:
        found = [
            file
            for file in tree_files.files_of(opened, repository.commit_at(opened, at))
            if matches(file.path)
        ]

        def entries() -> Iterator[FileEntry]:
            for file in found:
                size = len(tree_files.content(opened, file.sha))
                yield FileEntry(path=file.path, bytes=size, kind="link" if file.link else "file")

        listed, truncated = bounded(entries(), limit)
    return Files(files=listed, count=len(found), truncated=truncated)
