"""What a check came to. A fault keeps the engine from working, a warning does not yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from awe.adapters.servers.faults import Fault


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """`code` names what is wrong, for programs; it and the hint are empty where nothing is."""

    area: str
    name: str
    status: Status
    message: str
    hint: str = ""
    code: str = ""

    @classmethod
    def passed(cls, area: str, name: str, message: str) -> Self:
        return cls(area, name, Status.OK, message)

    @classmethod
    def failed(cls, area: str, name: str, fault: Fault) -> Self:
        status = Status.WARNING if fault.severity == "warning" else Status.FAULT
        return cls(area, name, status, fault.message, fault.hint, fault.code)


def checks(
    area: str, name: str, message: str, faults: Sequence[Fault], codes: Collection[str]
) -> list[Check]:
    """One check for each of the faults that are this check's concern; passed with the message where there is none."""
    concerning = [Check.failed(area, name, fault) for fault in faults if fault.code in codes]
    return concerning or [Check.passed(area, name, message)]
