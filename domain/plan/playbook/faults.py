"""What stands between a goal and its plan: faults with stable codes, each with a place and what to do about it.

The place is a JSON Pointer. G001-G014 point into the goal as it was submitted (`/goal`, `/inputs`, `/tools`,
`/planning`), G004 into the playbook, P025 into the plan as the rules of lint do.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from awe.domain.plan.lint.findings import Severity


class FaultCode(StrEnum):
    """A stable code, and what it means."""

    _value_: str
    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    P025 = "P025", "the goal does not allow a tool that the plan calls"
    G001 = "G001", "no playbook matches the goal"
    G002 = "G002", "several playbooks match the goal equally well"
    G003 = "G003", "no playbook has that name"
    G004 = "G004", "the playbook is unusable"
    G005 = "G005", "the goal, or its `planning`, is not of its shape"
    G006 = "G006", "no planner here makes plans for such a goal"
    G010 = "G010", "an input is missing"
    G011 = "G011", "an input that nobody declares; a warning where the schema leaves it open"
    G012 = "G012", "an input violates its schema"
    G013 = "G013", "an input cannot be placed into the plan"
    G014 = "G014", "the goal allows a tool that is not here (a warning)"


class Fault(NamedTuple):
    """One thing wrong; the message never repeats an input's value, which may be a secret."""

    code: FaultCode
    path: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR

    def under(self, prefix: str) -> Self:
        """The same fault of the document in which this one's stands at the prefix."""
        return self._replace(path=prefix + self.path)
