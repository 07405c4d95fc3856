"""The tags of a repository, with what each stands for; a tag on something else than a commit is left out."""

from typing import Final, NamedTuple

from dulwich.objects import Commit, ObjectID, ShaFile, Tag
from dulwich.refs import Ref
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.commits import time_of
from awe.adapters.tools.builtin.git.repository import text_of

_TAGS: Final = Ref(b"refs/tags/")
_DEEPEST: Final = 16


class Tagged(NamedTuple):
    name: str
    commit: Commit
    time: int
    annotated: bool
    message: bytes


def count(repo: Repo) -> int:
    return len(repo.refs.subkeys(_TAGS))


def tags_of(repo: Repo) -> list[Tagged]:
    """Newest first; those of one moment by name."""
    found = (_tagged(repo, name, sha) for name, sha in repo.refs.as_dict(_TAGS).items())
    return sorted((each for each in found if each), key=lambda each: (-each.time, each.name))


def _tagged(repo: Repo, name: bytes, sha: ObjectID) -> Tagged | None:
    first: ShaFile = repo.object_store[sha]
    target = first
    for _ in range(_DEEPEST):
        if not isinstance(target, Tag):
            break
        target = repo.object_store[target.object[1]]
    if not isinstance(target, Commit):
        return None
    own = first if isinstance(first, Tag) else None
    return Tagged(
        name=text_of(name),
        commit=target,
        time=(own and own.tag_time) or time_of(target),
        annotated=own is not None,
        message=(own.message if own else target.message) or b"",
    )
