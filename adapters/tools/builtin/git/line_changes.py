"""What commits did to files: which they touched, and how many lines they added and removed.

A commit is compared with its parent, the first commit with nothing. A merge is not compared: what it brings was
counted where it was written. A renamed file is one that went and one that came. A binary file, a link and a file of
more than a megabyte are touched, and have no lines.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, NamedTuple

from dulwich.diff_tree import tree_changes
from dulwich.objects import S_ISGITLINK, Commit, ObjectID
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.commits import Walked
from awe.adapters.tools.builtin.git.repository import text_of
from awe.adapters.tools.builtin.git.shortest_edit import added_and_removed
from awe.adapters.tools.builtin.git.tree_files import LARGEST_TEXT, content, is_binary

REMEMBERED_BYTES: Final = 128 * 1024 * 1024
_OBJECT: Final = 48
_REGULAR: Final = 0o100000


class Touched(NamedTuple):
    """One file that a commit changed."""

    path: str
    added: int
    removed: int


class _Known(NamedTuple):
    """The lines of a file, and about the memory that they take."""

    lines: list[bytes]
    bytes: int


class LineChanges:
    """Compares commits with their parents, and remembers the lines it has read: one commit's new is the next one's old."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._known: OrderedDict[ObjectID, _Known] = OrderedDict()
        self._bytes = 0

    def of(self, walked: Walked) -> Iterator[Touched]:
        """What the commit changed; nothing for a merge."""
        commit, parents, _ = walked
        if len(commit.parents) > 1:
            return
        before = self._tree(parents[0]) if parents else None
        for change in tree_changes(self._repo.object_store, before, commit.tree, change_type_same=True):
            old, new = change.old, change.new
            path = (new and new.path) or (old and old.path) or b""
            added, removed = added_and_removed(
                self._of_entry(old.mode, old.sha) if old else [],
                self._of_entry(new.mode, new.sha) if new else [],
            )
            yield Touched(text_of(path), added, removed)

    def _tree(self, sha: ObjectID) -> ObjectID:
        commit = self._repo.object_store[sha]
        if not isinstance(commit, Commit):
            raise KeyError(sha)
        tree: ObjectID = commit.tree
        return tree

    def _of_entry(self, mode: int | None, sha: ObjectID | None) -> list[bytes]:
        """The lines of a regular file; none of a link, a submodule, or where there is nothing."""
        if mode is None or sha is None or S_ISGITLINK(mode) or mode & 0o170000 != _REGULAR:
            return []
        known = self._known.get(sha)
        if known is not None:
            self._known.move_to_end(sha)
            return known.lines
        data = content(self._repo, sha)
        text = len(data) <= LARGEST_TEXT and not is_binary(data)
        lines = _lines(data) if text else []
        self._known[sha] = _Known(lines, (len(data) if text else 0) + _OBJECT * (1 + len(lines)))
        self._bytes += self._known[sha].bytes
        while self._bytes > REMEMBERED_BYTES and len(self._known) > 1:
            _, forgotten = self._known.popitem(last=False)
            self._bytes -= forgotten.bytes
        return lines


def _lines(data: bytes) -> list[bytes]:
    """Lines as git has them: a last one without a newline is another line than the same with one."""
    *whole, rest = data.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])
