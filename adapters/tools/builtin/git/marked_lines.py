"""Lines of a commit's text files with marks in them: each word once a line, the text around it cut to a readable length."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar, cast

from dulwich.objects import Commit
from dulwich.repo import Repo

from awe.adapters.tools.builtin.git.tree_files import LARGEST_TEXT, content, files_of, is_binary

Word = TypeVar("Word", bound=str)
_LONGEST: Final = 200


class Marked(NamedTuple, Generic[Word]):
    path: str
    line: int
    mark: Word
    text: str


def marked_lines(
    repo: Repo, commit: Commit | None, words: Sequence[Word], wanted: Callable[[str], bool]
) -> Iterator[Marked[Word]]:
    """Every mark in every wanted file, by path, line and place in the line."""
    pattern = re.compile(rb"\b(?:" + b"|".join(re.escape(word.encode()) for word in words) + rb")\b")
    for file in files_of(repo, commit):
        if file.link or not wanted(file.path):
            continue
        data = content(repo, file.sha)
        if len(data) > LARGEST_TEXT or is_binary(data) or pattern.search(data) is None:
            continue
        for number, line in enumerate(data.split(b"\n"), 1):
            for word in dict.fromkeys(pattern.findall(line)):
                text = line.decode(errors="replace").strip()
                yield Marked(file.path, number, cast("Word", word.decode()), text[:_LONGEST])
