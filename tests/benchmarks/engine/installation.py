"""The whole engine in this process, on servers that are given: keeper, a scheduler for each partition, one worker."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from awe.api.bootstrap import EventStore
from awe.api.bootstrap.kit import Kit, kit
from awe.api.roles.engine import Roles, engine
from awe.api.settings import ServerUrl, Settings
from awe.projections.projector import Projector
from awe.projections.read_models import BUILT_IN
from benchmarks.engine.noop import REGISTRY

SLOTS = 64
"""As many tasks at once as a busy worker of async tools is given; every shape has at least so many to offer."""


@dataclass(frozen=True, slots=True)
class Installation:
    """`queue` is the one whose worker has the tool; None for the default one."""

    store: EventStore
    kit: Kit
    queue: str | None = None


@asynccontextmanager
async def installation(
    redis: str, postgres: str, partitions: int, projectors: Sequence[Projector] = BUILT_IN
) -> AsyncGenerator[Installation]:
    """Run the engine as `awe up` does, with all checks, events, archiver and read models, durability `always`."""
    with TemporaryDirectory(prefix="awe-bench-") as home:
        settings = Settings(
            home=Path(home),
            redis_url=ServerUrl(redis),
            postgres_url=ServerUrl(postgres),
            partitions=partitions,
            slots=SLOTS,
        )
        with kit(settings) as loaded:
            made = replace(loaded, registry=loaded.registry.merged(REGISTRY))
            async with engine(settings, made, Roles(drain_s=5.0), projectors=projectors) as store:
                yield Installation(store, made)
