"""The canonical form of a plan (RFC 8785) and its digest: what runs and approvals pin.

Members that have their default value are left out, so a plan that says them and one that does not are the same, and
a member added to the language later changes no digest of the plans that do not use it.
"""

import hashlib
import json
import re
from typing import Any, Final

import rfc8785

from awe.domain.plan.model import Plan

_NUMBER: Final = re.compile(r"[:,\[]-?(?:[0-9]+[.e]|[0-9]{16})")
"""A number that the standard library may write otherwise: one with a fraction or an exponent, or a large integer. Such
a number inside a string is taken for one too, which costs time and nothing else."""

_BEYOND_THE_FIRST_PLANE: Final = re.compile("[\U00010000-\U0010ffff]")
"""Where these occur, names come in another order by UTF-16 units, as RFC 8785 has it, than by characters."""


def document(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON document with every default written out."""
    return plan.model_dump(mode="json", by_alias=True)


def canonical(plan: Plan) -> bytes:
    """The canonical bytes; raises `rfc8785.CanonicalizationError` for a number that JSON readers disagree on."""
    return canonical_json(plan.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def canonical_json(members: dict[str, Any]) -> bytes:
    """The RFC 8785 form of a JSON object, all of whose names are strings; raises as `canonical` does.

    The library is pure Python and takes ten times as long as the standard library, which writes most documents alike.
    """
    try:
        text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if not _NUMBER.search(text) and (text.isascii() or not _BEYOND_THE_FIRST_PLANE.search(text)):
            return text.encode()
    except ValueError:  # NaN, Infinity, half a character: the library says what is wrong
        pass
    return rfc8785.dumps(members)


def digest(plan: Plan) -> str:
    """SHA-256 in hex of the canonical bytes."""
    return hashlib.sha256(canonical(plan)).hexdigest()
