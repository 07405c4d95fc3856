"""`git.marks`: what people left in the text of files for later."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import Limit, bounded
from awe.adapters.tools.builtin.git.globs import Glob, matcher
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.decorator import tool

if TYPE_CHECKING:
    from awe.adapters.tools.builtin.git.marked_lines import Marked

MarkName = Literal["TODO", "FIXME", "XXX", "HACK"]


class Mark(TypedDict):
    path: str
    line: int
    mark: MarkName
    text: str


class MarkCount(TypedDict):
    mark: MarkName
    count: int


class Marks(TypedDict):
    marks: list[Mark]
    total: int
    by_mark: list[MarkCount]
    files: int
    truncated: bool


@tool(name="git.marks", effect="read", timeout_s=300, heavy=True)
def git_marks(
    repo: Repository,
    at: At = None,
    glob: Glob = None,
    marks: Annotated[
        list[MarkName], Field(min_length=1, max_length=4, description="The words to look for.")
    ] = ["TODO", "FIXME", "XXX", "HACK"],  # noqa: B006 (never changed: calls get a copy)
    limit: Limit = 200,
) -> Marks:
    """Find marks as whole words in capitals, in text files of at most a megabyte, by path and line.

    `total`, `by_mark` and `files` count all of them, also those not listed.
    """
    from awe.adapters.tools.builtin.git import marked_lines, repository  # noqa: PLC0415 (loads dulwich)

    matches, counts, paths = matcher(glob), dict.fromkeys(marks, 0), set[str]()

    def counted(found: "Iterator[Marked[MarkName]]") -> Iterator[Mark]:
        for each in found:
            counts[each.mark] += 1
            paths.add(each.path)
            yield Mark(path=each.path, line=each.line, mark=each.mark, text=each.text)

    with repository.opened(repo) as opened:
        found = counted(marked_lines.marked_lines(opened, repository.commit_at(opened, at), marks, matches))
        listed, truncated = bounded(found, limit)
        for _ in found:  # the rest is only counted
            pass
    return Marks(
        marks=listed,
        total=sum(counts.values()),
        by_mark=[MarkCount(mark=mark, count=count) for mark, count in counts.items()],
        files=len(paths),
        truncated=truncated,
    )
