"""Faults that every kind of server can have.

Why a connection failed is said in words of our own: drivers' messages may quote parts of a URL that hold a password.
"""

import re
from collections.abc import Iterator

from awe.adapters.servers.faults import Fault

REASONS: tuple[tuple[str, str], ...] = (
    (r"refused", "nothing listens there"),
    (r"No such file", "there is no such socket"),
    (
        r"Name or service|nodename|translate host name|getaddrinfo|Temporary failure in name",
        "its host name is not known",
    ),
    (r"time(?:d )?out|Timeout", "it did not answer in time"),
    (r"No route|unreachable", "there is no route to it"),
    (r"Permission denied", "its socket may not be used by this user"),
    (r"[Cc]ertificate|SSL|TLS", "TLS failed: check certificates, and whether the server speaks TLS"),
)


def unreachable(url: str, variable: str, error: Exception) -> Fault:
    """The server did not answer. `url` is redacted."""
    text = str(error)
    reason = next(
        (told for pattern, told in REASONS if re.search(pattern, text)), "it refused or closed the connection"
    )
    return Fault(
        "unreachable",
        f"The server at {url} cannot be reached: {reason}.",
        f"Start it, or correct {variable}; unset it to use an embedded server.",
    )


def wrong_url(url: str, variable: str) -> Fault:
    return Fault(
        "wrong_url",
        f"The URL {url} cannot be understood.",
        f"Correct {variable}; quote special characters as %XX.",
    )


def clock_skewed(skew_ms: float | None, tolerated_ms: int) -> Iterator[Fault]:
    if skew_ms is not None and abs(skew_ms) > tolerated_ms:
        yield Fault(
            "clock_skew",
            f"The server's clock differs from this host's by {skew_ms:+.0f} ms; tolerated are {tolerated_ms} ms.",
            "Synchronise both clocks (NTP), or raise AWE_CLOCK_SKEW_MS, which lengthens the wait for unknown outcomes.",
        )
