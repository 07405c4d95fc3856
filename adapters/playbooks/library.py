"""Playbooks from files and folders: each is checked as it is read, so that no goal meets one that cannot work."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from awe.adapters.playbooks.faults import FileFault, GoalFileError
from awe.adapters.playbooks.files import SUFFIXES, read_model
from awe.domain.plan.playbook.model import Match, Playbook
from awe.domain.plan.playbook.usable import playbook_faults
from awe.domain.schemas import Schemas


def read_playbook(path: Path, schemas: Schemas) -> Playbook:
    """The playbook in a file.

    Raises:
        GoalFileError: the file holds none, or one that cannot work.
    """
    playbook, document = read_model(path, Playbook, Match)
    if faults := playbook_faults(playbook, schemas):
        raise GoalFileError(*(document.fault(fault.path, fault.message, fault.hint) for fault in faults))
    return playbook


def load(folders: Iterable[Path], schemas: Schemas) -> tuple[Playbook, ...]:
    """The playbooks of these folders: each `NAME.yaml` or `.json` in one, and each `NAME/playbook.yaml` below one.

    Raises:
        GoalFileError: a folder or file cannot be used, or two playbooks share a name.
    """
    files: dict[str, Path] = {}
    playbooks: dict[str, Playbook] = {}
    for path in (path for folder in folders for path in _files(folder)):
        playbook = read_playbook(path, schemas)
        if (other := files.setdefault(playbook.name, path)) != path:
            message = f"the playbook '{playbook.name}' is also in {other}"
            raise GoalFileError(
                FileFault(str(path), None, "/name", message, "Give one of them another name.")
            )
        playbooks[playbook.name] = playbook
    return tuple(playbooks.values())


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        message = f"the folder of playbooks cannot be read: {error.strerror}"
        raise GoalFileError(
            FileFault(str(folder), None, "", message, "Check the path and the rights.")
        ) from error
    for entry in entries:
        if entry.is_dir():
            yield from (path for suffix in SUFFIXES if (path := entry / f"playbook{suffix}").is_file())
        elif entry.suffix in SUFFIXES:
            yield entry
