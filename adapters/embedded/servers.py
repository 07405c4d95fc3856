"""The servers of an installation: those that the operator names, else embedded ones that every awe process shares.

An embedded server runs while any process uses it, survives each of them, and is at the same URL after every start.
When it or its supervisor dies, clients' connections break, and it is back without their doing.
"""

import asyncio
import platform
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from awe.adapters.embedded.home import KINDS, Kind, home_folder
from awe.adapters.embedded.lease import Lease
from awe.adapters.servers.faults import ServerError

LINGER_S = 5.0
TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Servers:
    redis_url: str
    postgres_url: str


@contextmanager
def leases(
    home: Path | None, kinds: Sequence[Kind], *, linger_s: float = LINGER_S, timeout_s: float = TIMEOUT_S
) -> Generator[dict[Kind, Lease]]:
    """Embedded servers of these kinds, starting; each lease's `url` resolves when its server answers.

    Args:
        home: the folder for all their data; None for the default.
        kinds: the servers wanted.
        linger_s: how long a server waits for its next user once the last has left.
        timeout_s: how long to wait for a server to recover its data.

    Raises:
        ServerError: there are no embedded servers on this platform, or not in this folder.
    """
    with ExitStack() as held:
        if kinds and platform.system() != "Linux":
            raise ServerError.of(
                "unsupported_platform",
                f"Embedded servers run on Linux only; this is {platform.system()}.",
                "Run Redis 7.0 and PostgreSQL 15 or later, for example in containers, "
                "and set AWE_REDIS_URL and AWE_POSTGRES_URL.",
            )
        yield {
            kind: held.enter_context(Lease(kind, home_folder(home), linger_s=linger_s, timeout_s=timeout_s))
            for kind in kinds
        }


@asynccontextmanager
async def embedded_servers(
    *,
    home: Path | None = None,
    redis_url: str | None = None,
    postgres_url: str | None = None,
    linger_s: float = LINGER_S,
    timeout_s: float = TIMEOUT_S,
) -> AsyncGenerator[Servers]:
    """The URLs of both servers; those not given are embedded ones, running inside the block. As for `leases`.

    Raises:
        ServerError: a server cannot be started; its fault says why, and what to do.
    """
    given = (redis_url, postgres_url)
    missing: list[Kind] = [kind for kind, url in zip(KINDS, given, strict=True) if url is None]
    with leases(home, missing, linger_s=linger_s, timeout_s=timeout_s) as held:
        started = {kind: await asyncio.wrap_future(lease.url) for kind, lease in held.items()}
        yield Servers(redis_url or started["redis"], postgres_url or started["postgres"])
