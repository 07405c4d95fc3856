"""The commits behind a commit, newest first by commit time; the same repository always gives the same order.

A commit comes after one of its children at least, as git's own log has it. What a shallow repository cut off is not
there.
"""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from dulwich.objects import Commit, ObjectID
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.repository import text_of

_LONGEST_SUBJECT: Final = 200
_TIME: Final = re.compile(rb" (-?\d{1,18}) [+-]\d{4}$")
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799  # the years 1 to 9999


class Walked(NamedTuple):
    """A commit, its parents as far as they are in the repository, and its commit time."""

    commit: Commit
    parents: list[ObjectID]
    time: int


def history(repo: Repo, tip: Commit | None) -> Iterator[Walked]:
    """All commits that can be reached from the tip."""
    if tip is None:
        return
    provider = repo.parents_provider()
    store = repo.object_store
    waiting = [(-time_of(tip), tip.id, tip)]
    seen = {tip.id}
    while waiting:
        earlier, _, commit = heapq.heappop(waiting)
        parents = provider.get_parents(commit.id, commit)
        yield Walked(commit, parents, -earlier)
        for sha in parents:
            if sha not in seen:
                seen.add(sha)
                parent = store[sha]
                if not isinstance(parent, Commit):
                    raise KeyError(sha)
                heapq.heappush(waiting, (-time_of(parent), sha, parent))


def time_of(commit: Commit) -> int:
    """The commit time; of a commit whose committer is no identity, what stands where the time would, or 0."""
    known: int | None = commit.commit_time
    if known is not None:
        return known
    found = _TIME.search(commit.committer)
    return int(found[1]) if found else 0


def moment(seconds: int) -> str:
    """Seconds since 1970 as a time in UTC; nonsense is moved to the nearest year that has a name."""
    bounded = min(max(seconds, _EARLIEST), _LATEST)
    return datetime.fromtimestamp(bounded, UTC).isoformat().replace("+00:00", "Z")


def month(seconds: int) -> str:
    return moment(seconds)[:7]


def subject(message: bytes) -> str:
    """The first line of a message."""
    first = message.lstrip().partition(b"\n")[0]
    return text_of(first).strip()[:_LONGEST_SUBJECT]


def name_and_email(identity: bytes) -> tuple[str, str]:
    """The two parts of `Name <email>`; an identity that is none is all name."""
    name, opened, rest = _TIME.sub(b"", identity).partition(b"<")
    email = rest.partition(b">")[0] if opened else b""
    return text_of(name).strip(), text_of(email).strip()
