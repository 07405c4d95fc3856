"""Ends with 0 when the server in this container answers the path with 200; 8080 is asked unless AWE_HTTP_PORT says.

A container that serves nothing has nothing to ask: its first process ends when it cannot go on, so being there is
the answer, and this ends with 0.
"""

# ruff: noqa: INP001 (a script of the image, in a folder of data)

import http.client
import os
import sys
from pathlib import Path

PATIENCE_S = 4.0


def serves(first_process: Path) -> bool:
    """Whether the process was started to serve, by itself or under an init."""
    return b"serve" in first_process.read_bytes().split(b"\0")


def answers(port: int, path: str) -> bool:
    """Ask this container's own loopback, past every proxy of the environment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    well = not serves(Path("/proc/1/cmdline")) or answers(int(os.environ.get("AWE_HTTP_PORT") or 8080), asked)
    sys.exit(not well)
