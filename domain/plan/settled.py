"""Whether the literals in an expression settle its verdict: `output.total > 3 || true` is true whatever the output is.

Read from the text, and certain as far as it goes: an expression that compiles and is settled here comes to one verdict,
since a literal decides `||` and `&&` even where the other side fails. What other constants settle is not seen here.
"""

import re
from typing import Final

from awe.domain.plan.mentions import code_of

_OPEN: Final = "_"
_GROUP: Final = re.compile(r"\(([^()\[\]{}]*)\)|[\[{][^()\[\]{}]*[\]}]")


def settled(source: str) -> bool:
    """Whether the source, which compiles, comes to `true` always or to `false` always because of its literals."""
    if "true" not in source and "false" not in source:
        return False
    code = code_of(source)
    while group := _GROUP.search(code):
        code = f"{code[: group.start()]} {_verdict(group[1] or '')} {code[group.end() :]}"
    return _verdict(code) != _OPEN


def _verdict(code: str) -> str:
    """The literal that code without brackets comes to, if its literals settle that; a choice (`?`) is left open."""
    if "?" in code:
        return _OPEN
    alternatives = set(map(_conjunction, code.split("||")))
    if "true" in alternatives:
        return "true"
    return "false" if alternatives == {"false"} else _OPEN


def _conjunction(code: str) -> str:
    demands = {demand.strip() for demand in code.split("&&")}
    if "false" in demands:
        return "false"
    return "true" if demands == {"true"} else _OPEN
