"""`project.dependencies`: the packages that a repository's manifests ask for."""

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.nullable import NullableText
from awe.adapters.tools.decorator import tool


class Dependency(TypedDict):
    name: str
    constraint: str
    group: str
    ecosystem: str
    source: str


class ManifestFile(TypedDict):
    path: str
    ecosystem: NullableText
    dependencies: int
    fault: NullableText


class Dependencies(TypedDict):
    dependencies: list[Dependency]
    total: int
    manifests: list[ManifestFile]
    truncated: bool


@tool(name="project.dependencies", effect="read", timeout_s=120, heavy=True)
def project_dependencies(repo: Repository, at: At = None, limit: Limit = 500) -> Dependencies:
    """List what pyproject.toml, requirements*.txt, setup.cfg, package.json, Cargo.toml and go.mod declare at a commit.

    By source and as written there; folders of others' code (node_modules, vendor, third_party, site-packages) are
    passed over. A manifest that cannot be read is listed with its fault. `total` counts also what is not listed.
    """
    from awe.adapters.tools.builtin.git import repository  # noqa: PLC0415 (loads dulwich)
    from awe.adapters.tools.builtin.project.manifests import manifests  # noqa: PLC0415 (likewise)

    with repository.opened(repo) as opened:
        read = list(manifests(opened, repository.commit_at(opened, at)))
    found = [
        Dependency(
            name=each.name,
            constraint=each.constraint,
            group=each.group,
            ecosystem=manifest.ecosystem,
            source=path,
        )
        for path, manifest, _ in read
        if manifest is not None
        for each in manifest.dependencies
    ]
    files, more_files = bounded(
        (
            ManifestFile(
                path=path,
                ecosystem=manifest and manifest.ecosystem,
                dependencies=len(manifest.dependencies) if manifest else 0,
                fault=fault or None,
            )
            for path, manifest, fault in read
        ),
        200,
        40_000,
    )
    listed, more = bounded(found, limit, 160_000)
    return Dependencies(dependencies=listed, total=len(found), manifests=files, truncated=more or more_files)
