"""How much memory this machine, or the control group that awe runs in, may use."""

import os
from pathlib import Path

GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_bytes(group_limit: Path = GROUP_LIMIT) -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(group_limit.read_text()))
    except (OSError, ValueError):  # no control group, or "max"
        return machine
