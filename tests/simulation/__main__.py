"""``python -m simulation``: play seeds; exit 1 when anything that must hold did not."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from simulation.coverage import Coverage
from simulation.seed import Played, play


def say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 (a program's output)


def main() -> int:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to play")
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes that play")
    parser.add_argument("--most", type=int, default=5, help="stop after so many seeds that failed")
    parser.add_argument("--require-coverage", action="store_true", help="fail when a fault never met a point")
    parser.add_argument("--quiet", action="store_true", help="say nothing of what met what")
    parser.add_argument(
        "--tell", action="store_true", help="say everything that happens in the first seed, and no more"
    )
    given = parser.parse_args()
    if given.tell:
        say(f"{len(play(given.seed, say).problems)} problems")
        return 0
    begin = time.monotonic()
    coverage, failed, played, events = Coverage(), 0, 0, 0
    for each in _played(range(given.seed, given.seed + given.seeds), given.jobs):
        coverage.add(each.coverage)
        played += 1
        events += each.events
        if each.problems:
            failed += 1
            _tell(each)
            if failed >= given.most:
                break
    took_s = time.monotonic() - begin
    if not given.quiet:
        say(coverage.table())
        say(", ".join(f"{name} {times}" for name, times in sorted(coverage.events.items())))
    say(f"{played} seeds, {events} events, {took_s:.1f} s, {played / took_s:.1f} seeds/s: {failed} failed")
    missing = coverage.missing() if given.require_coverage else []
    for each_missing in missing:
        say(f"NEVER: {each_missing}")
    return 1 if failed or missing else 0


def _played(seeds: range, jobs: int) -> Iterator[Played]:
    if jobs == 1 or len(seeds) == 1:
        yield from map(play, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(play, seeds, chunksize=4)


def _tell(played: Played) -> None:
    say(f"WRONG in seed {played.seed} (after {played.seconds:.1f} s, {played.events} events):")
    for problem in played.problems[:8]:
        say(f"  {problem}")
    say(f"  again: make simulate SEEDS=1 SEED={played.seed}")


if __name__ == "__main__":
    sys.exit(main())
