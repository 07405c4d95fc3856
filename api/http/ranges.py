"""What of a file a client wants, by RFC 9110: all of it, one range, or nothing since it has it already.

Several ranges at once, and what is no range, count as not asked for: the answer is the whole file.
"""

import re
from typing import Final, NamedTuple

from starlette.datastructures import Headers

_RANGE: Final = re.compile(r"bytes *= *([0-9]{0,18}) *- *([0-9]{0,18}) *", re.IGNORECASE | re.ASCII)
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


class Part(NamedTuple):
    """``length`` bytes from ``first`` on."""

    first: int
    length: int


class Unsatisfiable(Exception):  # noqa: N818 (named for the fact)
    """The range lies behind the end of the file."""


def has_already(headers: Headers, etag: str) -> bool:
    """Whether `If-None-Match` names the file as it is."""
    given = headers.get("if-none-match")
    if given is None:
        return False
    return given.strip() == "*" or etag in (tag.removeprefix("W/") for tag in _TAG.findall(given))


def part_wanted(headers: Headers, etag: str, size: int) -> Part | None:
    """The part that is asked for; None for all of it.

    Raises:
        Unsatisfiable: there is no such part.
    """
    found = _RANGE.fullmatch(headers.get("range", "").strip())
    if found is None or found[1] == found[2] == "":
        return None
    if headers.get("if-range", etag).strip() != etag:
        return None  # the file is another one by now: all of it
    if found[1] == "":
        count = min(int(found[2]), size)
        if count == 0:
            raise Unsatisfiable
        return Part(size - count, count)
    first, last = int(found[1]), size - 1 if found[2] == "" else min(int(found[2]), size - 1)
    if found[2] != "" and int(found[2]) < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return Part(first, last - first + 1)
