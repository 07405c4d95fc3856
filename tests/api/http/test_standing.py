"""Ready is who can answer truthfully now; why somebody cannot is said by a code, and names no server."""

from collections.abc import Sequence
from typing import Any

import pytest

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.http.standing import Standing
from support.archives import migrated
from support.http_door import HttpDoor, Opening
from support.server_process import ValkeyProcess
from support.waiting import until_async


async def pong() -> None:
    return None


async def codes(standing: Standing) -> Sequence[str]:
    return [reason.code for reason in (await standing.look()).reasons]


def standing_on(url: str) -> tuple[Standing, OwnedConnection]:
    owned = OwnedConnection(url, "health")
    return Standing(owned, {}, pong, lag_events=1, lag_s=1), owned


async def reasons(door: HttpDoor) -> list[str]:
    answer = (await door.bare.get("/readyz")).json()
    return [each["code"] for each in answer["reasons"]]


async def test_a_whole_installation_is_ready_and_its_lag_is_a_metric(door: HttpDoor) -> None:
    run = await door.submit()
    await door.made(run, "a.txt", b"text")

    async def ready() -> bool:
        answer = await door.bare.get("/readyz")
        return answer.status_code == 200 and answer.json()["lag"]["runs"]["events"] == 0

    await until_async(ready)
    told = (await door.get("/metrics")).text
    assert "awe_ready 1.0" in told
    assert 'awe_projection_lag_events{projection="runs"} 0.0' in told
    assert 'awe_http_requests_total{method="GET",route="/readyz",status="200"}' in told
    await door.get("/a/secret/path?query=secret")
    await door.raw("/x", method="PURGE")
    await door.ask("{projections {name}}")
    await door.ask("{nonsense}")
    await door.ask("{")
    told = (await door.get("/metrics")).text
    assert "secret" not in told
    assert "PURGE" not in told
    assert 'awe_http_requests_total{method="other",route="other",status="404"} 1.0' in told
    assert 'awe_graphql_operations_total{outcome="ok",type="query"} 1.0' in told
    assert 'awe_graphql_operations_total{outcome="errors",type="query"} 1.0' in told
    assert 'awe_graphql_operations_total{outcome="errors",type="unreadable"} 1.0' in told
    assert run not in told


async def test_read_models_too_far_behind_are_not_ready(opening: Opening) -> None:
    async with opening():
        pass
    async with opening(keeper=False, ready_lag_events=1) as door:
        run = await door.submit()
        for number in range(3):
            await door.made(run, f"a{number}.txt", b"text")

        async def told() -> bool:
            return await reasons(door) == ["too_stale"] * 6

        await until_async(told)
        answer = await door.bare.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["lag"]["runs"]["events"] == 4
        assert "awe_ready 0.0" in (await door.get("/metrics")).text
    async with opening(keeper=False, ready_lag_s=0) as door:

        async def too_old() -> bool:
            return await reasons(door) == ["too_stale"] * 6

        await until_async(too_old)
    async with opening(keeper=False) as door:
        assert await reasons(door) == []


async def test_servers_that_are_away_are_told_apart(
    opening: Opening, own_valkey: ValkeyProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.api.http.standing._MOMENT_S", 0)
    async with opening(keeper=True) as door:
        assert await reasons(door) == []
        own_valkey.stop()
        assert await reasons(door) == ["redis_unavailable"]
        assert (await door.bare.get("/healthz")).status_code == 200
        own_valkey.start()

        async def back() -> bool:
            return await reasons(door) == []

        await until_async(back)


async def test_postgres_may_be_away_or_refuse() -> None:
    standing, owned = standing_on("postgresql://nobody@127.0.0.1:1/none")
    assert await codes(standing) == ["postgres_unavailable"]
    await owned.aclose()


async def test_the_schema_is_this_release_s(postgres_database: str) -> None:
    async def told() -> Sequence[str]:
        standing, owned = standing_on(postgres_database)
        try:
            return await codes(standing)
        finally:
            await owned.aclose()

    assert await told() == ["unmigrated"]
    async with migrated(postgres_database) as connections:
        assert await told() == ["projections_missing"]

        async def run(statement: str) -> None:
            async with connections.connection() as connection:
                await connection.execute(statement.encode())

        await run("DELETE FROM awe.migration WHERE number = (SELECT max(number) FROM awe.migration)")
        assert await told() == ["unmigrated"]
        await run("INSERT INTO awe.migration (number, name, checksum) VALUES (9999, 'later', 'x')")
        assert await told() == ["schema_of_another_release"]
        await run("DROP TABLE awe.projection CASCADE; DELETE FROM awe.migration")
        assert await told() == ["unmigrated"]


async def test_what_was_found_serves_all_who_ask_within_a_moment() -> None:
    asked: list[int] = []

    async def ping() -> Any:
        asked.append(1)

    owned = OwnedConnection("postgresql://nobody@127.0.0.1:1/none", "health")
    standing = Standing(owned, {}, ping, lag_events=1, lag_s=1)
    assert await standing.look() is await standing.look()
    assert len(asked) == 1
    await owned.aclose()
