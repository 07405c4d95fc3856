"""Who asks, as recorded with every event that a command line causes."""

from __future__ import annotations

import getpass
import os


def actor() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        name = str(os.getuid())
    return f"cli:{name}"
