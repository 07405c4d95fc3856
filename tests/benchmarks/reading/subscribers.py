"""How long after an append two hundred clients of one process have its event, each by a web socket of its own.

The sockets are those of the application's interface: the network is not in it, the reading of JSON by all clients is.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Final

from benchmarks.reading.room import fresh_door
from benchmarks.reading.timing import Times, row
from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from support.graphql_door import Door, Socket
from support.running import running
from support.task_events import ready

_TARGET: Final = Target(250.0)
_CLIENTS: Final = 200
_RUNS: Final = 20
_APPENDS: Final = 30
_WARM: Final = 3
_EVENTS: Final = """subscription ($run: ID!) { runEvents(run: $run) { __typename
    ... on EventsAdded { events { id position time type aggregate data } position } } }"""


async def reading_subscribers(settings: Settings) -> Sequence[Row]:
    """By turns: one client hears of an append; all do; twenty appends at once, each heard of by a part of them."""
    clients, appends = settings.sized(_CLIENTS, least=4), settings.sized(_APPENDS, least=3)
    found: dict[str, list[Times]] = {}
    async with _crowd(settings, clients) as crowd:
        for name in crowd.audiences:
            await crowd.told(name, _WARM)
        for turn in range(settings.repeats):
            for name in list(crowd.audiences)[:: -1 if turn % 2 else 1]:
                found.setdefault(name, []).append(await crowd.told(name, appends))
    note = (
        f"from before an append is sent until a client has its event, {appends} appends a turn, one after another; "
        "floor = the same for the only subscriber of a run, p99"
    )
    return [
        row(f"{clients} subscribers of one run", "subscribers", found["all"], found["one"], _TARGET, note),
        row(
            f"{clients} subscribers of {_RUNS} runs",
            "subscribers_of_many",
            found["some"],
            found["one"],
            _TARGET,
        ),
    ]


class _Crowd:
    """`audiences`: by name, the runs to which is appended at once, each with the number of its subscribers."""

    def __init__(self, room: Door, audiences: Mapping[str, Mapping[str, int]]) -> None:
        self.audiences = audiences
        self._room = room
        self._tasks = count(1)
        self._heard: dict[str, list[float]] = defaultdict(list)
        self._left = 0
        self._all = asyncio.Event()

    async def told(self, audience: str, appends: int) -> Times:
        """Append so many times to the runs of an audience, each time when everybody has heard of the last one."""
        taken: list[float] = []
        of = self.audiences[audience]
        for _ in range(appends):
            self._left, self._all = sum(of.values()), asyncio.Event()
            self._heard.clear()
            began = time.perf_counter()
            await asyncio.gather(*(self._room.happen(run, f"t{next(self._tasks)}", ready()) for run in of))
            async with asyncio.timeout(60):
                await self._all.wait()
            taken += [at - began for each in self._heard.values() for at in each]
        return Times.of(taken)

    async def listen(self, socket: Socket) -> None:
        """Be one client."""
        while True:
            message = await socket.outbox.get()
            at = time.perf_counter()
            told = json.loads(message["text"])["payload"]["data"]["runEvents"]
            for event in told["events"]:
                if event["type"].startswith("awe.task."):  # not what happened before it subscribed
                    self._heard[event["aggregate"]].append(at)
                    self._left -= 1
            if not self._left:
                self._all.set()


@asynccontextmanager
async def _crowd(settings: Settings, clients: int) -> AsyncGenerator[_Crowd]:
    """Every client subscribes to the run of all, and to one of twenty; the first one also to one of its own."""
    async with fresh_door(settings) as room, AsyncExitStack() as held:
        lonely, shared, *some = [await room.submit() for _ in range(2 + _RUNS)]
        crowd = _Crowd(
            room,
            {
                "one": {lonely: 1},
                "all": {shared: clients},
                "some": {run: len(range(at, clients, _RUNS)) for at, run in enumerate(some)},
            },
        )
        sockets: list[Socket] = []
        for number in range(clients):
            socket = await held.enter_async_context(room.socket())
            await socket.opened()
            for run in (shared, some[number % _RUNS], *([] if number else [lonely])):
                socket.subscribe(_EVENTS, name=run, run=run)
                await socket.hear()  # that its goal was submitted
            sockets.append(socket)
        async with running(*(crowd.listen(each) for each in sockets)):
            yield crowd
