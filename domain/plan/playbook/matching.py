"""Which playbook is meant by a goal in words: the same goal and playbooks always give the same answer.

Words are compared without regard to case and punctuation. A playbook matches when one of its phrases stands in the
goal, word for word, or when all of its keywords do. Its score is 10 for each phrase that does and 1 for each of that
phrase's words, so that the longer of two phrases wins, and 1 for each keyword that does.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from awe.domain.plan.playbook.model import Playbook

_WORD: Final = re.compile(r"\w+")
_PHRASE: Final = 10


def score(goal: str, playbook: Playbook) -> int:
    """How well the playbook matches the goal; 0: not at all."""
    words = f" {_words(goal)} "
    phrases = [phrase for phrase in {*map(_words, playbook.match.phrases)} if f" {phrase} " in words]
    keywords = [f" {keyword} " in words for keyword in {*map(_words, playbook.match.keywords)}]
    if not phrases and not (keywords and all(keywords)):
        return 0
    return sum(_PHRASE + 1 + phrase.count(" ") for phrase in phrases) + sum(keywords)


def best(goal: str, playbooks: Iterable[Playbook]) -> Sequence[Playbook]:
    """The playbooks that match best, by name: none when none matches, several when they match equally well."""
    scores = [(score(goal, playbook), playbook) for playbook in playbooks]
    most = max((reached for reached, _ in scores), default=0)
    return sorted(
        (playbook for reached, playbook in scores if reached == most > 0), key=lambda each: each.name
    )


def _words(text: str) -> str:
    """The words with one space between them."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
