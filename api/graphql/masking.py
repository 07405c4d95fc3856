"""Every error leaves with a code from the closed list, and none with the words of an exception."""

import logging
import secrets
from collections.abc import Iterator
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

from awe.api.faults import Kind, told
from awe.api.graphql.codes import OFTEN, Code, Refused

_log = logging.getLogger(__name__)

_KINDS: Final = {
    Kind.INVALID: Code.INVALID_ARGUMENT,
    Kind.NOT_FOUND: Code.NOT_FOUND,
    Kind.CONFLICT: Code.CONFLICT,
    Kind.UNAVAILABLE: Code.UNAVAILABLE,
    Kind.FAULT: Code.FAULT,
}
_TOKENS: Final = "contains more than"
_INTROSPECTION: Final = "introspection"
_LONGEST: Final = 1_000
"""Characters of a message: those about a document repeat what it says."""


class Coded(SchemaExtension):
    """The outermost extension: what it lets out is what the client gets."""

    def __init__(self) -> None:
        self._streams = False

    def on_operation(self) -> Iterator[None]:
        yield
        if not self._streams:
            _code_all(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        self._streams = True
        _code_all(result)
        yield


def _code_all(result: Any) -> None:
    errors = getattr(result, "errors", None)
    if errors:
        result.errors = [coded(error) for error in errors]


def coded(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it."""
    code, message, more = _known(error)
    extensions = {"code": code.value, **more}
    return GraphQLError(
        message[:_LONGEST],
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _known(error: GraphQLError) -> tuple[Code, str, dict[str, Any]]:
    extensions = dict(error.extensions or {})
    if (code := extensions.pop("code", None)) in set(Code):
        return Code(code), error.message, extensions
    cause = _cause(error)
    if error.path is None and (misread := _misread(error, cause)) is not None:
        return *misread, {}
    if cause is None:
        cause = error  # a value that does not fit its type is this server's mistake
    if isinstance(cause, Refused):
        return cause.code, str(cause), cause.told
    known = told(cause)
    if known is not None:
        code = _KINDS[known.kind]
        _log.warning("A request failed: %s: %s", known.code, known.message)
        return code, OFTEN[code], {"fault": known.code}
    name = secrets.token_hex(8)
    _log.error("A request failed unexpectedly (error %s)", name, exc_info=cause)
    return Code.INTERNAL, OFTEN[Code.INTERNAL], {"errorId": name}


def _cause(error: GraphQLError) -> BaseException | None:
    """What a resolver raised, behind any number of GraphQL errors around it."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _misread(error: GraphQLError, cause: BaseException | None) -> tuple[Code, str] | None:
    """What was found before anything was executed; None when it is no mistake of the client's."""
    if cause is None:
        return _of_the_document(error), error.message
    if isinstance(cause, (MissingQueryError, CannotGetOperationTypeError)):
        return Code.BAD_REQUEST, "The document has no such operation."
    if error.nodes and isinstance(cause, (ValueError, OverflowError)):
        return Code.INVALID_QUERY, "A value does not fit its type."
    return None


def _of_the_document(error: GraphQLError) -> Code:
    if isinstance(error, GraphQLSyntaxError):
        return Code.TOO_MANY_TOKENS if _TOKENS in error.message else Code.SYNTAX
    if _INTROSPECTION in error.message.lower() and "__" in error.message:
        return Code.INTROSPECTION_OFF
    return Code.INVALID_QUERY
