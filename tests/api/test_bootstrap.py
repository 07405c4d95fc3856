"""The composition root gives every process the same parts: commands go in, events come out of both tiers."""

import asyncio

import pytest

from awe.api.bootstrap import event_store, partition_name
from awe.api.settings import Settings
from awe.commands.log import Page, Position
from awe.commands.messages import RequestCancel, SubmitGoal
from awe.domain.identifiers import partition_of
from awe.domain.rejections import IdempotencyConflict
from awe.domain.run.events import CancelRequested, GoalSubmitted
from awe.domain.vocabulary import decode
from support.server_process import ValkeyProcess
from support.waiting import until


@pytest.fixture
def settings(own_valkey: ValkeyProcess, postgres_database: str) -> Settings:
    return Settings.from_environment(
        {"AWE_REDIS_URL": own_valkey.url, "AWE_POSTGRES_URL": postgres_database, "AWE_PARTITIONS": "3"}
    )


async def test_i19_a_key_names_one_run_and_its_partition(settings: Settings) -> None:
    goal = SubmitGoal(actor="ana", goal="write a report", idempotency_key="k1")
    async with event_store(settings, keeper=True) as store:
        first, again = await asyncio.gather(store.runs.submit(goal), store.runs.submit(goal))
        other = await store.runs.submit(goal.model_copy(update={"idempotency_key": None}))
        assert first.run == again.run != other.run
        assert [first.changed, again.changed].count(True) == 1
        with pytest.raises(IdempotencyConflict):
            await store.runs.submit(goal.model_copy(update={"goal": "write another"}))
        assert (await store.runs.cancel(RequestCancel(actor="bo", run=first.run, reason="no need"))).changed
        assert not (await store.runs.cancel(RequestCancel(actor="bo", run=first.run))).changed
        history = await store.logs[partition_name(partition_of(first.run))].history(first.run)
        told = [(event.type, decode(event.type, event.body)[1].actor) for event in history.events]
        assert told == [(GoalSubmitted.event_type, "ana"), (CancelRequested.event_type, "bo")]
        assert history.control.state == "cancelling"


async def test_a_second_process_waits_for_the_keeper_and_reads_what_it_archived(settings: Settings) -> None:
    async with event_store(settings) as worker:
        submitted = asyncio.create_task(worker.runs.submit(SubmitGoal(actor="ana", goal="write a report")))
        async with event_store(settings, keeper=True) as keeper:
            done = await submitted
            log = keeper.logs[partition_name(partition_of(done.run))]
            found = await log.read(Position(0, done.position.epoch))
            assert isinstance(found, Page)
            assert [event.run for event in found.events] == [done.run]


async def test_i20_archived_durability_acknowledges_what_the_archive_has(settings: Settings) -> None:
    archived = settings.model_copy(update={"durability": "archived"})
    async with event_store(archived) as worker:
        submitted = asyncio.create_task(worker.runs.submit(SubmitGoal(actor="ana", goal="write a report")))
        async with event_store(settings, keeper=True):
            await until(submitted.done)
        assert submitted.result().changed
