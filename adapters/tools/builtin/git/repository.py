"""A git repository in a folder, read without git: work trees, bare ones, `.git` files, packed and shallow ones.

What is wrong with the folder or with the name of a commit is the caller's fault; what is wrong inside the repository
is said as such. Nothing is ever written.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dulwich.errors import (
    ChecksumMismatch,
    FileFormatException,
    MissingCommitError,
    NotGitRepository,
    WrongObjectException,
)
from dulwich.objects import Commit
from dulwich.objectspec import AmbiguousShortId, parse_commit
from dulwich.refs import Ref
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.errors import ToolError

_HEAD: Final = Ref(b"HEAD")
_BRANCHES: Final = b"refs/heads/"
_OBJECT_ID: Final = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")


@contextmanager
def opened(folder: str) -> Generator[Repo]:
    """The repository in the folder, closed at the end.

    Raises:
        ToolError: the folder has none, or while it is open: it is damaged or incomplete.
    """
    try:
        repo = _found(folder)
    except (NotGitRepository, OSError, ValueError, RuntimeError) as error:
        raise refused(
            f"{folder} is no git repository; name the folder that has its .git, or a bare repository"
        ) from error
    except (UnsupportedVersion, UnsupportedExtension) as error:
        raise refused(f"{folder} is a git repository of a kind that cannot be read: {error}") from error
    with repo:
        try:
            yield repo
        except (KeyError, MissingCommitError) as error:
            raise _incomplete(folder, error) from error
        except (ChecksumMismatch, FileFormatException, WrongObjectException) as error:
            raise ToolError(f"the git repository {folder} is damaged: {type(error).__name__}") from error


def _found(folder: str) -> Repo:
    repo = Repo(Path(folder).expanduser().resolve())
    if not Path(
        repo.commondir(), "objects"
    ).is_dir():  # a .git file that leads nowhere reads like an empty one
        repo.close()
        raise NotGitRepository
    return repo


def _incomplete(folder: str, error: Exception) -> Exception:
    """A missing object is the repository's fault; any other missing key is ours and stays what it is."""
    missing = error.args[0] if error.args else None
    if isinstance(missing, bytes) and _OBJECT_ID.fullmatch(missing):
        return ToolError(
            f"the git repository {folder} lacks the object {missing.decode()}; fetch it completely first"
        )
    return error


def branch_of(repo: Repo) -> str | None:
    """The branch that HEAD stands on, also one without a commit; None when it stands on a commit."""
    names, _ = repo.refs.follow(_HEAD)
    last = names[-1] if names else _HEAD
    return text_of(last.removeprefix(_BRANCHES)) if last.startswith(_BRANCHES) else None


def commit_at(repo: Repo, at: str | None) -> Commit | None:
    """The commit that is meant; None for the HEAD of a repository that has no commit yet."""
    if at is None or at == "HEAD":
        _, sha = repo.refs.follow(_HEAD)
        if sha is None:
            return None
        at = sha.decode()
    if not at.strip() or "//" in at:
        raise refused(f"'{at}' names no commit")
    try:
        return parse_commit(repo, at)
    except (KeyError, AmbiguousShortId) as error:
        raise refused(
            f"'{at}' names no commit of the repository, or several; give a full id, a branch or a tag"
        ) from error
    except ValueError as error:
        raise refused(f"'{at}' does not name a commit: {error}") from error


def text_of(data: bytes) -> str:
    """Bytes of a repository as text: UTF-8, with each other byte written out in hex."""
    return data.decode(errors="backslashreplace")


def name_of(repo: Repo) -> str:
    """The name of the repository's folder, for people."""
    return Path(repo.path).resolve().name.removesuffix(".git")
