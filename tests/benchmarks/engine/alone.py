"""The engine in a process of its own that did nothing else before: for what it needs, and how soon it is there.

    python -m benchmarks.engine.alone REDIS_URL POSTGRES_URL SHARE [--bare] NAME ...

It does the workloads of these names, with read models or bare of them, and then says the highest memory it had, in MiB.
"""

import asyncio
import sys
from collections.abc import Sequence

from awe.projections.read_models import BUILT_IN
from benchmarks.engine.driving import client
from benchmarks.engine.installation import installation
from benchmarks.engine.workloads import NAMED, small
from benchmarks.resident import peak_mib
from benchmarks.settings import Settings

BARE = "--bare"


async def main(redis: str, postgres: str, share: float, names: Sequence[str]) -> None:
    projectors = () if BARE in names else BUILT_IN
    async with installation(redis, postgres, 1, projectors) as at, client(at) as asking:
        for name in [each for each in names if each != BARE]:
            await asking.drive(small(NAMED[name], Settings(share=share)))
        sys.stdout.write(f"{peak_mib()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]))
