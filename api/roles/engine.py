"""The engine's roles beside a block of code: whichever are wanted, for as long as the block lasts.

When a role fails, the block is cancelled and the failure raised. When the block ends, the worker takes nothing new and
is given time to end what it does; what it does not end is offered to others once its lease is over.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from awe.api.bootstrap import EventStore, event_store
from awe.api.bootstrap.means import Means
from awe.api.roles.awaiting import opened
from awe.api.roles.collecting import collected_seldom
from awe.api.roles.ending import end
from awe.api.roles.failures import RoleFailed
from awe.api.roles.openness import tell_while_closed
from awe.api.settings import Settings
from awe.commands.log import Outcome, Unit
from awe.projections.projector import Projector

if TYPE_CHECKING:
    from awe.api.bootstrap.workers import Working
    from awe.commands.scheduler.scheduler import Scheduler

_LEAVING_S: Final = 5.0  # what a queue needs after its worker was drained


@dataclass(frozen=True, slots=True)
class Roles:
    """What this process is. `drain_s` is how long its worker may take to end its tasks."""

    keeper: bool = True
    scheduler: bool = True
    worker: bool = True
    queues: tuple[str, ...] = ()
    drain_s: float = 20.0


class _Orphans:
    """Appends whose callers are gone are the worker's to look after, which is built after the log it appends to."""

    def __init__(self) -> None:
        self.working: Working | None = None

    def __call__(self, unit: Unit, outcome: Outcome) -> None:
        if self.working is not None:
            self.working.worker.orphaned(unit, outcome)


@asynccontextmanager
async def engine(
    settings: Settings,
    means: Means,
    roles: Roles,
    *,
    projectors: Sequence[Projector] | None = None,
    patient: bool = False,
) -> AsyncGenerator[EventStore]:
    """Run the roles; as for `event_store`, and each role raises what it cannot go on after.

    A worker's means are a kit. What a role is made of is loaded only where that role is played.
    `patient`: servers that are away in the beginning are waited for, however long that takes.
    """
    orphans, name = _Orphans(), process_name()
    opening = partial(event_store, settings, keeper=roles.keeper, orphaned=orphans, projectors=projectors)
    async with AsyncExitStack() as held:
        store = (
            await opened(held, opening, settings, keeper=roles.keeper)
            if patient
            else await held.enter_async_context(opening())
        )
        scheduling: Sequence[Scheduler] = ()
        if roles.scheduler:
            from awe.api.bootstrap.schedulers import schedulers  # noqa: PLC0415

            scheduling = await held.enter_async_context(schedulers(store, means, settings, holder=name))
        if roles.worker:
            from awe.api.bootstrap.kit import Kit  # noqa: PLC0415
            from awe.api.bootstrap.workers import working  # noqa: PLC0415

            if not isinstance(means, Kit):
                raise TypeError("a worker works with a kit: its means have no tools")
            orphans.working = await held.enter_async_context(
                working(store, means, settings, name=name, queues=roles.queues, drain_s=roles.drain_s)
            )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_as("scheduler", scheduler.run())) for scheduler in scheduling]
            if not roles.keeper:
                tasks.append(group.create_task(tell_while_closed(store.client, tuple(store.logs))))
            try:
                async with _at_work(group, orphans.working, roles.drain_s):
                    with collected_seldom():
                        yield store
            finally:
                await end(tasks)


@asynccontextmanager
async def _at_work(
    group: asyncio.TaskGroup, at_work: "Working | None", drain_s: float
) -> AsyncGenerator[None]:
    """Leases are kept until the queue has drained the worker."""
    if at_work is None:
        yield
        return
    beating = group.create_task(_as("worker", at_work.worker.run()))
    reading = group.create_task(_as("worker", at_work.queue.run()))
    try:
        yield
    finally:
        await end({reading}, patience_s=drain_s + _LEAVING_S)
        await end({beating})


async def _as(role: str, work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception as error:
        raise RoleFailed(role, error) from error


def process_name() -> str:
    """This process, unlike any other that ever was."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
