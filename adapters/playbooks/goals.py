"""Reads a goal from a file, or from a folder with a goal file and what belongs to it.

goal.yaml       the goal (or goal.yml, goal.json)
plan.json       the plan, or
playbook.yaml   the playbook that makes it
tools.py        tools of its own: only named here, never imported
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from awe.adapters.playbooks.durations import milliseconds
from awe.adapters.playbooks.faults import FileFault, GoalFileError
from awe.adapters.playbooks.files import SUFFIXES, Document, read_model, read_plan
from awe.adapters.playbooks.goal_model import GoalFile
from awe.adapters.playbooks.library import read_playbook
from awe.commands.planning.request import PlanningMalformed, read_planning
from awe.domain.events import Json
from awe.domain.schemas import Schemas

TOOLS: Final = "tools.py"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a goal file and its neighbours say, in the terms of the command that submits it.

    Attributes:
        file: the goal file.
        planning: how the plan is found, with the plan or playbook that lies beside the goal file in it.
        tools_file: the `tools.py` beside the goal file, if there is one.
    """

    file: Path
    goal: str
    inputs: dict[str, Json]
    tools: tuple[str, ...] | None
    deadline_ms: int | None
    queue: str | None
    priority: int | None
    planning: dict[str, Json] | None
    tools_file: Path | None


def is_goal(text: str) -> bool:
    """Whether who wrote this means a goal file or a folder with one, rather than a goal in words."""
    path = Path(text)
    if not text.strip():
        return False
    try:
        return path.is_dir() or (path.suffix in SUFFIXES and (path.is_file() or len(text.split()) == 1))
    except (OSError, ValueError):  # too long for a path, or with characters that none has
        return False


def read_goal(path: Path, schemas: Schemas) -> Goal:
    """The goal in a file or folder.

    Raises:
        GoalFileError: it, or a file that it names, cannot be used.
    """
    file = _single(path, "goal") if path.is_dir() else path
    if file is None:
        message = "the folder has no goal file"
        raise GoalFileError(
            FileFault(str(path), None, "", message, "Put a goal.yaml into it, or name the file.")
        )
    said, document = read_model(file, GoalFile)
    tools = file.parent / TOOLS
    return Goal(
        file=file,
        goal=said.goal,
        inputs=said.inputs,
        tools=said.tools,
        deadline_ms=None if said.deadline is None else milliseconds(said.deadline),
        queue=said.queue,
        priority=said.priority,
        planning=_planning(said, document, file, schemas),
        tools_file=tools if tools.is_file() else None,
    )


def _planning(said: GoalFile, document: Document, file: Path, schemas: Schemas) -> dict[str, Json] | None:
    """What the file says in one of its three ways, or else what lies beside a `goal.*`."""
    if said.planning is not None:
        return _checked(said.planning, document)
    if said.playbook is not None and Path(said.playbook).suffix not in SUFFIXES:
        return {"planner": "playbook", "name": said.playbook}
    if said.plan is not None:
        plan, playbook = _named(document, "plan", file.parent / said.plan), None
    elif said.playbook is not None:
        plan, playbook = None, _named(document, "playbook", file.parent / said.playbook)
    else:
        plan, playbook = _beside(document, file)
    if plan is not None:
        return {"planner": "given", "plan": read_plan(plan)}
    if playbook is not None:
        read = read_playbook(playbook, schemas)
        return {"planner": "playbook", "playbook": read.model_dump(mode="json", exclude_unset=True)}
    return None


def _beside(document: Document, file: Path) -> tuple[Path | None, Path | None]:
    """The plan or the playbook that belongs to a goal file by its name."""
    if file.stem != "goal":
        return None, None
    plan, playbook = _single(file.parent, "plan"), _single(file.parent, "playbook")
    if plan is not None and playbook is not None:
        message = f"both {plan.name} and {playbook.name} lie beside the goal file"
        hint = "Say which one counts: `plan: FILE` or `playbook: FILE`."
        raise GoalFileError(document.fault("", message, hint))
    return plan, playbook


def _checked(planning: dict[str, Json], document: Document) -> dict[str, Json]:
    try:
        read_planning(planning)
    except PlanningMalformed as malformed:
        found = (document.fault(fault.path, fault.message, fault.hint) for fault in malformed.faults)
        raise GoalFileError(*found) from malformed
    return planning


def _named(document: Document, key: str, path: Path) -> Path:
    if not path.is_file():
        message = f"there is no file {path}"
        raise GoalFileError(document.fault(f"/{key}", message, "File names are relative to the goal file."))
    return path


def _single(folder: Path, stem: str) -> Path | None:
    """The one file of that name, whatever its suffix."""
    found = [path for suffix in SUFFIXES if (path := folder / f"{stem}{suffix}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise GoalFileError(FileFault(str(folder), None, "", f"the folder has {names}", "Keep one of them."))
    return found[0] if found else None
