"""The canonical form of a plan (RFC 8785) and its digest: what runs and approvals pin.

Members that have their default value are left out, so a plan that says them and one that does not are the same, and
a member added to the language later changes no digest of the plans that do not use it.
"""

import hashlib
from typing import Any

import rfc8785

from awe.domain.plan.model import Plan


def document(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON document with every default written out."""
    return plan.model_dump(mode="json", by_alias=True)


def canonical(plan: Plan) -> bytes:
    """The canonical bytes; raises `rfc8785.CanonicalizationError` for a number that JSON readers disagree on."""
    return rfc8785.dumps(plan.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def digest(plan: Plan) -> str:
    """SHA-256 in hex of the canonical bytes."""
    return hashlib.sha256(canonical(plan)).hexdigest()
