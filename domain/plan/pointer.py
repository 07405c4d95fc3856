"""JSON Pointers (RFC 6901): the one way in which plans, findings and fixes name a place in a document."""

from collections.abc import Iterable

from pydantic import JsonValue

SYNTAX = r"^(?:/(?:[^~/]|~[01])*)*$"


def join(*tokens: str | int) -> str:
    """The pointer made of these tokens, each escaped."""
    return "".join(["/" + (_escaped(token) if isinstance(token, str) else str(token)) for token in tokens])


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def tokens_of(pointer: str) -> tuple[str, ...]:
    """The unescaped tokens of a pointer in correct syntax; the whole document has none."""
    if "~" not in pointer:
        return tuple(pointer.split("/")[1:])
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def is_index(token: str) -> bool:
    """Whether the token names an array element: digits without a leading zero."""
    return token.isascii() and token.isdecimal() and (token == "0" or token[0] != "0")  # noqa: S105 -- no password


def resolve(document: JsonValue, tokens: Iterable[str]) -> JsonValue:
    """The value at the place; raises `LookupError`."""
    value = document
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise LookupError(f"the document has no {token!r} here")
    return value


def document_order(pointer: str) -> tuple[tuple[int, str], ...]:
    """A sort key under which places come in the order of the document's arrays: `/tasks/9` before `/tasks/10`."""
    return tuple((int(token), "") if is_index(token) else (-1, token) for token in tokens_of(pointer))
