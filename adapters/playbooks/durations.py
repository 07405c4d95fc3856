"""Durations as people write them: `90s`, `10m`, `1h30m`, `2d`, `500ms`."""

import re
from typing import Final

_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION: Final = re.compile(
    r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?"
)

PATTERN: Final = "^([0-9]{1,9}(d|h|ms|m|s))+$"
"""The same for JSON Schema, which has no need to know the order of the units."""


def milliseconds(text: str) -> int:
    """The duration, more than nothing; ValueError says how one is written."""
    match = _DURATION.fullmatch(text)
    total = (
        0
        if match is None
        else sum(int(n or 0) * ms for n, ms in zip(match.groups(), _MS.values(), strict=True))
    )
    if not total:
        raise ValueError("a duration is written like 90s, 10m or 1h30m, and is more than nothing")
    return total
