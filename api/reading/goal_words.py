"""Looks for words in a goal as the text search of the read models does: the same syntax, and the same words in prose.

What that search takes for one word (an address, a path, a number with a point) is several here; so where the log is
read, a part of it is found too.
"""

import re
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_TERM: Final = re.compile(r'(?:(?P<without>-)\s*)?(?:"(?P<phrase>[^"]*)"?|(?P<plain>[^\s"]+))')

_Phrase = Sequence[str]


def matches(goal: str, text: str) -> bool:
    """Whether a goal has these words: `"quoted phrases"`, `or`, `-without`."""
    words = _words(goal)
    return any(
        all(_has(words, phrase) != without for without, phrase in every) for every in _alternatives(text)
    )


def _alternatives(text: str) -> Sequence[Sequence[tuple[bool, _Phrase]]]:
    """What must hold together, once for each side of an `or`; one without something on both sides is a word."""
    found: list[list[tuple[bool, _Phrase]]] = [[]]
    terms = list(_TERM.finditer(text))
    parted = True  # there is nothing yet before which an `or` could stand
    for at, term in enumerate(terms):
        if not parted and not term["without"] and (term["plain"] or "").lower() == "or" and terms[at + 1 :]:
            found.append([])
            parted = True
            continue
        if phrase := _words(term["phrase"] or term["plain"] or ""):
            found[-1].append((bool(term["without"]), phrase))
        if phrase or term["phrase"] is not None:
            parted = False
    return [every for every in found if every]


def _words(text: str) -> _Phrase:
    return _WORD.findall(text.lower())


def _has(words: _Phrase, phrase: _Phrase) -> bool:
    length = len(phrase)
    return any(words[at : at + length] == phrase for at in range(len(words) - length + 1))
