"""Commands on runs, on the log in memory: one winner, one run per key, nothing appended when it is refused."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.commands.append_ids import AppendIds
from awe.commands.handling import ATTEMPTS, Contended, Overloaded, RunHandler
from awe.commands.log import Conflict, EventLog, Outcome, RunHistory, Unit
from awe.commands.messages import RequestCancel, SubmitGoal
from awe.commands.runs import RunCommands
from awe.domain.identifiers import RunId
from awe.domain.rejections import RunMissing
from awe.domain.vocabulary import CODEC, decode

GOAL = SubmitGoal(tenant="acme", actor="ana", goal="write a report", idempotency_key="k")


@pytest.fixture
async def server() -> MemoryServer:
    return MemoryServer()


@pytest.fixture
async def log(server: MemoryServer) -> AsyncIterator[MemoryEventLog]:
    made = MemoryEventLog(server, "awe.00")
    yield made
    await made.aclose()


def commands(log: EventLog, seed: int = 1) -> RunCommands:
    handler = RunHandler(log, CODEC, AppendIds(bytes([seed]) * 9))
    return RunCommands([handler].__getitem__, 1, lambda count: b"\x07" * count)


async def test_i19_of_concurrent_submissions_one_begins_the_run(log: MemoryEventLog) -> None:
    handled = await asyncio.gather(*(commands(log, seed).submit(GOAL) for seed in range(1, 9)))
    assert len({found.run for found in handled}) == 1
    assert sum(found.changed for found in handled) == 1
    assert len((await log.history(handled[0].run)).events) == 1


async def test_i19_keys_are_scoped_by_tenant_and_actor(log: MemoryEventLog) -> None:
    runs = [
        (await commands(log).submit(GOAL.model_copy(update=other))).run
        for other in ({}, {"tenant": "other"}, {"actor": "bo"}, {"idempotency_key": "other"})
    ]
    assert len(set(runs)) == 4


async def test_an_event_says_who_asked_and_in_which_trace(log: MemoryEventLog) -> None:
    done = await commands(log).submit(GOAL.model_copy(update={"traceparent": "00-a-b-01"}))
    (event,) = (await log.history(done.run)).events
    _, context = decode(event.type, event.body)
    assert (context.actor, context.correlation_id, context.traceparent) == ("ana", done.run, "00-a-b-01")


async def test_a_cancel_restricts_the_run(log: MemoryEventLog) -> None:
    done = await commands(log).submit(GOAL)
    cancelled = await commands(log, 2).cancel(RequestCancel(actor="bo", run=done.run))
    again = await commands(log, 3).cancel(RequestCancel(actor="bo", run=done.run))
    assert (cancelled.changed, again.changed) == (True, False)
    control = (await log.history(done.run)).control
    assert (control.version, control.state) == (1, "cancelling")


async def test_what_does_not_exist_cannot_be_cancelled(log: MemoryEventLog) -> None:
    with pytest.raises(RunMissing):
        await commands(log).cancel(RequestCancel(actor="bo", run=RunId("r-00-" + "0" * 26)))


async def test_i07_a_full_server_takes_no_new_goal(server: MemoryServer, log: MemoryEventLog) -> None:
    server.partition("awe.00").pressure = 71
    with pytest.raises(Overloaded, match="71 %"):
        await commands(log).submit(GOAL)


class Restless:
    """A log on which somebody else is always faster."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log
        self.appends = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def append(self, unit: Unit) -> Outcome:
        self.appends += 1
        return Conflict(unit.expects[0].aggregate, 1, "another")

    async def history(self, run: str, aggregate: str | None = None) -> RunHistory:
        return await self._log.history(run, aggregate)


async def test_a_run_that_never_holds_still_is_given_up_with_an_error(log: MemoryEventLog) -> None:
    restless = Restless(log)
    with pytest.raises(Contended):
        await commands(restless).submit(GOAL)  # type: ignore[arg-type]  # the rest of the port is not called
    assert restless.appends == ATTEMPTS
