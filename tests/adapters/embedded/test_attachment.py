import asyncio
import errno
import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from awe.adapters.embedded.diagnosis import why_not_started
from awe.adapters.embedded.home import Home
from awe.adapters.embedded.refusals import as_fault
from awe.adapters.embedded.servers import embedded_servers, leases
from awe.adapters.servers.faults import Fault, ServerError


@contextmanager
def supervisor(home: Home, *, leaves: bool) -> Generator[list[socket.socket]]:
    """One that takes connections and says nothing; returns those it holds."""
    home.path.mkdir()
    held: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home.control("redis")))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                if leaves:
                    connection.close()
                else:
                    held.append(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield held
        listener.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


def test_a_server_that_takes_too_long_is_told(home: Home) -> None:
    with (
        supervisor(home, leaves=False),
        leases(home.path, ["redis"], timeout_s=0.1) as held,
        pytest.raises(ServerError) as caught,
    ):
        held["redis"].url.result()
    assert caught.value.fault.code == "start_timeout"
    assert str(home.log("redis")) in caught.value.fault.hint


def test_a_supervisor_that_never_answers_is_told(home: Home) -> None:
    with (
        supervisor(home, leaves=True),
        leases(home.path, ["redis"]) as held,
        pytest.raises(ServerError) as caught,
    ):
        held["redis"].url.result()
    assert caught.value.fault.code == "start_failed"


async def test_a_start_that_is_cancelled_leaves_no_user_behind(home: Home) -> None:
    async def use() -> None:
        async with embedded_servers(home=home.path, postgres_url="postgresql://p"):
            pytest.fail("no server was there")

    with supervisor(home, leaves=False) as held:
        task = asyncio.create_task(use())
        async with asyncio.timeout(10):
            while not held:  # noqa: ASYNC110 - the other side is a thread
                await asyncio.sleep(0.01)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 5
        held[0].settimeout(5)
        assert held[0].recv(1) == b"", "the connection is closed, so nobody counts it"


def test_a_supervisor_that_cannot_start_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = home.path.with_name("python")
    broken.write_text("#!/bin/sh\necho 'no such module' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with leases(home.path, ["redis"]) as held, pytest.raises(ServerError) as caught:
        held["redis"].url.result()
    assert caught.value.fault.code == "start_failed"
    assert "no such module" in caught.value.fault.message


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "no_permission"),
        (errno.EROFS, "no_permission"),
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.ENOTDIR, "start_failed"),
    ],
)
def test_what_the_system_refuses_is_told(number: int, code: str) -> None:
    fault = as_fault(OSError(number, "refused", "/srv/awe"), Path("/srv/awe"))
    assert fault.code == code
    assert "/srv/awe" in fault.message
    assert "AWE_HOME" in fault.hint


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("bind: Address already in use", "address_in_use"),
        ("initdb: error: could not look up effective user ID 7: user does not exist", "no_passwd_entry"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "out_of_memory"),
        ('FATAL:  data directory "x" has wrong ownership', "no_permission"),
        ("something else", "start_failed"),
    ],
)
def test_a_cause_is_read_from_what_was_logged_since(tmp_path: Path, line: str, code: str) -> None:
    log = tmp_path / "log"
    before = "No space left on device, some time ago\n"
    log.write_text(before + line + "\n")
    fault = why_not_started(log, len(before), tmp_path).fault
    assert fault.code == code
    assert str(log) in fault.hint
    assert code != "start_failed" or line in fault.message


def test_a_fault_survives_the_way_to_another_process() -> None:
    fault = Fault("code", "message", "hint", "warning")
    assert Fault.from_dict(fault.as_dict()) == fault
