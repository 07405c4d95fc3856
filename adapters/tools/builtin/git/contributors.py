"""`git.contributors`: who wrote a history."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.decorator import tool


class Contributor(TypedDict):
    name: str
    email: str
    commits: int
    first_time: str
    last_time: str
    last_commit: str
    added: int
    removed: int


class Contributors(TypedDict):
    contributors: list[Contributor]
    total: int
    commits: int
    truncated: bool


@tool(name="git.contributors", effect="read", timeout_s=600, heavy=True)
def git_contributors(
    repo: Repository,
    *,
    at: At = None,
    lines: Annotated[
        bool, Field(description="Count lines too, which takes longer; else they are 0.")
    ] = False,
    limit: Limit = 200,
) -> Contributors:
    """List the authors by number of commits, one for each e-mail address, after the .mailmap of the commit.

    `total` and `commits` are of all authors, also those not listed. Merges count as commits and have no lines.
    """
    from awe.adapters.tools.builtin.git import authors, commits, repository  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        found = authors.authors_of(opened, repository.commit_at(opened, at), lines=lines)
    listed, truncated = bounded(
        (
            Contributor(
                name=each.name,
                email=each.email,
                commits=each.commits,
                first_time=commits.moment(each.first),
                last_time=commits.moment(each.last),
                last_commit=each.last_commit,
                added=each.added,
                removed=each.removed,
            )
            for each in found
        ),
        limit,
    )
    return Contributors(
        contributors=listed,
        total=len(found),
        commits=sum(each.commits for each in found),
        truncated=truncated,
    )
