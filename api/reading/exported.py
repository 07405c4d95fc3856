"""Artifacts as files that a person can open: under their own names, in a folder of their run.

They are copies: whoever changes one changes no blob. A name that is taken by other bytes gets part of the digest.
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from mimetypes import guess_extension
from pathlib import Path, PurePosixPath
from typing import Final

from awe.adapters.artifacts.names import checked_name
from awe.api.reading.documents import artifacts
from awe.commands.blobs import BlobMissing, Blobs
from awe.domain.artifacts import Artifact
from awe.projections.views.run import RunView

_READABLE: Final = 0o644
_SHOWN: Final = 8


async def export(view: RunView, blobs: Blobs, runs: Path) -> list[tuple[Artifact, Path | None]]:
    """Copy every artifact to `<runs>/<run>/artifacts/<name>`; the path is None where its bytes cannot be had."""
    folder = runs / view.run / "artifacts"
    exported: list[tuple[Artifact, Path | None]] = []
    for name, artifact in file_names(view).items():
        try:
            data = await blobs.get(artifact.sha256)
        except BlobMissing:
            exported.append((artifact, None))
        else:
            exported.append((artifact, await asyncio.to_thread(_write, folder / name, data)))
    return exported


def file_names(view: RunView) -> Mapping[str, Artifact]:
    """The artifacts by the name of their file: relative, inside its folder, with an extension where one is known."""
    named: dict[str, Artifact] = {}
    for artifact in artifacts(view).values():
        name = _file_name(artifact)
        if name in named:
            path = PurePosixPath(name)
            name = str(path.with_name(f"{path.stem}-{artifact.sha256[:_SHOWN]}{path.suffix}"))
        named[name] = artifact
    return named


def _file_name(artifact: Artifact) -> str:
    try:
        name = checked_name(artifact.name)
    except ValueError:
        name = f"artifact-{artifact.sha256[:_SHOWN]}"
    if PurePosixPath(name).suffix:
        return name
    return name + (guess_extension(artifact.media_type) or "")


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(beside).chmod(_READABLE)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return path
