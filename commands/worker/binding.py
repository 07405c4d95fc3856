"""The last bindings of a task: those to the outputs of its own earlier requests, which only its worker has.

The work names their places. All else in the arguments is data, also an object that looks like a reference: it may come
from a tool that nobody trusts.
"""

from collections.abc import Sequence
from typing import Any, cast

from awe.domain.events import Json
from awe.domain.plan import pointer
from awe.domain.plan.bindings import Reference, replaced
from awe.domain.task.work import Request


class Unbound(Exception):  # noqa: N818 (an answer, not an error)
    """A reference finds nothing and has no default."""


def bind(request: Request, outputs: Sequence[Json]) -> dict[str, Json]:
    """The request's arguments with each binding replaced; `outputs` are those of the requests made so far.

    Raises:
        Unbound: an output has nothing at the reference's path, or is not there yet.
    """
    document: Any = request.arguments
    for place in request.earlier:
        written: Any = request.arguments
        for token in place:
            written = written[token]
        document = replaced(document, place, _value(Reference.model_validate(written), outputs))
    return cast("dict[str, Json]", document)


def _value(reference: Reference, outputs: Sequence[Json]) -> Json:
    number = reference.request
    if number is None or number >= len(outputs):
        raise Unbound(f"'{reference.source}' is no earlier request of the task")
    try:
        return pointer.resolve(outputs[number], pointer.tokens_of(reference.path))
    except LookupError:
        if reference.has_default:
            return reference.default
        raise Unbound(f"the output of '{reference.source}' has nothing at {reference.path!r}") from None
