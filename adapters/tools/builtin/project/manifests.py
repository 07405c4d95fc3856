"""The manifests in the files of a commit: which they are, and what each of them declares."""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from dulwich.objects import Commit
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.tree_files import LARGEST_TEXT, TreeFile, content, files_of
from awe.adapters.tools.builtin.project.declared import Manifest, ManifestBroken
from awe.adapters.tools.builtin.project.other_manifests import cargo_toml, go_mod, package_json
from awe.adapters.tools.builtin.project.python_manifests import pyproject, requirements_file, setup_cfg

_READERS: Final[dict[str, Callable[[str], Manifest]]] = {
    "pyproject.toml": pyproject,
    "setup.cfg": setup_cfg,
    "package.json": package_json,
    "Cargo.toml": cargo_toml,
    "go.mod": go_mod,
}
_REQUIREMENTS: Final = re.compile(
    r"requirements[A-Za-z0-9_.-]*\.(?:txt|in)|[A-Za-z0-9_.-]+[-_.]requirements\.txt"
)
_OF_OTHERS: Final = frozenset({"node_modules", "vendor", "third_party", "site-packages"})


class Read(NamedTuple):
    """A manifest, or why it cannot be read."""

    path: str
    manifest: Manifest | None
    fault: str


def own_files(repo: Repo, commit: Commit | None) -> Iterator[TreeFile]:
    """The regular files outside of folders that hold what others wrote."""
    for file in files_of(repo, commit):
        if not file.link and _OF_OTHERS.isdisjoint(file.path.split("/")[:-1]):
            yield file


def manifests(repo: Repo, commit: Commit | None) -> Iterator[Read]:
    """All manifests of known names, by path."""
    for file in own_files(repo, commit):
        if (reader := _reader(PurePosixPath(file.path))) is None:
            continue
        data = content(repo, file.sha)
        if len(data) > LARGEST_TEXT:
            yield Read(file.path, None, "larger than a megabyte")
            continue
        try:
            yield Read(file.path, reader(data.decode("utf-8-sig", errors="replace")), "")
        except ManifestBroken as error:
            yield Read(file.path, None, str(error)[:200])


def _reader(path: PurePosixPath) -> Callable[[str], Manifest] | None:
    if reader := _READERS.get(path.name):
        return reader
    listed = path.parent.name == "requirements" and path.suffix == ".txt"
    return requirements_file if listed or _REQUIREMENTS.fullmatch(path.name) else None
