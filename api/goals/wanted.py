"""A goal as it was asked for: an existing file or folder holds it, anything else is the goal in words."""

from pathlib import Path

from awe.adapters.playbooks.goals import Goal, is_goal, read_goal
from awe.domain.schemas import Schemas


def wanted(text: str, schemas: Schemas) -> Goal | str:
    """The goal of a goal file, or the words themselves; raises `GoalFileError`."""
    return read_goal(Path(text), schemas) if is_goal(text) or _is_file(text) else text


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with characters that none has
        return False
