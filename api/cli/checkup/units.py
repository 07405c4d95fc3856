"""Figures for people; a figure that could not be had is `unknown`."""

from __future__ import annotations

_KIBI = 1024


def size(count: int | None) -> str:
    """Bytes in the largest unit that leaves at least one."""
    if count is None:
        return "unknown"
    amount, units = float(count), iter(("B", "KiB", "MiB", "GiB", "TiB"))
    unit = next(units)
    for larger in units:
        if amount < _KIBI:
            break
        amount, unit = amount / _KIBI, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def milliseconds(value: float | None) -> str:
    return "unknown" if value is None else f"{abs(value):.1f} ms"
