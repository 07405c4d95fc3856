"""A process that appends until it is told to stop, then waits for every answer: ``python -m chaos.appender LEDGER SEED COUNT``.

The servers come from the environment, as for any process of AWE.
"""

import asyncio
import random
import signal
import sys
from pathlib import Path

from awe.api.bootstrap import event_store
from awe.api.settings import Settings
from chaos.ledger import LedgerFile
from chaos.load import Client
from chaos.processes import die_with_parent


async def main(ledger: Path, seed: int, in_flight: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with ledger.open("w", encoding="utf-8", buffering=1) as file:
        async with event_store(Settings.from_environment()) as store:
            client = Client(store.logs, random.Random(seed), LedgerFile(file).add)

            async def keep_appending() -> None:
                while not stop.is_set():
                    await client.append()

            async with asyncio.TaskGroup() as group:
                for _ in range(in_flight):
                    group.create_task(keep_appending())


if __name__ == "__main__":
    die_with_parent()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
