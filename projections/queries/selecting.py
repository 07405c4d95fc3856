"""Columns by name, checked against the table that has them, so that no other text gets into a statement."""

from collections.abc import Collection

from awe.projections.projector import Table

PARTITION = "partition"


def listed(columns: Collection[str], table: Table, of: str) -> str:
    """The columns as they stand behind SELECT, each of the relation ``of``, in the order of the table.

    Raises:
        ValueError: the table has no such column, or none was asked for.
    """
    known = (PARTITION, *table.columns)
    if not columns or not set(columns) <= set(known):
        raise ValueError(f"Ask for some of the columns {', '.join(known)}, not for {sorted(columns)}.")
    return ", ".join(f"{of}.{name}" for name in known if name in columns)
