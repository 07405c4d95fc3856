"""The name of an application's partition: no two applications share one, except by upper and lower case.

The library names tables and environment variables without regard to case, so this does too. ``BankAccounts`` is
``es.bankaccounts``, its snapshots ``es.bankaccounts.snapshots``; what a partition's name cannot hold, and the dot,
becomes its number between dots.
"""

import re

_HELD = re.compile(r"[^a-z0-9_-]")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST = 100


def partition_of(prefix: str, application: str, purpose: str = "") -> str:
    """Return the partition of an application, or of what it keeps besides its events.

    Raises:
        EnvironmentError: the prefix is not lower-case letters, digits, ``-`` and ``_``, or the name is too long.
    """
    if not _PREFIX.fullmatch(prefix):
        raise OSError(f"AWE_EVENTSOURCING_PREFIX={prefix!r} must match {_PREFIX.pattern}.")
    parts = [prefix, _escaped(application), *([_escaped(purpose)] if purpose else [])]
    name = ".".join(parts)
    if len(name) > _LONGEST:
        raise OSError(
            f"The name of the application makes a partition of {len(name)} letters: {_LONGEST} fit."
        )
    return name


def _escaped(name: str) -> str:
    return _HELD.sub(lambda found: f".{ord(found[0]):x}.", name.lower())
