"""What the commits of a history did to each file, and in each month."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dulwich.objects import Commit
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.commits import history, month, name_and_email
from awe.adapters.tools.builtin.git.line_changes import LineChanges
from awe.adapters.tools.builtin.git.tree_files import files_of


@dataclass(slots=True)
class Month:
    commits: int = 0
    added: int = 0
    removed: int = 0


@dataclass(slots=True)
class File:
    """`last_commit` is the newest commit that touched it."""

    path: str
    last_time: int
    last_commit: str
    exists: bool
    commits: int = 0
    added: int = 0
    removed: int = 0
    authors: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class TouchedFiles:
    """`complete` says whether the history ended before the limit of commits did."""

    files: dict[str, File] = field(default_factory=dict[str, File])
    months: dict[str, Month] = field(default_factory=dict[str, Month])
    commits: int = 0
    merges: int = 0
    complete: bool = True

    def by_commits(self) -> list[File]:
        """Those that most commits touched first; then by lines, then by path."""
        return sorted(
            self.files.values(), key=lambda each: (-each.commits, -each.added - each.removed, each.path)
        )


def touched_files(
    repo: Repo, tip: Commit | None, wanted: Callable[[str], bool], max_commits: int
) -> TouchedFiles:
    """Compare the newest commits with their parents, those of the files that are wanted."""
    found, changes = TouchedFiles(), LineChanges(repo)
    present = {file.path for file in files_of(repo, tip)}
    known: dict[str, bool] = {}
    for walked in history(repo, tip):
        if found.commits == max_commits:
            found.complete = False
            break
        commit = walked.commit
        found.commits += 1
        found.merges += len(commit.parents) > 1
        sums = found.months.setdefault(month(walked.time), Month())
        sums.commits += 1
        name, email = name_and_email(commit.author)
        for path, added, removed in changes.of(walked):
            if path not in known:
                known[path] = wanted(path)
            if not known[path]:
                continue
            file = found.files.setdefault(path, File(path, walked.time, commit.id.decode(), path in present))
            file.commits += 1
            file.authors.add(email.casefold() or name)
            for each in (file, sums):
                each.added += added
                each.removed += removed
    return found
