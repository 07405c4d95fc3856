"""The port of tracing: one span for each attempt, a child of what offered the task. Without tracing it costs nothing."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from awe.commands.offers import Offer


class Span(Protocol):
    """One attempt, as a trace shows it."""

    def end_as(self, word: str) -> None:
        """Say how the attempt ended."""
        ...


class Spans(Protocol):
    def attempt(self, offer: Offer) -> AbstractContextManager[Span]:
        """Begin a span; it is the current one inside, for what tools trace themselves."""
        ...


class _NoSpan:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def end_as(self, word: str) -> None:
        pass


_NO_SPAN = _NoSpan()


class NoSpans:
    """Nothing is traced."""

    def attempt(self, offer: Offer) -> AbstractContextManager[Span]:  # noqa: ARG002 (nobody hears of it)
        return _NO_SPAN
