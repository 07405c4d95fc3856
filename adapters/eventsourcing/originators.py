"""An originator's id as the name of a run, so that it comes back as what it was: a UUID or a text.

``u-`` and 32 hexadecimal digits is a UUID. ``s-`` and a text, with what a run's name cannot hold escaped like in a URL,
is a text, also one that looks like a UUID.
"""

import re
from urllib.parse import unquote
from uuid import UUID

_HELD = re.compile(r"[\x00-\x1f;@%]")


def run_of(originator_id: UUID | str) -> str:
    """Return the run of an originator."""
    if isinstance(originator_id, UUID):
        return f"u-{originator_id.hex}"
    return "s-" + _HELD.sub(lambda found: f"%{ord(found[0]):02X}", originator_id)


def originator_of(run: str) -> UUID | str:
    """Return the originator of a run."""
    kind, _, name = run.partition("-")
    return UUID(hex=name) if kind == "u" else unquote(name)
