"""What the engine, its log, the archive and the linter cost, as ratios to floors measured in the same process.

    make bench                                      all of it, some minutes; longer where others use the disk
    python -m benchmarks --quick                    a small part of the work (from the folder tests/)
    python -m benchmarks --only append --json FILE
    python -m benchmarks --only engine              the whole engine, one partition (see also engine_...)

CPU is user and system time of this process and of every server process it started, counted until the work is done,
with the servers' data on a real disk. A row is the median of five repeats, floor and subject by turns, with the
least and the most in brackets. Times move with the machine, so a missed target is marked and never an error.
"""
