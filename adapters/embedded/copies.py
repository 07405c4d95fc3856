"""Copies of programs that any account may read, and only root may change.

The account that runs the servers for root may not enter a virtual environment in root's home, and opening that home
is no option. A copy is whole or absent: it gets its name as the last step.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def readable_copy(source: Path, parts: Sequence[str], target: Path) -> Path:
    """Copy the parts (files or folders below `source`) to the same places below `target`; returns `target`."""
    if target.is_dir():
        return target
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in parts:
        place = unfinished / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, place)
        else:
            shutil.copy(source / part, place)
    _open_for_reading(unfinished)
    unfinished.rename(target)
    return target


def _open_for_reading(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            Path(folder, name).chmod(0o755)
