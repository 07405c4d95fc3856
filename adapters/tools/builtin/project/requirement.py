"""One requirement of a Python package as PEP 508 writes it: `name[extra]>=1,<2 ; marker`, or `name @ url`."""

import re
from typing import Final

from awe.adapters.tools.builtin.project.declared import LONGEST, Declared

_REQUIREMENT: Final = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*(?P<rest>.*)",
    re.DOTALL,
)
_VERSIONS: Final = re.compile(r"\s*(?:\(|[=<>!~])")


def requirement(text: str, group: str) -> Declared | None:
    """The package and what is asked of it, markers and extras with it; None for a text that names none."""
    found = _REQUIREMENT.fullmatch(text[: LONGEST * 4])
    if found is None:
        return None
    rest = found["rest"].strip()
    if rest and not _VERSIONS.match(rest) and rest[0] not in ";@":
        return None
    constraint = " ".join(part for part in (found["extras"], rest) if part)
    return Declared(found["name"], " ".join(constraint.split())[:LONGEST], group)


def requirements(texts: list[str], group: str) -> list[Declared]:
    return [found for text in texts if (found := requirement(text, group)) is not None]
