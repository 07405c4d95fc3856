"""What a client sends and what it takes: the media types of GraphQL over HTTP, and those of nobody else.

A media type is compared without regard to case, with its parameters aside; what a client gives no weight it does not take.
"""

from collections.abc import Mapping
from typing import Final

from awe.api.graphql.codes import Code, Refused

JSON: Final = "application/json"
RESPONSE: Final = "application/graphql-response+json"
EVENTS: Final = "text/event-stream"
_UTF_8: Final = frozenset({"utf-8", "utf8"})


def takes_events(accept: str) -> bool:
    """Whether more than one answer may be sent, as server-sent events."""
    return _weights(accept).get(EVENTS, 0) > 0


def answered_in(accept: str) -> str:
    """The media type of a single answer. Who takes neither, or says nothing, gets plain JSON."""
    weights = _weights(accept)
    strict = weights.get(RESPONSE, 0)
    return RESPONSE if strict > 0 and strict >= weights.get(JSON, 0) else JSON


def check_sent(headers: Mapping[str, str]) -> None:
    """A body is JSON in UTF-8, as it is.

    Raises:
        Refused: the headers say that it is something else, or do not say what it is.
    """
    found, parameters = _parted(headers.get("content-type", ""))
    if found != JSON:
        raise Refused(Code.UNSUPPORTED_MEDIA_TYPE, f"Send 'Content-Type: {JSON}'.")
    if parameters.get("charset", "utf-8") not in _UTF_8:
        raise Refused(Code.UNSUPPORTED_MEDIA_TYPE, "JSON is sent in UTF-8.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(Code.UNSUPPORTED_MEDIA_TYPE, "Send the body as it is, without a Content-Encoding.")


def _weights(accept: str) -> dict[str, float]:
    told: dict[str, float] = {}
    for each in accept.split(","):
        name, parameters = _parted(each)
        told[name] = max(told.get(name, 0), _weight(parameters.get("q", "1")))
    return told


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0), 1)
    except ValueError:
        return 0


def _parted(text: str) -> tuple[str, dict[str, str]]:
    name, *parameters = text.lower().split(";")
    pairs = (each.partition("=") for each in parameters)
    return name.strip(), {key.strip(): value.strip().strip('"') for key, _, value in pairs}
