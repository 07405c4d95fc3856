"""A few random cuts and kills, as ``make chaos`` does by the hundred; the seed is printed and reproduces the choices."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.cuts import cut_tails
from chaos.kills import kill_at_random
from support.server_process import PostgresProcess, RedisProcess, ServerProcess, ValkeyProcess

CUTS = 3
KILLS = 4


@pytest.fixture
def seed() -> int:
    return random.randrange(2**32)


@pytest.fixture
def say(seed: int) -> Callable[[str], None]:
    def told(what: str) -> None:
        print(f"seed {seed}: {what}")  # noqa: T201 (shown when the test fails)

    return told


@pytest.mark.parametrize("server", ["own_valkey", "own_redis"])
async def test_i01_i02_a_tail_lost_with_every_client_alive(
    server: str, postgres_database: str, seed: int, say: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    own: ServerProcess = request.getfixturevalue(server)
    assert isinstance(own, (ValkeyProcess, RedisProcess))
    assert await cut_tails(own, postgres_database, CUTS, seed, say) == []


async def test_i02_i03_servers_and_keepers_killed_under_load(
    own_valkey: ValkeyProcess,
    own_postgres: PostgresProcess,
    tmp_path: Path,
    seed: int,
    say: Callable[[str], None],
) -> None:
    assert (
        await kill_at_random(
            own_valkey, own_postgres, own_postgres.database_url("postgres"), tmp_path, KILLS, seed, say
        )
        == []
    )
