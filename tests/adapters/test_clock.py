"""One port of time, kept by the machine's clock and by the one that tests own."""

import time

from awe.adapters.clock import SystemClock
from awe.commands.clock import Clock
from support.virtual_clock import VirtualClock


async def test_i10_the_machines_clock_tells_the_date_and_measures_waits() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1_000
    before = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() >= before + 0.009


async def test_i10_a_virtual_clock_lets_hours_pass_in_no_time() -> None:
    virtual = VirtualClock()
    clock: Clock = virtual
    began, date = clock.monotonic(), clock.now_ms()
    await virtual.until(clock.sleep(7_200))
    assert clock.monotonic() - began == 7_200
    assert clock.now_ms() - date == 7_200_000
