"""An originator's id as the name of a run, so that it comes back as what it was: a UUID or a text.

``u-`` and 32 hexadecimal digits is a UUID. ``s-`` and a text, with what a run's name cannot hold escaped like in a URL,
is a text, also one that looks like a UUID.
"""

import re
from urllib.parse import unquote
from uuid import UUID

from eventsourcing.persistence import DataError

_HELD = re.compile(r"[\x00-\x1f;@%]")


def run_of(originator_id: UUID | str) -> str:
    """Return the run of an originator.

    Raises:
        DataError: the id is not text that can be encoded.
    """
    if isinstance(originator_id, UUID):
        return f"u-{originator_id.hex}"
    try:
        originator_id.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"Originator id {originator_id!r} cannot be stored: {error}.") from error
    return "s-" + _HELD.sub(lambda found: f"%{ord(found[0]):02X}", originator_id)


def originator_of(run: str) -> UUID | str:
    """Return the originator of a run."""
    kind, _, name = run.partition("-")
    return UUID(hex=name) if kind == "u" else unquote(name)
