"""What a person waits for who only asks `awe` how it is used."""

import os
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread


async def start_up(settings: Settings) -> Sequence[Row]:
    """`awe --help` in a process of its own, and an interpreter that does nothing."""
    floor: list[float] = []
    subject: list[float] = []
    for _ in range(settings.repeats):
        floor.append(_cpu("-c", "pass"))
        subject.append(_cpu("-m", "awe", "--help"))
    return [
        Row(
            "awe --help",
            "s CPU",
            Spread.of(subject),
            Spread.of(subject),
            Spread.of(floor),
            Target(0.3),
            "floor = an interpreter that does nothing; the target is in seconds",
        )
    ]


def _cpu(*arguments: str) -> float:
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime
