"""Git repositories made for tests: the same calls always make the same commits."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from dulwich.index import commit_tree
from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

REGULAR = 0o100644
LINK = 0o120000
SUBMODULE = 0o160000

ADA = "Ada Lovelace <ada@example.org>"
GRACE = "Grace Hopper <grace@example.org>"


class GitRepository:
    """A repository whose branch `main` grows by commits of whole trees; nothing is checked out."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.repo = Repo.init_bare(str(folder)) if bare else Repo.init(str(folder))
        self.repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/main"))
        self._tree: dict[bytes, tuple[ObjectID, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.repo.close()

    def commit(
        self,
        files: Mapping[str | bytes, str | bytes | None],
        message: str | bytes = "A change",
        *,
        author: str | bytes = ADA,
        at: str = "2026-01-05T10:00:00+00:00",
        parents: list[str] | None = None,
        mode: int = REGULAR,
    ) -> str:
        """Write files (None: remove one) on top of the branch, or of other parents; returns the new commit's id."""
        for path, text in files.items():
            name = path.encode() if isinstance(path, str) else path
            if text is None:
                del self._tree[name]
            elif mode == SUBMODULE:
                self._tree[name] = (ObjectID(text if isinstance(text, bytes) else text.encode()), mode)
            else:
                blob = Blob.from_string(text.encode() if isinstance(text, str) else text)
                self.repo.object_store.add_object(blob)
                self._tree[name] = (blob.id, mode)
        made = Commit()
        made.tree = commit_tree(
            self.repo.object_store, [(path, sha, kind) for path, (sha, kind) in self._tree.items()]
        )
        before = self._head() if parents is None else [ObjectID(each.encode()) for each in parents]
        made.parents = before
        made.author = made.committer = author.encode() if isinstance(author, str) else author
        made.author_time = made.commit_time = int(datetime.fromisoformat(at).timestamp())
        made.author_timezone = made.commit_timezone = 0
        made.encoding = b"UTF-8"
        made.message = message.encode() if isinstance(message, str) else message
        self.repo.object_store.add_object(made)
        self.repo.refs[Ref(b"refs/heads/main")] = made.id
        return made.id.decode()

    def tag(
        self, name: str, commit: str, message: str | None = None, *, at: str = "2026-01-06T10:00:00+00:00"
    ) -> None:
        """A tag; with a message an annotated one."""
        target = ObjectID(commit.encode())
        if message is not None:
            made = Tag()
            made.name, made.object, made.tagger = name.encode(), (Commit, target), ADA.encode()
            made.tag_time, made.tag_timezone = int(datetime.fromisoformat(at).timestamp()), 0
            made.message = message.encode()
            self.repo.object_store.add_object(made)
            target = made.id
        self.repo.refs[Ref(f"refs/tags/{name}".encode())] = target

    def blob(self, path: str) -> str:
        """The id of a file's content."""
        return self._tree[path.encode()][0].decode()

    def _head(self) -> list[ObjectID]:
        _, sha = self.repo.refs.follow(Ref(b"HEAD"))
        return [] if sha is None else [sha]


def long_history(folder: Path, commits: int) -> None:
    """One file of forty lines, of which each commit changes one; an hour lies between two commits."""
    objects: list[tuple[Blob | Tree | Commit, None]] = []
    parents: list[ObjectID] = []
    lines = [b"line %d\n" % number for number in range(40)]
    for number in range(commits):
        lines[number % 40] = b"line %d of commit %d\n" % (number % 40, number)
        blob, tree, made = Blob.from_string(b"".join(lines)), Tree(), Commit()
        tree.add(b"a.py", REGULAR, blob.id)
        made.tree, made.parents = tree.id, parents
        made.author = made.committer = ADA.encode()
        made.author_time = made.commit_time = 1_700_000_000 + number * 3_600
        made.author_timezone = made.commit_timezone = 0
        made.message = b"Change %d" % number
        objects += [(blob, None), (tree, None), (made, None)]
        parents = [made.id]
    with GitRepository(folder) as repository:
        repository.repo.object_store.add_objects(objects)
        repository.repo.refs[Ref(b"refs/heads/main")] = parents[0]
