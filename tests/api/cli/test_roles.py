"""Processes that play a role: told what is missing, they wait; told to stop, they end."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from awe.api.bootstrap import event_store
from awe.api.cli.exit_codes import ExitCode
from awe.api.roles.openness import ensure_open
from awe.api.settings import Settings
from awe.commands.log import LogUnavailable
from support.installation import Installation, installation


@pytest.fixture
def unopened(session_homes: Path) -> Iterator[Installation]:
    with installation(session_homes) as made:
        yield made


async def test_who_opens_a_closed_partition_is_named(unopened: Installation) -> None:
    with unopened.begun("worker") as worker:
        said = worker.wait_for("is closed")
        assert "Partition awe.00 is closed: start 'awe projector' (or 'awe up')" in said
        worker.signal(signal.SIGTERM)
        ended = worker.end()
    assert ended.code == ExitCode.OK, ended.err

    tail = unopened.awe("events", "tail")
    assert tail.code == ExitCode.UNAVAILABLE
    assert "awe projector" in tail.err

    async with event_store(Settings.from_environment(unopened.variables)) as store:
        with pytest.raises(LogUnavailable, match="start 'awe projector'"):
            await ensure_open(store, "awe.00", patience_s=0)
    async with event_store(Settings.from_environment(unopened.variables), keeper=True) as store:
        await ensure_open(store, "awe.00")


def test_a_role_that_cannot_begin_ends_with_a_message(unopened: Installation) -> None:
    ran = unopened.awe("worker", "--tools", "no.such.module")
    assert ran.code == ExitCode.INVALID
    assert "no.such.module" in ran.err.splitlines()[-2]
