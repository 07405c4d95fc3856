"""The files of one commit: links are listed and never followed, submodules are left out."""

import stat
from collections.abc import Iterator
from typing import Final, NamedTuple

from dulwich.objects import S_ISGITLINK, Blob, Commit, ObjectID, Tree
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.repository import text_of

LARGEST_TEXT: Final = 1_048_576
_SNIFFED: Final = 8_000  # as git does it


class TreeFile(NamedTuple):
    """A file of a commit; the path as text is for people, the id finds the content."""

    path: str
    sha: ObjectID
    link: bool


def files_of(repo: Repo, commit: Commit | None) -> Iterator[TreeFile]:
    """Every file, in the order of the paths' bytes."""
    if commit is None:
        return
    for entry in repo.object_store.iter_tree_contents(commit.tree):
        if entry.path and entry.sha and entry.mode and not S_ISGITLINK(entry.mode):
            yield TreeFile(text_of(entry.path), entry.sha, stat.S_ISLNK(entry.mode))


def root_of(repo: Repo, commit: Commit | None) -> Iterator[tuple[str, bool]]:
    """The names in the commit's top folder, and whether each is a folder."""
    if commit is None:
        return
    tree = repo.object_store[commit.tree]
    if not isinstance(tree, Tree):
        raise KeyError(commit.tree)
    for entry in tree.iteritems():
        yield text_of(entry.path), stat.S_ISDIR(entry.mode) or S_ISGITLINK(entry.mode)


def content(repo: Repo, sha: ObjectID) -> bytes:
    """The bytes of a file; raises KeyError when the repository lacks them."""
    blob = repo.object_store[sha]
    if not isinstance(blob, Blob):
        raise KeyError(sha)
    return blob.data


def is_binary(data: bytes) -> bool:
    return b"\0" in data[:_SNIFFED]


def file_at(repo: Repo, commit: Commit | None, path: str) -> ObjectID | None:
    """The id of the file that is listed under the path; None when there is none, or no regular file."""
    if commit is None:
        return None
    sha, mode = commit.tree, stat.S_IFDIR
    for part in path.split("/"):
        tree = repo.object_store[sha] if stat.S_ISDIR(mode) else None
        if not isinstance(tree, Tree):
            return None
        entry = next((each for each in tree.iteritems() if text_of(each.path) == part), None)
        if entry is None:
            return None
        sha, mode = entry.sha, entry.mode
    return sha if stat.S_ISREG(mode) else None
