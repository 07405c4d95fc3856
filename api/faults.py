"""Every fault that the engine knows by name, as a door tells it: what happened, and what to do about it."""

from enum import StrEnum
from typing import Final, NamedTuple

from awe.adapters.playbooks.faults import GoalFileError
from awe.adapters.projectors.errors import ProjectorLoadError
from awe.adapters.servers.faults import ServerError
from awe.adapters.tools.errors import ToolLoadError
from awe.adapters.work_queue.groups import GroupLost
from awe.api.bootstrap.weak_intents import IntentsTooWeak
from awe.api.roles.failures import RoleFailed
from awe.commands.blobs import BlobMissing
from awe.commands.handling import Contended, Overloaded
from awe.commands.log import LogCorrupt, LogUnavailable, UnitTooLarge
from awe.domain.codec import UnknownEvent
from awe.domain.identifiers import MalformedIdentifier
from awe.domain.rejections import Rejected, RunMissing
from awe.projections.control import ControlRefused, ControlUnavailable
from awe.projections.errors import ArchiveError, SchemaRefused
from awe.projections.rebuild.errors import Busy, NotLevel, Poisoned, ProjectionUnknown


class Kind(StrEnum):
    """What a caller can do about it: ask otherwise, ask for something else, or ask again later."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    FAULT = "fault"


class Told(NamedTuple):
    """`code` is stable and meant for programs."""

    kind: Kind
    code: str
    message: str
    hint: str


class _Known(NamedTuple):
    """How faults of a class are told; an empty code is the fault's own."""

    fault: type[BaseException]
    kind: Kind
    code: str
    hint: str


_DOCTOR: Final = "See 'awe doctor'."
_START: Final = "See 'awe doctor'; where no engine runs, start 'awe up' (or 'awe projector')."
_UPGRADE: Final = "Upgrade awe to the release that the other processes run."
_SHARE: Final = "Let AWE_ARTIFACTS name the folder that the workers of this installation share."
_TRY_ALONE: Final = "Correct it; 'awe tools list --tools FILE' tries it alone."
_KNOWN: Final = (
    _Known(
        IntentsTooWeak, Kind.INVALID, "intents_too_weak", "docs/event-log.md says what each durability keeps."
    ),
    _Known(LogUnavailable, Kind.UNAVAILABLE, "log_unavailable", _START),
    _Known(LogCorrupt, Kind.FAULT, "log_corrupt", "A person must look: 'awe doctor' shows what was found."),
    _Known(SchemaRefused, Kind.CONFLICT, "schema_refused", _DOCTOR),
    _Known(ArchiveError, Kind.UNAVAILABLE, "archive_unavailable", _DOCTOR),
    _Known(
        ProjectorLoadError,
        Kind.INVALID,
        "projections_unusable",
        "Correct it, or AWE_PROJECTIONS, which names it.",
    ),
    _Known(ProjectionUnknown, Kind.NOT_FOUND, "projection_unknown", "See 'awe projections list'."),
    _Known(Busy, Kind.CONFLICT, "projection_busy", "See 'awe projections status'."),
    _Known(
        Poisoned,
        Kind.FAULT,
        "event_poisoned",
        "Mend the projection and rebuild again, or set such events aside with --park.",
    ),
    _Known(NotLevel, Kind.UNAVAILABLE, "projection_not_fed", "See 'awe projections status'."),
    _Known(ControlRefused, Kind.CONFLICT, "projection_refused", "See 'awe projections status'."),
    _Known(ControlUnavailable, Kind.UNAVAILABLE, "control_unavailable", _DOCTOR),
    _Known(
        GroupLost, Kind.UNAVAILABLE, "group_lost", "Find out who removed it, then start the worker again."
    ),
    _Known(RunMissing, Kind.NOT_FOUND, "", "See 'awe runs list'."),
    _Known(Rejected, Kind.CONFLICT, "", "See its state with 'awe runs show'."),
    _Known(Overloaded, Kind.UNAVAILABLE, "overloaded", "See the memory in 'awe doctor'."),
    _Known(Contended, Kind.CONFLICT, "contended", "Ask again."),
    _Known(MalformedIdentifier, Kind.INVALID, "malformed_id", "See the ids of runs in 'awe runs list'."),
    _Known(ToolLoadError, Kind.INVALID, "tools_unusable", _TRY_ALONE),
    _Known(GoalFileError, Kind.INVALID, "goal_file_invalid", "Correct the file."),
    _Known(UnitTooLarge, Kind.INVALID, "too_large", "Hand large values over as files, named in the inputs."),
    _Known(UnknownEvent, Kind.CONFLICT, "newer_release", _UPGRADE),
    _Known(BlobMissing, Kind.UNAVAILABLE, "blob_missing", _SHARE),
)
"""The first that fits counts."""


def told(error: BaseException) -> Told | None:
    """The fault in words, or None for what nobody expected."""
    if isinstance(error, ServerError):
        fault = error.fault
        return Told(Kind.UNAVAILABLE, fault.code, fault.message, fault.hint)
    if isinstance(error, RoleFailed):
        return _of_a_role(error)
    for known in _KNOWN:
        if isinstance(error, known.fault):
            return Told(known.kind, known.code or getattr(error, "code", ""), _sentence(error), known.hint)
    return None


def _of_a_role(error: RoleFailed) -> Told:
    known = told(error.cause)
    if known is not None:
        return known._replace(message=_sentence(error))
    hint = "Set AWE_DEBUG=1 to see where it came from, and report it with what is printed then."
    return Told(Kind.FAULT, "role_failed", _sentence(error), hint)


def _sentence(error: BaseException) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
