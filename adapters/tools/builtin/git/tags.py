"""`git.tags`: the tags of a repository."""

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.parameters import Repository
from awe.adapters.tools.decorator import tool


class TagEntry(TypedDict):
    name: str
    commit: str
    time: str
    annotated: bool
    subject: str


class Tags(TypedDict):
    tags: list[TagEntry]
    truncated: bool


@tool(name="git.tags", effect="read", timeout_s=60, heavy=True)
def git_tags(repo: Repository, limit: Limit = 100) -> Tags:
    """List the tags that stand for commits, newest first; the time is the tag's own, or that of its commit."""
    from awe.adapters.tools.builtin.git import commits, repository, tags_of  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        entries, truncated = bounded(
            (
                TagEntry(
                    name=tag.name,
                    commit=tag.commit.id.decode(),
                    time=commits.moment(tag.time),
                    annotated=tag.annotated,
                    subject=commits.subject(tag.message),
                )
                for tag in tags_of.tags_of(opened)
            ),
            limit,
        )
    return Tags(tags=entries, truncated=truncated)
