"""What ended tasks left behind, and how the references of later tasks find their values in it.

A task that was skipped, or failed under `on_failure: continue`, left nothing: what binds to it without a default is
skipped too. A pointer that finds nothing in what is there is a fault of the data, unless a default stands in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from awe.domain.events import Json
from awe.domain.plan import pointer
from awe.domain.plan.bindings import ITEM, Binding, Reference, replaced


@dataclass(frozen=True, slots=True)
class Output:
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
    return _found(reference, lambda: lookup(reference.source))


def filled(
    arguments: dict[str, Json], bindings: Iterable[Binding], lookup: Lookup, item: Json | object = _NO_ITEM
) -> dict[str, Json]:
    """The arguments with every binding replaced by its value, but those to the task's own earlier requests.

    Raises:
        SourceMissing, ValueMissing, BlobsNeeded: a reference has no value, or not yet.
    """
    document: Any = arguments
    for at, reference in bindings:
        if reference.request is None:
            document = replaced(document, at, _value(reference, lookup, item))
    return cast("dict[str, Json]", document)


def _value(reference: Reference, lookup: Lookup, item: Json | object) -> Json:
    if reference.source == ITEM and item is not _NO_ITEM:
        return _found(reference, lambda: cast("Json", item))
    return referenced(reference, lookup)


def _found(reference: Reference, source: Callable[[], Json]) -> Json:
    try:
        return pointer.resolve(source(), pointer.tokens_of(reference.path))
    except SourceMissing:
        if reference.has_default:
            return reference.default
        raise
    except LookupError:
        if reference.has_default:
            return reference.default
        raise ValueMissing(f"'{reference.source}' has nothing at {reference.path!r}") from None
