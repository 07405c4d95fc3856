"""The closed list of what can be wrong with a request over HTTP, and how that is told: a document with a stable code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from starlette.responses import JSONResponse

from awe.api.faults import Kind


class Code(StrEnum):
    """Stands in `error.code` of an answer. GraphQL has a list of its own for what it is asked."""

    BAD_REQUEST = "bad_request"
    INVALID_POSITION = "invalid_position"
    POSITION_AHEAD = "position_ahead"
    UNAUTHORIZED = "unauthorized"
    """No key, or none that is known here."""
    ORIGIN_REFUSED = "origin_refused"
    """A page of another origin, which AWE_ALLOWED_ORIGINS does not name."""
    HOST_REFUSED = "host_refused"
    """Without keys only this machine is answered, and only under its own name."""
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TOO_SLOW = "body_too_slow"
    CONFLICT = "conflict"
    REWOUND = "rewound"
    """The position did not survive a loss of the log; `position` is the last one that did."""
    TOO_LARGE = "too_large"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    FAULT = "fault"
    """A person must look; the log of the server says at what."""
    INTERNAL = "internal"
    """Nobody expected this; `errorId` finds it in the log of the server."""
    UNAVAILABLE = "unavailable"
    DRAINING = "draining"
    """This process is about to end: ask again, and another one answers."""
    TIMEOUT = "timeout"


STATUS: Final[Mapping[Code, int]] = {
    Code.BAD_REQUEST: 400,
    Code.INVALID_POSITION: 400,
    Code.POSITION_AHEAD: 400,
    Code.UNAUTHORIZED: 401,
    Code.ORIGIN_REFUSED: 403,
    Code.HOST_REFUSED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.BODY_TOO_SLOW: 408,
    Code.CONFLICT: 409,
    Code.REWOUND: 409,
    Code.TOO_LARGE: 413,
    Code.RANGE_NOT_SATISFIABLE: 416,
    Code.FAULT: 500,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DRAINING: 503,
    Code.TIMEOUT: 504,
}

OF_KIND: Final[Mapping[Kind, tuple[Code, str]]] = {
    Kind.INVALID: (Code.BAD_REQUEST, "The request cannot be used as it is."),
    Kind.NOT_FOUND: (Code.NOT_FOUND, "There is no such thing."),
    Kind.CONFLICT: (Code.CONFLICT, "The state does not allow it."),
    Kind.UNAVAILABLE: (
        Code.UNAVAILABLE,
        "A part of the installation does not answer now. Ask again later; see 'awe doctor'.",
    ),
    Kind.FAULT: (Code.FAULT, "A person must look at the installation: see 'awe doctor'."),
}
"""How faults with a name are told: by their kind, never in their own words."""


class Refusal(Exception):  # noqa: N818 (named for the fact)
    """A request that is not answered as it was asked; `told` stands beside the code."""

    def __init__(
        self, code: Code, message: str, *, headers: Mapping[str, str] | None = None, **told: Any
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = dict(headers or {})
        self.told = told

    @property
    def response(self) -> JSONResponse:
        return JSONResponse(
            {"error": {"code": self.code.value, "message": str(self), **self.told}},
            STATUS[self.code],
            self.headers,
        )


def not_found() -> Refusal:
    """What is told of whatever is not there, so that nobody learns why."""
    return Refusal(Code.NOT_FOUND, "There is no such thing here.")
