"""A fixed plan is written as its author wrote it: a member stands where the author put it or a fix changed it."""

from __future__ import annotations

from pydantic import JsonValue


def as_written(written: JsonValue, before: JsonValue, after: JsonValue) -> JsonValue:
    """`after` without the members that the author left out and no fix touched.

    All three are one JSON value: as read, with every default written out, and that fixed.
    """
    if isinstance(written, dict) and isinstance(before, dict) and isinstance(after, dict):
        return {
            name: as_written(written.get(name), before.get(name), value)
            for name, value in after.items()
            if name in written or name not in before or value != before[name]
        }
    if (
        isinstance(written, list)
        and isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
    ):
        return [as_written(*values) for values in zip(written, before, after, strict=True)]
    return after
