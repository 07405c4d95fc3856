"""The engine in a process of its own that did nothing else before: for what it needs, and how soon it is there.

    python -m benchmarks.engine.alone REDIS_URL POSTGRES_URL SHARE NAME ...

It does the workloads of these names, and then says the highest memory it had, in KiB.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engine.driving import client
from benchmarks.engine.installation import installation
from benchmarks.engine.workloads import NAMED, small
from benchmarks.settings import Settings


async def main(redis: str, postgres: str, share: float, names: Sequence[str]) -> None:
    async with installation(redis, postgres, 1) as at, client(at) as asking:
        for name in names:
            await asking.drive(small(NAMED[name], Settings(share=share)))
        sys.stdout.write(f"{_peak_kib()}\n")
        sys.stdout.flush()


def _peak_kib() -> int:
    status = Path("/proc/self/status").read_text(
        encoding="ascii"
    )  # what getrusage says begins with the parent's
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]))
