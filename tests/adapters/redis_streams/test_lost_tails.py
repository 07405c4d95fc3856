"""What real servers do when they are killed and their files cut, and that healing holds against it (I1, I2, I5)."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from awe.adapters.redis_streams.settling import settle
from awe.adapters.redis_streams.steps import drive_async
from awe.commands.log import LogError, LogUnavailable, Position
from awe.projections.verification import verify
from support.log_work import some_work
from support.server_process import RedisProcess, ServerProcess, ValkeyProcess
from support.two_tiers import TwoTiers, two_tiers


@pytest.fixture(params=["own_valkey", "own_redis"])
def own_server(request: pytest.FixtureRequest) -> ServerProcess:
    server: ServerProcess = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def tiers(own_server: ServerProcess, postgres_database: str) -> AsyncIterator[TwoTiers]:
    async with two_tiers(own_server.url, postgres_database, "awe.00") as made:
        await made.heal()
        yield made


def append_only_file(server: ServerProcess) -> Path:
    """The file that the server appends to now."""
    (found,) = (server.data / "appendonlydir").glob("*.incr.aof")
    return found


def cut(file: Path, size: int) -> None:
    with file.open("r+b") as opened:
        opened.truncate(size)


async def restarted(tiers: TwoTiers, server: ServerProcess) -> None:
    """Start the killed server; old connections are found broken, as a process that lived on would find them."""
    server.start()
    for _ in range(20):
        try:
            await tiers.look()
        except LogUnavailable:
            continue


async def test_i02_the_append_script_itself_notices_a_restart(
    tiers: TwoTiers, own_server: ServerProcess
) -> None:
    await tiers.append()
    own_server.kill9()
    await restarted(tiers, own_server)
    found = await tiers.look()
    assert found.meta["state"] == "open", "what is stored looks as before"
    assert not found.is_open
    assert (await tiers.heal()).epoch == 2


@pytest.mark.parametrize("step", ["settled", "epoch begun", "closed", "compared", "epoch started"])
async def test_i02_a_server_that_restarts_under_a_healing_is_not_opened_by_it(
    tiers: TwoTiers, own_server: ServerProcess, step: str
) -> None:
    await some_work(tiers)
    head = await tiers.archive_all()
    await tiers.redis("FLUSHALL")
    restarts: list[str] = []

    async def restart_once(done: str) -> None:
        if done == step and not restarts:
            own_server.kill9()
            await restarted(tiers, own_server)
            restarts.append(done)

    done = await tiers.healer(restart_once).heal(tiers.partition)
    assert (done.epoch, done.n) == (3, head)
    assert (await tiers.look()).rewritten
    assert (await tiers.append()).position == Position(head + 1, 3)


async def test_i01_i02_i16_a_log_cut_anywhere_is_healed_without_gap_reuse_or_difference(
    tiers: TwoTiers, own_server: ServerProcess
) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    for turn in range(6):
        if turn == 0:
            await some_work(tiers)
        for _ in range(rng.randint(1, 6)):
            await tiers.append(f"r-{rng.randint(0, 3)}", claims=rng.choice((0, 1)))
        if rng.random() < 0.6:
            await tiers.archive_all()
        for _ in range(rng.randint(0, 6)):
            await tiers.append(f"r-{rng.randint(0, 3)}")
        archived = await tiers.archived()
        own_server.kill9()
        file = append_only_file(own_server)
        cut(file, rng.randint(0, file.stat().st_size))
        await restarted(tiers, own_server)
        done = await tiers.heal()
        assert done.epoch == turn + 2, f"seed {seed}"
        assert done.n >= len(archived), f"seed {seed}: archived positions are never reused"
        assert (await tiers.append()).position == Position(done.n + 1, done.epoch)
        await tiers.archive_all()
        everything = await tiers.archived()
        assert [entry.n for entry in everything] == list(range(1, done.n + 2)), f"seed {seed}"
        assert everything[: len(archived)] == archived, f"seed {seed}"
        checked = await verify(tiers.connections, tiers.partition, 1, len(everything))
        assert checked.finding == "", f"seed {seed}"


async def test_i01_a_torn_transaction_does_not_swallow_what_follows_it(
    tiers: TwoTiers, own_server: ServerProcess
) -> None:
    await tiers.append()
    size = append_only_file(own_server).stat().st_size
    await tiers.append(run="r-torn")
    own_server.kill9()
    file = append_only_file(own_server)
    torn = file.read_bytes()[size:]
    assert torn.startswith(b"*1\r\n$5\r\nMULTI"), "the server writes a script as one transaction"
    cut(file, size + torn.rindex(b"EXEC"))
    await restarted(tiers, own_server)
    await tiers.heal()
    kept = [await tiers.append(run="r-kept"), await tiers.append(run="r-kept")]
    own_server.stop()
    await restarted(tiers, own_server)
    await tiers.heal()
    assert (await tiers.look()).last == kept[-1].first
    assert [entry.run for entry in await tiers.hot()] == ["r-00-a", "r-kept", "r-kept"]
    assert not await tiers.redis("EXISTS", tiers.keys.index("r-torn"))


async def test_i01_without_the_rewrite_redis_7_0_does_swallow(
    own_redis: RedisProcess, postgres_database: str
) -> None:
    """The schedule behind I1, provoked: it tells when servers no longer need the rule."""
    async with two_tiers(own_redis.url, postgres_database, "awe.00") as tiers:
        if b"redis_version:7.0." not in await tiers.redis("EVAL", "return redis.call('INFO', 'server')", 0):
            pytest.skip("the redis-server on PATH is not 7.0")
        for n in (1, 2):
            await tiers.redis("EVAL", "redis.call('SET', 'a', ARGV[1]) redis.call('SET', 'b', ARGV[1])", 0, n)
        own_redis.kill9()
        file = append_only_file(own_redis)
        cut(file, file.read_bytes().rindex(b"EXEC"))
        await restarted(tiers, own_redis)
        assert await tiers.redis("GET", "a") == b"1"
        await tiers.redis("SET", "acknowledged", "yes")
        own_redis.stop()
        await restarted(tiers, own_redis)
        assert await tiers.redis("GET", "acknowledged") is None


async def test_i01_one_rewrite_serves_every_partition_of_a_server(
    tiers: TwoTiers, own_server: ServerProcess
) -> None:
    await tiers.append()
    own_server.kill9()
    await restarted(tiers, own_server)
    assert not (await tiers.look()).rewritten
    await drive_async(tiers.client, settle(tiers.keys))
    assert (await tiers.look()).rewritten
    file = append_only_file(own_server)
    await tiers.heal()
    assert append_only_file(own_server) == file, "no second rewrite"


async def test_i01_a_rewrite_that_fails_keeps_the_partition_closed(
    tiers: TwoTiers, own_server: ServerProcess
) -> None:
    await tiers.append()
    own_server.kill9()
    await restarted(tiers, own_server)
    for folder in (own_server.data, own_server.data / "appendonlydir"):
        folder.chmod(0o500)
    with pytest.raises(LogUnavailable, match=r"BGREWRITEAOF|could not rewrite"):
        await tiers.heal()
    assert not (await tiers.look()).is_open
    for folder in (own_server.data, own_server.data / "appendonlydir"):
        folder.chmod(0o700)
    assert (await tiers.heal()).n == 1


async def test_a_server_without_an_append_only_file_needs_no_rewrite(
    server_home: Path, postgres_database: str
) -> None:
    with ValkeyProcess(server_home / "plain", "--appendonly", "no") as server:
        async with two_tiers(server.url, postgres_database, "awe.00") as tiers:
            await tiers.heal()
            await some_work(tiers)
            head = await tiers.archive_all()
            server.kill9()
            await restarted(tiers, server)
            assert (await tiers.look()).last == 0
            assert await tiers.heal() == await tiers.heal()
            assert (await tiers.append()).position == Position(head + 1, 2)


async def test_i02_flushall_gives_no_position_out_again(tiers: TwoTiers) -> None:
    await some_work(tiers)
    head = await tiers.archive_all()
    await tiers.append()
    await tiers.redis("FLUSHALL")
    with pytest.raises(LogError):
        await tiers.log.head()
    assert (await tiers.heal()).epoch == 2
    assert (await tiers.append()).position == Position(head + 1, 2)
