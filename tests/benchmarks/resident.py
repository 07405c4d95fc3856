"""The memory of a process: the most that it ever had in RAM."""

from pathlib import Path


def peak_mib(pid: int | None = None) -> float:
    """Of this process, or of another one that still runs."""
    # What getrusage says begins with the parent's.
    status = Path(f"/proc/{'self' if pid is None else pid}/status").read_text(encoding="ascii")
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return kib / 1024
