"""How often each fault met each point at which a process waits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

WIRE: Final = ("lost request", "lost reply", "delay", "late reply", "duplicate", "reorder")
BODY: Final = ("crash", "pause")
SERVER: Final = ("server restart", "tail loss", "server pause", "pressure")

APPEND: Final = "append"
_COLD: Final = ("read_archived_index", "restore_index")
REQUESTS: Final = {
    "client": (APPEND, "history", *_COLD),
    "scheduler": (
        APPEND,
        "read",
        "read_archive",
        "history",
        "head",
        "reactor_position",
        "take_role",
        "give_up_role",
        "lease_ends",
        *_COLD,
    ),
    "worker": (APPEND, "history", "head", "renew_leases", *_COLD),
}
"""What each role asks over a wire."""
CALLS: Final = {
    "client": (),
    "scheduler": ("blob.get", "blob.put"),
    "worker": ("blob.get", "blob.put", "tool.call", "slot"),
}
"""What each role waits for besides."""
POINTS: Final = {role: (*REQUESTS[role], *CALLS[role]) for role in REQUESTS}
RARE: Final = frozenset({"give_up_role", "lease_ends", "read_archive", "reactor_position", *_COLD})
"""Requests that are seldom made: more of them meet something."""


class Coverage:
    def __init__(self) -> None:
        self.met: Counter[tuple[str, str, str]] = Counter()
        """By fault, role and point."""
        self.made: Counter[tuple[str, str]] = Counter()
        """Requests by role and kind."""
        self.events: Counter[str] = Counter()

    def meet(self, fault: str, role: str, points: Iterable[str]) -> None:
        for point in points:
            self.met[fault, role, point] += 1

    def add(self, other: "Coverage") -> None:
        self.met.update(other.met)
        self.made.update(other.made)
        self.events.update(other.events)

    def missing(self) -> list[str]:
        """What has to be met at least once, and was not."""
        return [
            f"{fault} at {role} {point}"
            for role, point, faults in _rows()
            for fault in faults
            if not self.met[fault, role, point]
        ]

    def table(self) -> str:
        """What met what, how often; `-` where nothing can."""
        columns = (*WIRE, *BODY, *SERVER)
        lines = ["".join([f"{'':34}", *(f"{name:>15}" for name in columns)])]
        for role, point, faults in _rows():
            cells = [f"{self.met[name, role, point] if name in faults else '-':>15}" for name in columns]
            lines.append("".join([f"{role + ' ' + point:34}", *cells]))
        return "\n".join(lines)


def _rows() -> Iterable[tuple[str, str, Sequence[str]]]:
    for role, points in POINTS.items():
        for point in points:
            wire = WIRE if point in REQUESTS[role] else ()
            yield role, point, (*wire, *BODY, *SERVER)
