"""What is wrong with a file that a person wrote: in which file, on which line, at which place, and what to do."""

from __future__ import annotations

from typing import NamedTuple

from awe.domain.plan.pointer import tokens_of


class FileFault(NamedTuple):
    """One fault; `path` is a JSON Pointer into the document, `line` counts from 1 and is None where nobody knows."""

    file: str
    line: int | None
    path: str
    message: str
    hint: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        at = f" at {self.path}" if self.path else ""
        return f"{place}{at}: {self.message}. {self.hint}"


class GoalFileError(Exception):
    """A goal file, or a file that belongs to it, cannot be used; `findings` say why, the first one first."""

    def __init__(self, first: FileFault, *others: FileFault) -> None:
        super().__init__(f"{first} (and {len(others)} more)" if others else str(first))
        self.findings: tuple[FileFault, ...] = (first, *others)


class Lines(NamedTuple):
    """On which line a value stands, and the values in it under their tokens: as large as the document, not larger."""

    line: int | None = None
    members: dict[str, Lines] = {}  # noqa: RUF012 (of a tuple; those of a scalar are never added to)

    def of(self, pointer: str) -> int | None:
        """The line of the value at a place, or of the nearest one around it."""
        here = self
        for token in tokens_of(pointer):
            if token not in here.members:
                break
            here = here.members[token]
        return here.line
