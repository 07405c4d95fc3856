"""The command line; exits with 1 only when something broke, never for a time."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from benchmarks import report
from benchmarks.catalogue import SHAPES
from benchmarks.cpu import calibrate
from benchmarks.row import Row
from benchmarks.settings import EVENTS, QUICK, Settings
from benchmarks.spread import Spread


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    settings = Settings(share=QUICK if chosen.quick else 1.0, server=chosen.server, events=chosen.events)
    rows: list[Row] = []
    loops = [calibrate()]
    for name in chosen.only or SHAPES:
        _say(f"{name} ...", sys.stderr)
        rows += asyncio.run(_measure(name, settings))
        loops.append(calibrate())
    loop = Spread.of(loops)
    _say("\n\n".join((report.machine(settings, loop), report.table(rows), report.notes(rows))), sys.stdout)
    if chosen.json is not None:
        report.write_json(chosen.json, settings, loop, rows)
    return 0


async def _measure(name: str, settings: Settings) -> Sequence[Row]:
    return await SHAPES[name](settings)


def _say(text: str, where: TextIO) -> None:
    where.write(f"{text}\n")
    where.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Costs as ratios to floors.")
    parser.add_argument("--only", action="append", choices=SHAPES, metavar="NAME", help=", ".join(SHAPES))
    parser.add_argument("--quick", action="store_true", help="a small part of the work")
    parser.add_argument("--server", choices=("valkey", "redis"), default="valkey")
    parser.add_argument(
        "--events",
        type=int,
        default=EVENTS,
        metavar="COUNT",
        help="the length of the log that read models are built from (%(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
