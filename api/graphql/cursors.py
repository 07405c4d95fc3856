"""Opaque cursors: what they hold is this module's business, and a cursor of one list is none of another."""

import base64
import binascii
import json
from typing import Any, Final

from awe.api.graphql.codes import Code, Refused

VERSION: Final = 1
_LONGEST: Final = 500


def cursor(kind: str, *key: int | str) -> str:
    """The cursor of an item by the key that its list is ordered by."""
    text = json.dumps([VERSION, kind, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(kind: str, types: tuple[type, ...], text: str) -> tuple[Any, ...]:
    """The key in a cursor of this kind, of these types.

    Raises:
        Refused: it is of another list, of another release, or no cursor.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        version, found, *key = json.loads(base64.b64decode(padded[:_LONGEST], altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Refused(Code.INVALID_CURSOR, "This is no cursor that was given out here.") from None
    if (version, found) != (VERSION, kind):
        raise Refused(
            Code.INVALID_CURSOR, "This cursor is of another list, or of another release: begin anew."
        )
    fits = len(key) == len(types) and all(type(part) is type_ for part, type_ in zip(key, types, strict=True))
    if not fits or any(_unusable(part) for part in key):
        raise Refused(Code.INVALID_CURSOR, "This is no cursor that was given out here.")
    return tuple(key)


def _unusable(part: int | str) -> bool:
    """What no column holds."""
    if isinstance(part, int):
        return not 0 <= part < 2**63
    return "\0" in part or not part.isprintable()
