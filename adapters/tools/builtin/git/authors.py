"""The authors of a history: one for each e-mail address, under the name of the latest commit and as .mailmap says."""

from dataclasses import dataclass
from io import BytesIO

from dulwich.mailmap import Mailmap, read_mailmap
from dulwich.objects import Commit
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.commits import history, name_and_email
from awe.adapters.tools.builtin.git.line_changes import LineChanges
from awe.adapters.tools.builtin.git.tree_files import content, file_at


@dataclass(slots=True)
class Author:
    """Times are commit times; `last_commit` is the newest commit."""

    name: str
    email: str
    first: int
    last: int
    last_commit: str
    commits: int = 0
    added: int = 0
    removed: int = 0


def authors_of(repo: Repo, tip: Commit | None, *, lines: bool) -> list[Author]:
    """Those with most commits first; with the same number by e-mail address and name."""
    mailmap, changes = _mailmap(repo, tip), LineChanges(repo)
    found: dict[str, Author] = {}
    for walked in history(repo, tip):
        commit = walked.commit
        name, email = name_and_email(_identity(mailmap, commit.author))
        author = found.setdefault(
            email.casefold() or name,
            Author(name, email, walked.time, walked.time, commit.id.decode()),
        )
        author.commits += 1
        author.first = min(author.first, walked.time)
        author.last = max(author.last, walked.time)
        for touched in changes.of(walked) if lines else ():
            author.added += touched.added
            author.removed += touched.removed
    return sorted(found.values(), key=lambda each: (-each.commits, each.email, each.name))


def _mailmap(repo: Repo, tip: Commit | None) -> Mailmap | None:
    """The map in the commit itself; one that cannot be read is as good as none."""
    sha = file_at(repo, tip, ".mailmap")
    if sha is None:
        return None
    try:
        return Mailmap(read_mailmap(BytesIO(content(repo, sha))))
    except ValueError:
        return None


def _identity(mailmap: Mailmap | None, author: bytes) -> bytes:
    if mailmap is None:
        return author
    try:
        found = mailmap.lookup(author)
    except ValueError:
        return author
    return found if isinstance(found, bytes) else author
