"""CPU time to the nanosecond, of this process and of servers with all their children, the dead ones too."""

import time

import psutil


class Meter:
    def __init__(self, *servers: int, own: bool = True) -> None:
        """`servers` are process ids; what such a process forks counts as well. Without `own` only they count."""
        self._servers = [psutil.Process(pid) for pid in servers]
        self._own = own
        self._began = (0.0, 0.0)

    def start(self) -> None:
        servers = self._of_servers()  # before and after our own clock, which must not see the price of asking
        self._began = (time.process_time(), servers)

    def stop(self) -> float:
        """CPU seconds since `start`."""
        own = time.process_time() - self._began[0]
        servers = self._of_servers() - self._began[1]
        return own + servers if self._own else servers

    def _of_servers(self) -> float:
        return sum(map(_spent, self._servers))


def _spent(server: psutil.Process) -> float:
    ended = server.cpu_times()
    living = [server.pid, *(child.pid for child in server.children(recursive=True))]
    return ended.children_user + ended.children_system + sum(map(_clock, living))


def _clock(pid: int) -> float:
    # Linux gives every process a CPU clock (clock_getcpuclockid); /proc counts in ticks of ten milliseconds.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:  # it ended meanwhile, and counts among its parent's ended children
        return 0.0


def calibrate() -> float:
    """CPU seconds of a fixed loop in this process: what they do between two runs, all other times do too."""
    began = time.process_time()
    total = 0
    for number in range(500_000):
        total += number * number % 7
    return time.process_time() - began
