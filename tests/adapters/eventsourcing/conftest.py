from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from eventsourcing.utils import Environment

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.memory.eventsourcing import MemoryFactory
from awe.adapters.redis_streams.eventsourcing import RedisFactory

MakeFactory = Callable[..., LogFactory]


@pytest.fixture
def make_redis_factory(keyspace: str) -> Iterator[MakeFactory]:
    """A factory on the server at a URL, for an application; with further environment."""
    with ExitStack() as made:

        def make(url: str, name: str = "App", **env: str) -> LogFactory:
            env = {"AWE_REDIS_URL": url, "AWE_EVENTSOURCING_PREFIX": keyspace, **env}
            return made.enter_context(closing(RedisFactory(Environment(name, env))))

        yield make


@pytest.fixture(params=["memory", "valkey_url", "redis_url", "cluster_url"])
def factory(request: pytest.FixtureRequest, make_redis_factory: MakeFactory) -> LogFactory:
    """A factory on each kind of store."""
    if request.param == "memory":
        return MemoryFactory(Environment("App"))
    url: Any = request.getfixturevalue(request.param)
    return make_redis_factory(url)
