"""The GraphQL door on real servers, asked in the test's own loop: over HTTP, server-sent events and web sockets."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.entries import recorded
from awe.api.bootstrap.kit import Kit, kit
from awe.api.graphql.app import GraphQLApp, graphql_app
from awe.api.graphql.limits import Limits
from awe.api.graphql.services import Caller, Services
from awe.api.reading.entries import entry
from awe.api.settings import Settings
from awe.commands.append_ids import AppendIds
from awe.commands.handling import RunHandler
from awe.commands.log import NewEvent, Unit
from awe.commands.messages import SubmitGoal
from awe.commands.runs import RunCommands
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import TaskKey, task_aggregate
from awe.domain.vocabulary import CODEC
from awe.projections import positions
from awe.projections.projecting import Projecting
from awe.projections.read_models import BUILT_IN
from awe.projections.stored import StoredEntry
from awe.projections.views.entry import Entry
from support.two_tiers import TwoTiers, two_tiers

PARTITION: Final = "awe.00"
ENTROPY: Final = b"a test's entropy, 32 bytes long."
ANN: Final = Caller("ann")


def decode(stored: StoredEntry) -> Entry:
    return entry(recorded(stored))


class Pool:
    """Connections to the test's database, several at a time."""

    def __init__(self, url: str, count: int) -> None:
        self._owned = [OwnedConnection(url, "api") for _ in range(count)]
        self._free: asyncio.LifoQueue[OwnedConnection] = asyncio.LifoQueue()
        for each in self._owned:
            self._free.put_nowait(each)
        self.lent = 0

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Any]:
        owned = await self._free.get()
        self.lent += 1
        try:
            async with owned.connection() as connection:
                yield connection
        finally:
            self._free.put_nowait(owned)

    async def aclose(self) -> None:
        for each in self._owned:
            await each.aclose()


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert "errors" not in self.json, self.json
        return self.json["data"]

    @property
    def codes(self) -> list[str]:
        return [each["extensions"]["code"] for each in self.json["errors"]]


@dataclass
class Door:
    tiers: TwoTiers
    services: Services
    app: GraphQLApp
    pool: Pool
    projecting: Projecting
    commands: RunCommands
    keys: int = 0
    sent: int = 0
    sockets: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    async def ask(self, query: str, accept: str = "application/json", **variables: Any) -> Answer:
        return await self.post(json.dumps({"query": query, "variables": variables}).encode(), accept=accept)

    async def post(self, body: bytes, *, accept: str = "application/json", method: str = "POST") -> Answer:
        """The answer to one request."""
        parts = [message async for message in self.http(body, accept=accept, method=method)]
        start = parts[0]
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts[1:]))

    async def http(
        self, body: bytes, *, accept: str, method: str = "POST"
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The messages of a response as they come; the client leaves when this is closed."""
        outbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": body, "more_body": False})
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "method": method,
            "path": "/graphql",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json"), (b"accept", accept.encode())],
        }
        served = asyncio.create_task(self._served(scope, inbox, outbox))
        try:
            while (message := await outbox.get()) is not None:
                yield message
        finally:
            inbox.put_nowait({"type": "http.disconnect"})
            await served

    async def _served(
        self,
        scope: dict[str, Any],
        inbox: asyncio.Queue[dict[str, Any]],
        outbox: asyncio.Queue[dict[str, Any] | None],
    ) -> None:
        async def send(message: Any) -> None:
            await outbox.put(message)

        try:
            await self.app(scope, inbox.get, send)
        finally:
            await outbox.put(None)

    async def sse(self, query: str, **variables: Any) -> AsyncGenerator[Any, None]:
        """What a subscription over server-sent events tells."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        async with aclosing(self.http(body, accept="text/event-stream")) as messages:
            async for message in messages:
                for event in message.get("body", b"").decode().split("\r\n\r\n"):
                    if event.startswith("event: next"):
                        yield json.loads(event.partition("data: ")[2])

    @asynccontextmanager
    async def socket(self, **headers: str) -> AsyncGenerator["Socket"]:
        """A web socket, accepted and acknowledged."""
        socket = Socket()
        scope: dict[str, Any] = {
            "type": "websocket",
            "path": "/graphql",
            "query_string": b"",
            "subprotocols": ["graphql-transport-ws"],
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        socket.inbox.put_nowait({"type": "websocket.connect"})
        served = asyncio.create_task(self.app(scope, socket.inbox.get, socket.send))
        try:
            yield socket
        finally:
            socket.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
            await served

    async def submit(self, goal: str = "write notes", **more: Any) -> str:
        self.keys += 1
        command = SubmitGoal.model_validate(
            {"actor": "ann", "goal": goal, "idempotency_key": f"k{self.keys}", **more}
        )
        return (await self.commands.submit(command)).run

    async def happen(self, run: str, aggregate: str, *events: Event, count: int = 0) -> None:
        """Append events to a run's aggregate, expecting nothing."""
        named = aggregate if aggregate == "run" else task_aggregate(TaskKey(aggregate))
        self.sent += 1
        await self.tiers.log.append(
            Unit(
                f"said-{count}-{self.sent}",
                run,
                [NewEvent(named, each.event_type, encode(each, Context("worker"))) for each in events],
            )
        )

    async def project(self) -> None:
        """Archive what there is, and feed the read models with it."""
        archiver = self.tiers.archiver()
        while await archiver.step():
            pass
        while await self.projecting.step():
            pass


class Socket:
    """A client's end of graphql-transport-ws."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.room = asyncio.Event()
        self.room.set()

    async def send(self, message: Any) -> None:
        await self.room.wait()  # cleared: a client that does not read
        await self.outbox.put(message)

    async def opened(self) -> dict[str, Any]:
        """Greet, and return how the server answered the handshake."""
        accepted = await self.outbox.get()
        if accepted["type"] == "websocket.accept":
            self.say({"type": "connection_init"})
            assert (await self.hear())["type"] == "connection_ack"
        return accepted

    def say(self, message: Mapping[str, Any]) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        self.say({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def hear(self) -> Any:
        message = await self.outbox.get()
        return json.loads(message["text"]) if "text" in message else message

    async def next(self) -> Any:
        """The data of the next message of a subscription."""
        message = await self.hear()
        assert message["type"] == "next", message
        return message["payload"]["data"]


@asynccontextmanager
async def door(
    redis_url: str,
    postgres_url: str,
    home: Path,
    *,
    limits: Limits | None = None,
    introspection: bool = False,
    connections: int = 4,
    playbooks: Sequence[Path] = (),
) -> AsyncGenerator[Door]:
    """An installation of one partition, healed, with its projections installed and nothing running by itself."""
    settings = Settings(home=home, playbooks=tuple(playbooks))
    pool = Pool(postgres_url, connections)
    made: Kit
    with kit(settings) as made:
        async with two_tiers(redis_url, postgres_url, PARTITION) as tiers:
            await tiers.heal()
            async with tiers.connections.connection() as connection:
                await positions.install(connection, BUILT_IN, [PARTITION])
            handler = RunHandler(tiers.log, CODEC, AppendIds(b"the door's"))
            commands = RunCommands([handler].__getitem__, 1, lambda count: ENTROPY[:count])
            services = Services(
                logs={0: tiers.log},
                runs=commands,
                reads=pool,
                blobs=made.blobs,
                kit=made,
                caller=lambda _: ANN,
                limits=limits or replace(Limits(), fresh_s=0.3),
                introspection=introspection,
            )
            app = graphql_app(services)
            projecting = Projecting(tiers.connections, PARTITION, BUILT_IN, decode)
            try:
                yield Door(tiers, services, app, pool, projecting, commands)
            finally:
                await app.aclose()
                await pool.aclose()
