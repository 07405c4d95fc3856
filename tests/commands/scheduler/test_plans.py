"""A plan is read once for all runs of it, and only from where it has to be read."""

import gc
from typing import Any

import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.blobs import BlobMissing
from awe.commands.scheduler.plans import Plans
from awe.domain.plan.canonical import canonical, digest, document
from awe.domain.plan.model import Plan
from awe.domain.run.events import PlanProposed
from support.plans import layered, plan


def proposed(of: Plan, *, inline: bool) -> PlanProposed:
    return PlanProposed(number=1, digest=digest(of), plan=document(of) if inline else None)


async def test_runs_of_one_plan_share_it() -> None:
    plans, given = Plans(MemoryBlobs()), Plan.model_validate(plan(7))
    first = await plans.of(proposed(given, inline=True))
    assert first == given
    assert await plans.of(proposed(given, inline=True)) is first
    assert await plans.of(proposed(given, inline=False)) is first


async def test_the_next_run_finds_the_plan_of_the_last_one() -> None:
    plans, given = Plans(MemoryBlobs()), proposed(Plan.model_validate(plan(7)), inline=True)
    first = id(await plans.of(given))
    gc.collect()
    assert id(await plans.of(given)) == first


@pytest.mark.parametrize("defaults", [True, False])
async def test_a_plan_that_was_stored_lies_in_the_blob_of_its_digest_and_is_not_read_again(
    defaults: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    blobs, given = MemoryBlobs(), Plan.model_validate(plan(7))
    plans = Plans(blobs)
    said: dict[str, Any] = document(given) if defaults else plan(7)
    await plans.store(digest(given), said)
    assert await blobs.get(digest(given)) == canonical(given)
    plans._blobs = MemoryBlobs()  # pyright: ignore[reportPrivateUsage]
    assert await plans.of(proposed(given, inline=False)) == given


async def test_another_process_reads_it_from_the_blob() -> None:
    blobs, given = MemoryBlobs(), Plan.model_validate(layered(10, 20))
    await Plans(blobs).store(digest(given), document(given))
    assert await Plans(blobs).of(proposed(given, inline=False)) == given
    with pytest.raises(BlobMissing):
        await Plans(MemoryBlobs()).of(proposed(given, inline=False))


async def test_a_known_plan_is_stored_again_where_its_blob_is_gone() -> None:
    blobs, given = MemoryBlobs(), Plan.model_validate(plan(7))
    plans = Plans(blobs)
    kept = await plans.of(proposed(given, inline=True))
    await plans.store(digest(given), document(given))
    assert await blobs.get(digest(kept)) == canonical(given)
