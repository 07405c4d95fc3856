"""`git.show`: the text of one file of a commit."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from awe.adapters.tools.builtin.bounded import bounded_text
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.decorator import tool


class Shown(TypedDict):
    path: str
    commit: str
    text: str
    lines: int
    bytes: int
    truncated: bool


@tool(name="git.show", effect="read", timeout_s=60, heavy=True)
def git_show(
    repo: Repository,
    path: Annotated[str, Field(min_length=1, max_length=4_096, description="As git.files lists it.")],
    at: At = None,
    max_bytes: Annotated[
        int, Field(ge=1, le=131_072, description="The most bytes of the file to return.")
    ] = 65_536,
) -> Shown:
    """Return the text of a file, UTF-8 with what is none replaced; `lines` and `bytes` are those of the whole file."""
    from awe.adapters.tools.builtin.git import repository, tree_files  # noqa: PLC0415 (loads dulwich)

    with repository.opened(repo) as opened:
        commit = repository.commit_at(opened, at)
        found = tree_files.file_at(opened, commit, path)
        if commit is None or found is None:
            raise refused(f"the commit has no file '{path}'; git.files lists what it has")
        data = tree_files.content(opened, found)
    if tree_files.is_binary(data):
        raise refused(f"'{path}' is no text file")
    text, longer = bounded_text(_cut(data, max_bytes).decode(errors="replace"))
    return Shown(
        path=path,
        commit=commit.id.decode(),
        text=text,
        lines=data.count(b"\n") + (not data.endswith(b"\n") and bool(data)),
        bytes=len(data),
        truncated=longer or len(data) > max_bytes,
    )


def _cut(data: bytes, most: int) -> bytes:
    """The first bytes, without half a character at the end."""
    if len(data) <= most:
        return data
    end = most
    while end > max(0, most - 3) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004 (what marks a later byte in UTF-8)
        end -= 1
    return data[:end]
