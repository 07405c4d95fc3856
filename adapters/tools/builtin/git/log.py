"""`git.log`: the commits of a history, page by page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.nullable import NullableText
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.decorator import tool

if TYPE_CHECKING:
    from awe.adapters.tools.builtin.git.commits import Walked


class CommitEntry(TypedDict):
    sha: str
    author: str
    email: str
    time: str
    subject: str
    parents: int


class Log(TypedDict):
    commits: list[CommitEntry]
    next_after: NullableText
    truncated: bool


@tool(name="git.log", effect="read", timeout_s=120, heavy=True)
def git_log(
    repo: Repository,
    at: At = None,
    limit: Limit = 100,
    after: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-f]{40}([0-9a-f]{24})?$",
            description="Go on behind this commit: a page's next_after.",
        ),
    ] = None,
) -> Log:
    """List commits, newest first by commit time; a page that is not the last names where the next one begins."""
    from awe.adapters.tools.builtin.git import commits, repository  # noqa: PLC0415 (loads dulwich)

    def entry(walked: "Walked") -> CommitEntry:
        commit = walked.commit
        author, email = commits.name_and_email(commit.author)
        return CommitEntry(
            sha=commit.id.decode(),
            author=author,
            email=email,
            time=commits.moment(walked.time),
            subject=commits.subject(commit.message),
            parents=len(commit.parents),
        )

    with repository.opened(repo) as opened:
        walk = commits.history(opened, repository.commit_at(opened, at))
        entries, truncated = bounded(map(entry, _behind(walk, after)), limit)
    return Log(
        commits=entries, next_after=entries[-1]["sha"] if truncated and entries else None, truncated=truncated
    )


def _behind(walk: "Iterator[Walked]", after: str | None) -> "Iterator[Walked]":
    if after is not None and not any(walked.commit.id.decode() == after for walked in walk):
        raise refused(
            f"the history has no commit {after} to go on behind; use next_after of a page at the same commit"
        )
    return walk
