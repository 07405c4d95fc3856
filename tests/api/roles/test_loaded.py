"""A process loads what its roles need; a library that only another role uses would be in its memory for nothing."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from awe.api.bootstrap.means import means
from awe.api.roles.engine import Roles, engine
from awe.api.settings import Settings
from support.server_process import ValkeyProcess

SERVE = {"starlette", "strawberry", "prometheus_client", "uvicorn", "mcp"}
RARE = {"eventsourcing", "matplotlib", "docx", "dulwich", "rich", "yaml", "opentelemetry.sdk"}
WORKER = {
    "faststream",
    "jsonschema",
    "cel_expr_python",
    "awe.adapters.tools.registry",
    "awe.adapters.work_queue.application",
}
KEEPER = {"awe.projections.archiver", "awe.projections.read_models"}
SCHEDULER = {"awe.commands.scheduler.scheduler"}

OF_OTHERS: Mapping[str, set[str]] = {
    "projector": WORKER | SCHEDULER,
    "scheduler": WORKER | KEEPER,
    "worker": KEEPER,
}

PROGRAM = """
import signal, sys
from awe.api.cli import main, output
def note(said):
    if said.endswith("SIGTERM"):
        print(*sys.modules)
        signal.raise_signal(signal.SIGTERM)
output.note = note
raise SystemExit(main.run([sys.argv[1]]))
"""


@pytest.fixture
def environment(own_valkey: ValkeyProcess, postgres_database: str, server_home: Path) -> dict[str, str]:
    return {
        "AWE_HOME": str(server_home / "awe"),
        "AWE_REDIS_URL": own_valkey.url,
        "AWE_POSTGRES_URL": postgres_database,
        "AWE_PARTITIONS": "1",
    }


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_role_loads_nothing_of_the_others(name: str, environment: Mapping[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, name],
        env={**environment, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    loaded = set(ended.stdout.split())
    assert "awe.api.roles.engine" in loaded
    assert loaded & (SERVE | RARE | OF_OTHERS[name]) == set()


async def test_a_worker_is_not_played_without_tools(environment: Mapping[str, str]) -> None:
    settings = Settings.from_environment(environment)
    with means(settings) as held, pytest.raises(TypeError, match="no tools"):
        async with engine(settings, held, Roles(keeper=False, scheduler=False)):
            pass
