"""One connection to Postgres per role of a process, owned by it, opened when needed and again after a fault.

A role does one thing at a time, so a pool would only hide how many connections an installation needs. Whatever
leaves a connection in doubt closes it: the next user gets a fresh one, never half a transaction. Nor does the next
user meet the end of a server that was restarted meanwhile.
"""

import asyncio
import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus

from awe.projections.errors import ArchiveError, ArchiveUnavailable

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30
_PREPARED_AFTER = 5
USE_TIMEOUT_S = 120
"""Longest use of the connection in one go; the client's own clock, for a server that no longer answers at all."""


class OwnedConnection:
    """Implements `awe.projections.ports.Connections`; concurrent users wait for each other."""

    def __init__(
        self,
        url: str,
        role: str,
        *,
        statement_timeout_s: float = STATEMENT_TIMEOUT_S,
        use_timeout_s: float = USE_TIMEOUT_S,
        prepares: bool = True,
    ) -> None:
        """Nothing is connected yet.

        ``prepares``: statements that are repeated are planned once. Not for who reads the views of projections: a
        switch may change their columns, and a statement planned before would be refused from then on.
        """
        self._url = url
        self._role = role
        self._statement_timeout_ms = int(statement_timeout_s * 1000)
        self._use_timeout_s = use_timeout_s
        self._prepare_threshold = _PREPARED_AFTER if prepares else None
        self._lock = asyncio.Lock()
        self._connection: AsyncConnection[Any] | None = None

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        """Lend the connection; see the port."""
        async with self._lock:
            try:
                async with asyncio.timeout(self._use_timeout_s):
                    yield await self._connected()
            except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
                raise ArchiveUnavailable(
                    f"Postgres does not answer the {self._role}: {_told(error)}; check AWE_POSTGRES_URL and the server"
                ) from error
            except psycopg.errors.ReadOnlySqlTransaction as error:
                await self._discard()
                raise ArchiveUnavailable(
                    f"Postgres lets the {self._role} write nothing, as a standby does: {_told(error)}; "
                    "check that AWE_POSTGRES_URL leads to the primary"
                ) from error
            except psycopg.Error as error:
                raise ArchiveError(
                    f"Postgres refused a statement of the {self._role}: {_told(error)}"
                ) from error
            finally:
                await self._discard_unless_idle()

    async def aclose(self) -> None:
        """Close the connection; a later use opens it again."""
        async with self._lock:
            await self._discard()

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is not None and _hung_up(self._connection):
            await self._discard()
        if self._connection is None:
            connection = await AsyncConnection[Any].connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                application_name=f"awe {self._role}",
                prepare_threshold=self._prepare_threshold,
            )
            self._connection = connection
            await connection.execute(
                "SELECT set_config('statement_timeout', %s, false)", (str(self._statement_timeout_ms),)
            )
        return self._connection

    async def _discard_unless_idle(self) -> None:
        connection = self._connection
        if connection is not None and connection.info.transaction_status != TransactionStatus.IDLE:
            await self._discard()

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _hung_up(connection: AsyncConnection[Any]) -> bool:
    """Whether an idle connection has something to say: of itself a server says farewell, or ends without."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _told(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
