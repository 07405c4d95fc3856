"""Which variables an expression mentions, read from its text: `tasks.collect.total` mentions ("tasks", "collect", "total").

This serves hints about names, never a decision about the value: the expression language itself stays behind its
port. A name that a macro binds (`all(output, ...)`) is taken for the variable that it hides.
"""

import re
from functools import lru_cache

_STRING_OR_COMMENT = re.compile(
    r"""//[^\n]*|[bBrR]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")""", re.DOTALL
)
_KEY = re.compile(r"""\[\s*(["'])([A-Za-z_]\w*)\1\s*\]""")
_CHAIN = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*\b(?!\s*\())*")


@lru_cache(maxsize=8192)
def mentions(source: str) -> tuple[tuple[str, ...], ...]:
    """The chains of names in the source, each once; a method that is called at the end of a chain is no part of it."""
    code = code_of(_KEY.sub(lambda key: f".{key[2]}", source))
    chains = ("".join(chain.split()).split(".") for chain in _CHAIN.findall(code))
    return tuple(dict.fromkeys(map(tuple, chains)))


def code_of(source: str) -> str:
    """The source without its comments, and with every string empty."""
    return _STRING_OR_COMMENT.sub(" '' ", source)
