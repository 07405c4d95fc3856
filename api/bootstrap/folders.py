"""Where an installation keeps what its runs leave behind, beside the data of its servers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.embedded.home import home_folder
from awe.api.settings import Settings


@dataclass(frozen=True, slots=True)
class Folders:
    """`blobs` holds artifacts and large payloads by digest, `workspaces` a folder for each run at work.

    `runs` has the artifacts of runs under their names, copied there for people.
    """

    blobs: Path
    workspaces: Path
    runs: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """None of the folders is made.

        Raises:
            ServerError: the home has a path that no installation can use.
        """
        home = home_folder(settings.home).path
        artifacts = settings.artifacts
        return cls(
            home / "artifacts" if artifacts is None else artifacts.expanduser().absolute(),
            home / "workspaces",
            home / "runs",
        )


def blobs(settings: Settings) -> FileBlobs:
    """The store of artifacts and large payloads."""
    return FileBlobs(Folders.of(settings).blobs)
