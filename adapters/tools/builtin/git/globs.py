"""Patterns of paths as git writes them: `*` inside a folder, `**` over folders, `?` for one character."""

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import Field

from awe.adapters import patterns
from awe.adapters.tools.builtin.refusal import refused

Glob = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description="Only these paths: `*` stays in a folder, `**` does not; without a `/`, names in any folder.",
    ),
]
_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANINGS: Final = {"**/": "(?:[^/]*/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matcher(glob: str | None) -> Callable[[str], bool]:
    """Whether a path matches; every path does when there is no pattern."""
    if glob is None:
        return lambda _: True
    whole = glob.removeprefix("/") if "/" in glob else f"**/{glob}"
    pieces = (_MEANINGS.get(part) or re.escape(part) for part in _PARTS.findall(whole))
    pattern = rf"(?s)\A{''.join(pieces)}\z"
    if (fault := patterns.fault(pattern)) is not None:
        raise refused(f"the glob cannot be used: {fault}")
    return lambda path: patterns.search(pattern, path)
