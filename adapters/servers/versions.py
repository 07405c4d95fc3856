"""Versions as servers write them: `7.0.15`, `15.18 (Debian 15.18-0+deb12u1)`, `19beta1`."""

import re


def older(version: str | None, minimum: tuple[int, int]) -> bool:
    """Whether the version is told, understood, and below the minimum."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version or "")
    return numbers is not None and (int(numbers[1]), int(numbers[2] or 0)) < minimum
