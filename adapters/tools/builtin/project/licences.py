"""`project.licences`: the licences that a repository names, and where it does."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.nullable import NullableText
from awe.adapters.tools.builtin.project.licence_text import licence_of
from awe.adapters.tools.decorator import tool

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

_FILE: Final = re.compile(r"(?:un)?licen[cs]es?(?:[-._].*)?|copying(?:[-._].*)?", re.IGNORECASE)
_CODE: Final = frozenset(
    {".py", ".js", ".ts", ".rs", ".go", ".c", ".h", ".java", ".rb", ".json", ".yml", ".yaml"}
)
_FOLDER: Final = "licenses"
_MOST_READ: Final = 65_536


class Licence(TypedDict):
    licence: NullableText
    source: str
    kind: Literal["text", "declared"]


class Licences(TypedDict):
    licences: list[Licence]
    names: list[str]
    truncated: bool


@tool(name="project.licences", effect="read", timeout_s=120, heavy=True)
def project_licences(repo: Repository, at: At = None, limit: Limit = 200) -> Licences:
    """List the licences of a commit: files with the text of one, told by their words, and what manifests declare.

    Known are Apache-2.0, MIT, ISC, the BSD, GPL, LGPL, AGPL and MPL families and a few more; a text that is none of
    them has null. `names` are the different ones, as SPDX writes them or as declared.
    """
    from awe.adapters.tools.builtin.git import repository  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        commit = repository.commit_at(opened, at)
        found = [*_texts(opened, commit), *_declarations(opened, commit)]
    listed, truncated = bounded(found, limit, 160_000)
    names, more = bounded(sorted({each["licence"] for each in found if each["licence"]}), 200, 40_000)
    return Licences(licences=listed, names=names, truncated=truncated or more)


def _texts(repo: "Repo", commit: "Commit | None") -> Iterator[Licence]:
    from awe.adapters.tools.builtin.git.tree_files import content  # noqa: PLC0415 (loads dulwich)
    from awe.adapters.tools.builtin.project.manifests import own_files  # noqa: PLC0415 (likewise)

    for file in own_files(repo, commit):
        path = PurePosixPath(file.path)
        named = _FILE.fullmatch(path.name) and path.suffix.lower() not in _CODE
        if named or path.parent.name.lower() == _FOLDER:
            text = content(repo, file.sha)[:_MOST_READ].decode(errors="replace")
            yield Licence(licence=licence_of(text), source=file.path, kind="text")


def _declarations(repo: "Repo", commit: "Commit | None") -> Iterator[Licence]:
    from awe.adapters.tools.builtin.project.manifests import manifests  # noqa: PLC0415 (loads dulwich)

    for path, manifest, _ in manifests(repo, commit):
        if manifest is not None and manifest.licence is not None:
            yield Licence(
                licence=licence_of(manifest.licence) or manifest.licence, source=path, kind="declared"
            )
