"""Regular expressions of others, matched in linear time.

JSON Schema's `pattern` comes from tools and plans, and a backtracking matcher can be held up for hours by thirty
characters. RE2, which the CEL library carries, cannot; it knows no look-around and no back-reference, and says so.
"""

from functools import lru_cache
from typing import Any, Final

from cel_expr_python import cel  # type: ignore[import-untyped]  # has types, but does not say so

MOST_CHARACTERS: Final = 512


@lru_cache(maxsize=1)
def _matcher() -> Any:
    environment = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
    return environment.compile("text.matches(pattern)")


def search(pattern: str, text: str) -> bool:
    """Whether the pattern matches somewhere in the text; raises `ValueError` for a pattern that `fault` names."""
    verdict = _matcher().eval(data={"text": text, "pattern": pattern}).plain_value()
    if not isinstance(verdict, bool):
        raise ValueError(str(verdict))  # noqa: TRY004 -- the pattern's value is at fault, not a type
    return verdict


@lru_cache(maxsize=1024)
def fault(pattern: str) -> str | None:
    """What makes the pattern unusable; `None` when it is usable."""
    if len(pattern) > MOST_CHARACTERS:
        return f"a pattern of {len(pattern):,} characters; the limit is {MOST_CHARACTERS}"
    try:
        search(pattern, "")
    except ValueError as error:
        return f"not a regular expression of RE2: {error}"
    return None
