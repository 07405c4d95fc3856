"""A request as GraphQL over HTTP has it, read strictly: what has the wrong type is refused, never passed over.

The same members come in a body and in `subscribe` over a web socket.
"""

import json
import math
from typing import Any, Final, NamedTuple, cast

from awe.api.graphql.codes import Code, Refused

_MAPS: Final = ("variables", "extensions")


class Asked(NamedTuple):
    """What is to be executed."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


def asked(read: object) -> Asked:
    """Take a request out of a JSON value.

    Raises:
        Refused: it is a batch, or no request.
    """
    if isinstance(read, list):
        raise Refused(Code.BATCHING_OFF, "Send one request at a time: batches are not taken.")
    if not isinstance(read, dict):
        raise Refused(Code.BAD_REQUEST, "A request is a JSON object with a query.")
    told = cast("dict[str, Any]", read)
    query, name = told.get("query"), told.get("operationName")
    if not isinstance(query, str) or not query:
        raise Refused(Code.BAD_REQUEST, "`query` is a string with a GraphQL document.")
    if not isinstance(name, str | None):
        raise Refused(Code.BAD_REQUEST, "`operationName` is a string, or null.")
    for each in _MAPS:
        if not isinstance(told.get(each), dict | None):
            raise Refused(Code.BAD_REQUEST, f"`{each}` is an object, or null.")
    return Asked(query, told.get("variables"), name, told.get("extensions"))


def read_json(data: str | bytes) -> object:
    """Read JSON that every part behind can hold: UTF-8, no NaN, no half characters, no number or nesting without end.

    Raises:
        JSONDecodeError: it is none of that.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        read: object = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if "\\ud" in text.lower():
            json.dumps(read, ensure_ascii=False).encode()
    except (RecursionError, ValueError) as error:  # a number of too many digits is a ValueError too
        raise json.JSONDecodeError(type(error).__name__, "", 0) from None
    return read


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(name: str) -> float:
    raise json.JSONDecodeError(f"{name[:20]} is no JSON", "", 0)
