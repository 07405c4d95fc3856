"""What every answer over HTTP must be, whatever was asked: well-formed, in time, with codes, and with no word of an exception."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from awe.api.graphql.codes import Code

JSON: Final = "application/json"
RESPONSE: Final = "application/graphql-response+json"
EVENTS: Final = "text/event-stream"
WITHIN_S: Final = 5.0
_OURS: Final = frozenset({Code.INTERNAL.value, Code.FAULT.value, Code.UNAVAILABLE.value})
"""Codes that say that the server is to blame: no request may bring them about."""

_CODES: Final = frozenset(map(str, Code)) - _OURS
_STATUSES: Final = frozenset({200, 400, 405, 413, 415})
_LEAKS: Final = re.compile(
    r"Traceback|site-packages|\.py\b.*line \d|psycopg|awe_read|SELECT .* FROM|object at 0x"
)


class Answer(NamedTuple):
    status: int
    media_type: str
    body: bytes
    seconds: float


def checked(answer: Answer) -> Sequence[str]:
    """The codes of the errors in the answer.

    Raises:
        AssertionError: it is not what an answer must be.
    """
    assert answer.seconds < WITHIN_S, answer
    assert answer.status in _STATUSES, answer
    text = answer.body.decode()
    assert not _LEAKS.search(text), answer
    if answer.media_type == EVENTS:
        assert answer.status == 200, answer
        documents = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
        assert documents, answer
        return [code for each in documents for code in _codes(each)]
    assert answer.media_type in {JSON, RESPONSE}, answer
    document = json.loads(text)
    if answer.status == 413:
        assert document["error"]["code"] == "too_large", answer
        return ["too_large"]
    found = _codes(document)
    executed = "data" in document
    assert executed or answer.status != 200 or answer.media_type == JSON, answer
    assert not executed or answer.status == 200, answer
    return found


def _codes(document: Mapping[str, Any]) -> Sequence[str]:
    assert document.keys() <= {"data", "errors", "extensions"}, document
    assert document.keys() & {"data", "errors"}, document
    if "errors" not in document:
        return []
    assert isinstance(document["errors"], list), document
    errors = cast("Sequence[dict[str, Any]]", document["errors"])
    assert errors, document
    found = [each["extensions"]["code"] for each in errors]
    assert all(isinstance(each["message"], str) for each in errors), document
    assert all(each in _CODES for each in found), document
    return found
