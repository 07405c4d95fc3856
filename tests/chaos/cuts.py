"""Tail loss with every client left alive: the append-only file is cut, then appends, a clean restart and a check (I1, I2).

Each round appends, archives a part, appends more, kills the server while appends are in flight, and cuts its file below
the archived position, above it, or inside a transaction.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from awe.commands.log import LogUnavailable, Rewound
from awe.projections.verification import verify
from chaos.checking import problems
from chaos.holder import Holder
from chaos.ledger import Answer
from chaos.load import Client
from support.append_only import commands
from support.running import running
from support.server_process import ServerProcess
from support.two_tiers import TwoTiers, two_tiers

KINDS = ("below", "above", "inside")


async def cut_tails(
    server: ServerProcess, postgres_url: str, rounds: int, seed: int, say: Callable[[str], None]
) -> list[str]:
    """Cut the file of a server ``rounds`` times; return what is wrong, each problem with its round."""
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    async with two_tiers(server.url, postgres_url, "awe.00") as tiers, tiers.twin() as twin:
        await tiers.heal()
        told: list[Answer] = []
        clients = [Client({"awe.00": each.log}, rng, told.append) for each in (tiers, twin)]
        holder = Holder(twin.log)
        async with running(holder.run()):
            for turn in range(rounds):
                kind = KINDS[turn % len(KINDS)]
                safe = await _cut(tiers, server, clients, rng, kind)
                found = await _wrong(tiers, told, holder, safe)
                done[kind] += 1
                if found:
                    return [f"round {turn} ({kind}, seed {seed}): {each}" for each in found]
    lost = sum(each.appended for each in told) - len({event.append_id for event in holder.events})
    say(
        f"{sum(done.values())} cuts {dict(done)}: {len(told)} answers, {lost} acknowledged appends lost unarchived, "
        f"the holder was rewound {holder.rewound} times"
    )
    return []


async def _cut(
    tiers: TwoTiers, server: ServerProcess, clients: list[Client], rng: random.Random, kind: str
) -> list[Answer]:
    """Lose a part of the tail and heal; return the acknowledged appends that were archived before the loss."""
    safe = await _append(clients, rng.randint(5, 30))
    archived = await tiers.archive_all()
    await _append(clients, rng.randint(5, 30))
    in_flight = [asyncio.create_task(client.append()) for client in clients for _ in range(5)]
    for _ in range(rng.randrange(4)):
        await asyncio.sleep(0)
    server.kill9()
    (file,) = (server.data / "appendonlydir").glob("*.incr.aof")
    cut_file(file, archived, rng, kind)
    server.start()
    await _healed(tiers)
    await asyncio.gather(*in_flight)
    await _append(clients, rng.randint(1, 10))
    server.restart()
    await _healed(tiers)
    await _append(clients, rng.randint(1, 5))
    await tiers.archive_all()
    return [each for each in safe if each.appended]


def written_entries(file: Path, log: bytes) -> list[tuple[int, int, int]]:
    """Return where each transaction that wrote to a log begins and ends in a file, and the last position it wrote."""
    found: list[tuple[int, int, int]] = []
    data = file.read_bytes()
    begin, last = 0, 0
    for offset, command in commands(data):
        name = command[0].upper()
        if name == b"MULTI":
            begin, last = offset, 0
        elif name == b"XADD" and command[1] == log:
            last = int(next(part for part in command[2:] if part.endswith(b"-0"))[:-2])
        elif name == b"EXEC" and last:
            found.append((begin, offset, last))
    return found


def cut_file(file: Path, archived: int, rng: random.Random, kind: str) -> None:
    """Truncate an append-only file before a transaction that wrote above or below a position, or inside one."""
    found = written_entries(file, b"{awe.00}:log")
    wanted = {
        "below": [begin for begin, _, n in found if n <= archived],
        "above": [begin for begin, _, n in found if n > archived],
        "inside": [rng.randrange(begin + 1, end) for begin, end, _ in found if end - begin > 1],
    }[kind]
    if not found:
        return  # the server rewrote the file just now: its tail is lost to no cut
    size = rng.choice(wanted or [begin for begin, _, _ in found])
    with file.open("r+b") as opened:
        opened.truncate(size)


async def _append(clients: list[Client], count: int) -> list[Answer]:
    return await asyncio.gather(*(clients[place % len(clients)].append() for place in range(count)))


async def _healed(tiers: TwoTiers) -> None:
    for _ in range(200):
        try:
            await tiers.heal()
        except LogUnavailable:  # connections of before the kill break one by one
            await asyncio.sleep(0.01)
        else:
            return
    raise AssertionError("the partition could not be healed")


async def _wrong(tiers: TwoTiers, told: list[Answer], holder: Holder, safe: list[Answer]) -> list[str]:
    entries = await tiers.archived()
    epochs = {
        int(epoch): int(start) for epoch, start in (await tiers.redis("HGETALL", tiers.keys.epochs)).items()
    }
    found = list(problems(entries, epochs, told, lossless=False))
    checked = await verify(tiers.connections, tiers.partition, 1, len(entries))
    if checked.finding:
        found.append(checked.finding)
    hot = await tiers.hot()
    if list(entries[-len(hot) :]) != list(hot):
        found.append("the tiers differ")
    seen = await holder.caught_up(len(entries))
    if [event.n for event in seen] != [entry.n for entry in entries] or [event.body for event in seen] != [
        entry.body for entry in entries
    ]:
        found.append("the holder of a position has not the log")
    standing = {entry.meta.split(b"\t")[3].decode() for entry in entries}
    found.extend(
        f"{each.unit} was archived at {each.position} and lost" for each in safe if each.unit not in standing
    )
    lost = [each for each in told[-100:] if each.appended and each.unit not in standing]
    answers = [await tiers.log.read(each.position) for each in lost]
    found.extend(
        f"the holder of the lost {each.position} is not told"
        for each, answer in zip(lost, answers, strict=True)
        if not isinstance(answer, Rewound)
    )
    return found
