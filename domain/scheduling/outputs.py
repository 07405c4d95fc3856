"""What ended tasks left behind, and how the references of later tasks find their values in it.

A task that was skipped, or failed under `on_failure: continue`, left nothing: what binds to it without a default is
skipped too. A pointer that finds nothing in what is there is a fault of the data, unless a default stands in.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast

from awe.domain.events import Json
from awe.domain.plan import pointer
from awe.domain.plan.bindings import ITEM, Binding, Place, Reference


class Output(NamedTuple):
    """A task's output, inline or in the blob of that digest."""

    value: Json = None
    blob: str | None = None


class SourceMissing(Exception):  # noqa: N818 (an answer, not an error)
    """The source left no output, and the reference has no default."""


class ValueMissing(Exception):  # noqa: N818 (an answer, not an error)
    """The source's output has nothing at the reference's path, and the reference has no default."""


class BlobsNeeded(Exception):  # noqa: N818 (an answer, not an error)
    """Values lie in blobs that have to be read first: `digests`."""

    def __init__(self, digests: frozenset[str]) -> None:
        super().__init__(f"{len(digests)} blobs have to be read first")
        self.digests = digests


Lookup = Callable[[str], Json]
"""The value of a source: `inputs` or a task's id. Raises `SourceMissing` or `BlobsNeeded`."""

_NO_ITEM = object()


def referenced(reference: Reference, lookup: Lookup) -> Json:
    """The value that a reference means.

    Raises:
        SourceMissing, ValueMissing, BlobsNeeded: it has none, or not yet.
    """
    return _value(reference, lookup, _NO_ITEM)


def filled(
    arguments: dict[str, Json], bindings: Iterable[Binding], lookup: Lookup, item: Json | object = _NO_ITEM
) -> dict[str, Json]:
    """The arguments with every binding replaced by its value, but those to the task's own earlier requests.

    What lies beside the bindings is shared with the arguments.

    Raises:
        SourceMissing, ValueMissing, BlobsNeeded: a reference has no value, or not yet.
    """
    copies: dict[Place, Any] = {}
    for at, reference in bindings:
        if reference.request is None:
            value = _value(reference, lookup, item)
            if not at:
                return cast("dict[str, Json]", value)  # all of the arguments are one reference
            _copied(arguments, at[:-1], copies)[at[-1]] = value
    return cast("dict[str, Json]", copies.get((), arguments))


def _copied(document: Any, at: Place, copies: dict[Place, Any]) -> Any:
    """The copy of what lies at a place, in the copy of what holds it: each is made once."""
    copy = copies.get(at)
    if copy is not None:
        return copy
    if not at:
        copy = document.copy()
    else:
        holder = _copied(document, at[:-1], copies)
        copy = holder[at[-1]] = holder[at[-1]].copy()
    copies[at] = copy
    return copy


def _value(reference: Reference, lookup: Lookup, item: Json | object) -> Json:
    try:
        of_item = reference.source == ITEM and item is not _NO_ITEM
        source = cast("Json", item) if of_item else lookup(reference.source)
        return pointer.resolve(source, _tokens(reference.path))
    except SourceMissing:
        if reference.has_default:
            return reference.default
        raise
    except LookupError:
        if reference.has_default:
            return reference.default
        raise ValueMissing(f"'{reference.source}' has nothing at {reference.path!r}") from None


@lru_cache(maxsize=1024)  # the tasks of a plan bind with few paths, and each of them many times
def _tokens(path: str) -> tuple[str, ...]:
    return pointer.tokens_of(path)
