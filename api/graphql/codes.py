"""The closed list of what can be wrong with a request. A client decides by the code; words are for people and may change."""

from enum import StrEnum
from typing import Any, Final


class Code(StrEnum):
    """Stands in `extensions.code` of an error, and in `code` of a mutation's refusal."""

    BAD_REQUEST = "bad_request"
    """No GraphQL request that could be read."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    """The body is no JSON in UTF-8 by its headers."""
    BATCHING_OFF = "batching_off"
    SYNTAX = "syntax"
    INVALID_QUERY = "invalid_query"
    """The schema has no such thing, or a value does not fit its type."""
    NEEDS_A_STREAM = "needs_a_stream"
    """A subscription over a transport that has one answer."""
    INTROSPECTION_OFF = "introspection_off"
    TOO_MANY_TOKENS = "too_many_tokens"
    TOO_DEEP = "too_deep"
    TOO_MANY_ALIASES = "too_many_aliases"
    TOO_COSTLY = "too_costly"
    INVALID_ARGUMENT = "invalid_argument"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_POSITION = "invalid_position"
    POSITION_AHEAD = "position_ahead"
    """The log has not come to that position."""
    REWOUND = "rewound"
    """The position did not survive a loss of the log; `position` is the last one that did."""
    INVALID_GOAL = "invalid_goal"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    """A part of the installation does not answer now: ask again."""
    FAULT = "fault"
    """A person must look; the log of the server says at what."""
    INTERNAL = "internal"
    """Nobody expected this; `errorId` finds it in the log of the server."""


OFTEN: Final = {
    Code.UNAVAILABLE: "A part of the installation does not answer now. Ask again later; see 'awe doctor'.",
    Code.FAULT: "A person must look at the installation: see 'awe doctor'.",
    Code.CONFLICT: "The state does not allow it.",
    Code.NOT_FOUND: "There is no such thing.",
    Code.INVALID_ARGUMENT: "An argument cannot be used.",
    Code.INTERNAL: "Something went wrong here.",
}
"""What is said where only the kind of fault is told, never its own words."""


class Refused(Exception):  # noqa: N818 (named for the fact)
    """A request that cannot be answered as it was asked; `told` stands beside the code in the error's extensions."""

    def __init__(self, code: Code, message: str, **told: Any) -> None:
        super().__init__(message)
        self.code = code
        self.told = told
