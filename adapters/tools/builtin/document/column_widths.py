"""How wide the columns of a table are: what is written in them decides, and a narrow one keeps its words whole."""

from collections.abc import Sequence

_WORD_AT_MOST = 16
_LINE_AT_MOST = 60
_MARGINS = 4  # of a cell, in characters; wide letters have their share in it


def column_widths(columns: Sequence[Sequence[str]], whole: int) -> list[int]:
    """Parts of the whole width, in its unit, for columns with these texts; each as its longest line asks, within bounds.

    A column gets room for its longest word first, up to some length; what is left is shared out by the longest lines.
    """
    words = [min(max(map(_longest_word, texts), default=1), _WORD_AT_MOST) + _MARGINS for texts in columns]
    lines = [min(max(map(len, texts), default=1), _LINE_AT_MOST) + _MARGINS for texts in columns]
    wanted = [max(line, word) for line, word in zip(lines, words, strict=True)]
    least = sum(words)
    spare = max(sum(wanted) - least, 1)
    share = [
        word + (want - word) * max(_fit(whole) - least, 0) / spare
        for word, want in zip(words, wanted, strict=True)
    ]
    return [int(whole * part / sum(share)) for part in share]


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)


def _fit(whole: int) -> float:
    """How many characters a line of that width holds, about: an inch has twelve, and a unit is 1/914,400 of it."""
    return whole / 914_400 * 12
