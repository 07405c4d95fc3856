"""What a projection is: a table, the events that change it, and a pure function from a row and an event to the row.

A projector knows nothing of batches, positions or SQL statements: rows are loaded, folded and written around it, exactly
once for each event. A row belongs to one partition; what is counted over all of them is added up by who reads it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from awe.domain.events import Event
from awe.projections.views.entry import Entry

Row = dict[str, Any]
"""Column to value as JSON has it. What else stands in it is kept with the row in memory, as long as that lasts."""

Key = tuple[str | int, ...]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Table:
    """A projection's table.

    Attributes:
        columns: name to SQL type, in order, those of the key among them.
        key: the columns that name a row within its partition.
        indexes: each as it stands behind ``CREATE INDEX ON <table>``: ``(status, submitted_ms DESC)``.

    Raises:
        ValueError: a name that is no plain lower-case identifier, or a key that is no column.
    """

    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.columns:
            _check(name)
        if not self.key or not set(self.key) <= set(self.columns) or "partition" in self.columns:
            raise ValueError(
                "The key of a table is one or more of its columns; `partition` is added to each by itself."
            )


class Projector(ABC):
    """A read model in the making. Subclasses say the four names and write `keys` and `apply`.

    A change of `table`, `events` or of what `apply` does needs a higher `version`: the new one is built beside the old.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    events: ClassVar[tuple[type[Event], ...]]
    table: ClassVar[Table]

    def sequence(self, entry: Entry) -> str:
        """Whose events must be applied in order: when one of them cannot be, the later ones wait, and no others."""
        return entry.run

    @abstractmethod
    def keys(self, entry: Entry) -> Iterable[Key]:
        """The rows that the event changes."""

    @abstractmethod
    def apply(self, row: Row, entry: Entry) -> None:
        """Change one of these rows; one that was not there has the columns of its key, and None in all others.

        Whatever it raises parks the event's sequence.
        """

    def stored(self, row: Row) -> Row:
        """The row as it is written; what is no column of the table is passed over, but costs its encoding."""
        return row

    def begins(self, entry: Entry) -> bool:
        """Whether the rows of this event cannot be there before it, so that nobody looks for them."""
        del entry
        return False

    def rests(self, row: Row) -> bool:
        """Whether the row hardly ever changes from here on: it is not kept in memory, and loaded if it does."""
        del row
        return False

    def __init_subclass__(cls) -> None:
        if "name" in vars(cls):
            _check(cls.name)
            if cls.version < 1:
                raise ValueError(f"The version of projection {cls.name} is {cls.version}: count from 1.")


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} names no table or column here: use {_NAME.pattern}.")
