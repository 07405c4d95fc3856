"""What can be wrong with a server, said so that a person knows what to do.

A fault's code is stable; its message says what is the case, its hint what to do about it.
Standard library only: the supervisor of the embedded servers starts with every cold command.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error keeps the engine from starting; a warning is for `doctor` to show."""

    code: str
    message: str
    hint: str
    severity: Severity = "error"

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)


class ServerError(Exception):
    """A server cannot be used, for the reason in `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.message} {fault.hint}")
        self.fault = fault

    @classmethod
    def of(cls, code: str, message: str, hint: str) -> Self:
        return cls(Fault(code, message, hint))
