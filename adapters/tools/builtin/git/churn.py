"""`git.churn`: what changed how often, by file and by month."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import BYTES, Limit, bounded
from awe.adapters.tools.builtin.git.globs import Glob, matcher
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.decorator import tool

_MOST_MONTHS = 600


class FileChurn(TypedDict):
    path: str
    commits: int
    added: int
    removed: int
    authors: int
    last_time: str
    last_commit: str
    exists: bool


class MonthChurn(TypedDict):
    month: str
    commits: int
    added: int
    removed: int


class Churn(TypedDict):
    files: list[FileChurn]
    total_files: int
    months: list[MonthChurn]
    commits: int
    merges: int
    added: int
    removed: int
    complete: bool
    truncated: bool


@tool(name="git.churn", effect="read", timeout_s=600, heavy=True)
def git_churn(
    repo: Repository,
    *,
    at: At = None,
    glob: Glob = None,
    existing_only: Annotated[bool, Field(description="Only files that the commit still has.")] = False,
    max_commits: Annotated[
        int, Field(ge=1, le=200_000, description="How many commits to look at, from the newest on.")
    ] = 20_000,
    limit: Limit = 200,
) -> Churn:
    """Count for each file and each month (UTC) the commits that touched it and the lines they added and removed.

    Files are listed by number of commits, then of lines; months in order, the newest 600. `commits` is how many were
    looked at, `complete` whether those are all. Merges count as commits of their month and change nothing: what they
    bring was counted where it was written. A renamed file is one that went and one that came; binary files, links and
    files of more than a megabyte have no lines. Totals and months are of all files that the glob allows.
    """
    from awe.adapters.tools.builtin.git import commits, repository, touched_files  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        tip = repository.commit_at(opened, at)
        found = touched_files.touched_files(opened, tip, matcher(glob), max_commits)
    files = [each for each in found.by_commits() if each.exists or not existing_only]
    months, more_months = bounded(
        (
            MonthChurn(month=month, commits=sums.commits, added=sums.added, removed=sums.removed)
            for month, sums in sorted(found.months.items(), reverse=True)
        ),
        _MOST_MONTHS,
        BYTES // 4,
    )
    listed, more_files = bounded(
        (
            FileChurn(
                path=each.path,
                commits=each.commits,
                added=each.added,
                removed=each.removed,
                authors=len(each.authors),
                last_time=commits.moment(each.last_time),
                last_commit=each.last_commit,
                exists=each.exists,
            )
            for each in files
        ),
        limit,
        BYTES // 4 * 3,
    )
    return Churn(
        files=listed,
        total_files=len(files),
        months=months[::-1],
        commits=found.commits,
        merges=found.merges,
        added=sum(sums.added for sums in found.months.values()),
        removed=sum(sums.removed for sums in found.months.values()),
        complete=found.complete,
        truncated=more_files or more_months,
    )
