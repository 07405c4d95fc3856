"""The HTTP door on a real port and real servers, in the test's own loop, with clients of every kind."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from awe.api.bootstrap import EventStore, event_store
from awe.api.bootstrap.kit import Kit, kit
from awe.api.bootstrap.serving import Serving, serving
from awe.api.http.application import Application
from awe.api.http.keys import Keys
from awe.api.http.limits import HttpLimits
from awe.api.http.listening import listen
from awe.api.http.server import serve
from awe.api.settings import Settings
from awe.commands.log import NewEvent, Unit
from awe.commands.messages import SubmitGoal
from awe.domain.artifacts import Artifact
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import TaskKey, task_aggregate
from awe.domain.task.events import OperationSucceeded
from support.waiting import until

KEY: Final = "a-key-that-is-long-enough"
BEARER: Final = {"Authorization": f"Bearer {KEY}"}
PROTOCOL: Final = "graphql-transport-ws"


class RawAnswer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class HttpDoor:
    """``keyed`` clients show the key, ``bare`` ones nothing."""

    url: str
    port: int
    application: Application
    store: EventStore
    kit: Kit
    serving: Serving
    keyed: httpx2.AsyncClient
    bare: httpx2.AsyncClient
    stop: asyncio.Event
    served: asyncio.Task[None]

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.keyed.get(path, headers={name.replace("_", "-"): headers[name] for name in headers})

    async def ask(self, query: str, **variables: Any) -> Any:
        answer = await self.keyed.post("/graphql", json={"query": query, "variables": variables})
        return answer.json()

    async def raw(self, target: str, method: str = "GET", **headers: str) -> RawAnswer:
        """One request whose target goes out as it is."""
        told = {"Host": "localhost", **BEARER, "Connection": "close", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        async with self.connection() as (reader, writer):
            writer.write(f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        return RawAnswer(int(first.split()[1]), dict(line.lower().split(": ", 1) for line in rest), body)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection for bytes of any kind, closed by both sides afterwards."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @asynccontextmanager
    async def socket(
        self, *, protocol: str | None = PROTOCOL, origin: Any = None, **headers: str
    ) -> AsyncGenerator[ClientConnection]:
        protocols = None if protocol is None else [Subprotocol(protocol)]
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=protocols,
            origin=origin,
            additional_headers=headers,
            proxy=None,
        ) as opened:
            yield opened

    async def submit(self, goal: str = "write notes") -> str:
        return (await self.store.runs.submit(SubmitGoal(actor="ann", goal=goal))).run

    async def happen(self, run: str, task: str, *events: Event) -> None:
        """Append events to a task of a run, expecting nothing."""
        told = [
            NewEvent(task_aggregate(TaskKey(task)), e.event_type, encode(e, Context("w"))) for e in events
        ]
        await self.serving.logs[0].append(Unit(f"said-{uuid4().hex}", run, told))

    async def made(
        self, run: str, name: str, data: bytes, media_type: str = "text/plain", generation: int = 1
    ) -> str:
        """Let the first call of the task `write` have made a file; its digest."""
        digest = await self.kit.blobs.put(data)
        artifact = Artifact(name=name, media_type=media_type, bytes=len(data), sha256=digest)
        await self.happen(
            run,
            "write",
            OperationSucceeded(attempt=1, index=0, generation=generation, artifacts=(artifact,)),
        )
        return digest


@asynccontextmanager
async def http_door(
    redis_url: str,
    postgres_url: str,
    home: Path,
    *,
    keys: Mapping[str, str] | None = None,
    limits: HttpLimits | None = None,
    keeper: bool = True,
    **settings: Any,
) -> AsyncGenerator[HttpDoor]:
    """An installation of one partition with its keeper, served on a free port; with one key unless others are given."""
    told = Settings.from_environment(
        {
            "AWE_REDIS_URL": redis_url,
            "AWE_POSTGRES_URL": postgres_url,
            "AWE_HOME": str(home),
            "AWE_PARTITIONS": "1",
            **{f"AWE_{name.upper()}": str(value) for name, value in settings.items()},
        }
    )
    known = Keys({KEY: "ann"} if keys is None else keys)
    limits = limits or HttpLimits.of(told)
    listening = listen("127.0.0.1", 0, known)
    stop, answers = asyncio.Event(), asyncio.Event()
    (url,) = listening.urls
    with kit(told) as made:
        async with (
            event_store(told, keeper=keeper) as store,
            serving(store, made) as parts,
            httpx2.AsyncClient(base_url=url, headers=BEARER, trust_env=False, timeout=30) as keyed,
            httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as bare,
        ):
            application = Application(parts, told, known, limits, on_loopback=True)
            served = asyncio.create_task(serve(application, listening, limits, stop, answers.set))
            await until(lambda: answers.is_set() or served.done())
            try:
                port = int(url.rpartition(":")[2])
                yield HttpDoor(url, port, application, store, made, parts, keyed, bare, stop, served)
            finally:
                stop.set()
                await served


async def closed_with(socket: ClientConnection) -> int:
    """Wait until the server has closed it, and return its code."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as ended:
        return 0 if ended.rcvd is None else ended.rcvd.code


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def code_of(answer: Any) -> str:
    """The code of a refusal, from any kind of answer."""
    body = answer.body if isinstance(answer, RawAnswer) else answer.content
    code: str = json.loads(body)["error"]["code"]
    return code


Opening = Callable[..., AbstractAsyncContextManager[HttpDoor]]
"""Opens a door with settings of the test's own."""
