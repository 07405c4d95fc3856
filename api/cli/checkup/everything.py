"""All checks, in the order of cause and effect: what is installed, how it is set up, then each server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from awe.adapters.embedded.home import KINDS, Home, Kind, home_folder
from awe.adapters.embedded.inspection import DataFolder
from awe.adapters.embedded.postgres_server import PostgresServer
from awe.adapters.embedded.redis_server import RedisServer
from awe.adapters.servers.faults import Fault, ServerError
from awe.adapters.servers.postgres_facts import probe_postgres
from awe.adapters.servers.redis_facts import probe_redis
from awe.api.cli.checkup import embedded
from awe.api.cli.checkup.check import Check
from awe.api.cli.checkup.installation import installation
from awe.api.cli.checkup.postgres import postgres
from awe.api.cli.checkup.redis import partitions, redis
from awe.api.cli.errors import DEBUG
from awe.api.settings import Settings, SettingsError

_VARIABLES: Final[dict[Kind, str]] = {"redis": "AWE_REDIS_URL", "postgres": "AWE_POSTGRES_URL"}


def everything(timeout_s: float) -> Iterator[Check]:
    """Never raises for what is wrong outside; a server that does not answer within the time is a fault."""
    yield from installation()
    try:
        settings = Settings.from_environment(
            {name: value for name, value in os.environ.items() if name != DEBUG}
        )
    except SettingsError as error:
        hint = "Correct these variables of the environment, or unset them."
        yield Check.failed("settings", "environment", Fault("settings_invalid", str(error), hint))
        return
    urls = {"redis": settings.redis_url, "postgres": settings.postgres_url}
    named: dict[Kind, str] = {
        kind: given.get_secret_value() for kind in KINDS if (given := urls[kind]) is not None
    }
    for kind, url in named.items():
        yield from _asked(kind, url, f"named by {_VARIABLES[kind]}", settings, timeout_s)
    missing: list[Kind] = [kind for kind in KINDS if kind not in named]
    if missing:
        try:
            home = home_folder(settings.home)
        except ServerError as error:
            yield Check.failed(embedded.AREA, "home", error.fault)
            return
        yield embedded.folder(home)
        for kind in missing:
            yield from _embedded(kind, home, settings, timeout_s)


def _embedded(kind: Kind, home: Home, settings: Settings, timeout_s: float) -> Iterator[Check]:
    found = embedded.looked_into(home, kind)
    yield embedded.use(found, kind)
    if isinstance(found, DataFolder) and found.pids:
        url = RedisServer(home).url if kind == "redis" else PostgresServer(home).url
        yield from _asked(kind, url, "embedded", settings, timeout_s)
    else:
        yield embedded.not_running(home, kind)


def _asked(kind: Kind, url: str, source: str, settings: Settings, timeout_s: float) -> Iterator[Check]:
    if kind == "postgres":
        yield from postgres(
            probe_postgres(url, clock_skew_ms=settings.clock_skew_ms, timeout_s=timeout_s), source
        )
        return
    facts = probe_redis(
        url, durability=settings.durability, clock_skew_ms=settings.clock_skew_ms, timeout_s=timeout_s
    )
    yield from redis(facts, source)
    if facts.reachable:
        yield from partitions(url, facts, settings.partitions, timeout_s)
