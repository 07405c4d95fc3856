"""How many lines one text adds and removes to become another: those of the shortest edit, as long as that is cheap.

Most changes are small, and most lines of large ones are on one side only, so little is left to compare. Where even
that is a long shuffle, each line is matched with its namesake of the same number instead: still an edit that leads
from one text to the other, just not always the shortest, and found in n log n.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

_MOST_EDITS: Final = 256


def added_and_removed(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[int, int]:
    """The numbers of lines that the edit adds and removes."""
    kept = _kept(before, after)
    return len(after) - kept, len(before) - kept


def _kept(before: Sequence[bytes], after: Sequence[bytes]) -> int:
    """The length of a common subsequence of lines, mostly the longest."""
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    shared = set(old) & set(new)
    old = [line for line in old if line in shared]
    new = [line for line in new if line in shared]
    if not old:
        return start + end
    inside = longest(old, new)
    return start + end + (matched(old, new) if inside is None else inside)


def longest(old: Sequence[bytes], new: Sequence[bytes]) -> int | None:
    """The length of the longest common subsequence (Myers); None when it takes more edits than are tried."""
    rows, columns = len(old), len(new)
    reached = {1: 0}
    for edits in range(min(rows + columns, _MOST_EDITS) + 1):
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
            row = reached[diagonal + 1] if down else reached[diagonal - 1] + 1
            while row < rows and 0 <= row - diagonal < columns and old[row] == new[row - diagonal]:
                row += 1
            reached[diagonal] = row
            if row >= rows and row - diagonal >= columns:
                return (rows + columns - edits) // 2
    return None


def matched(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """The longest rising chain of matches between the n-th copies of each line."""
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, line in enumerate(new):
        places[line].append(place)
    met: Counter[bytes] = Counter()
    ends: list[int] = []
    for line in old:
        copies = places[line]
        if met[line] < len(copies):
            place = copies[met[line]]
            at = bisect_left(ends, place)
            ends[at : at + 1] = [place]
        met[line] += 1
    return len(ends)
