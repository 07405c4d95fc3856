"""A span for each attempt at a task, a child of the span that offered it."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, Tracer, get_tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from awe.commands.offers import Offer
from awe.commands.worker.spans import Span

_PROPAGATOR = TraceContextTextMapPropagator()


class _AttemptSpan:
    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def end_as(self, word: str) -> None:
        self._span.set_attribute("awe.outcome", word)


class TracedSpans:
    """Implements `awe.commands.worker.spans.Spans`."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = get_tracer("awe.worker") if tracer is None else tracer

    def attempt(self, offer: Offer) -> AbstractContextManager[Span]:
        """Begin a span; a traceparent that cannot be read begins a new trace."""
        return self._attempt(offer)

    @contextmanager
    def _attempt(self, offer: Offer) -> Generator[Span]:
        parent = _PROPAGATOR.extract({"traceparent": offer.context.traceparent})
        with self._tracer.start_as_current_span(
            "awe.task.attempt",
            context=parent,
            kind=SpanKind.CONSUMER,
            attributes={
                "awe.run": offer.run,
                "awe.task": offer.task,
                "awe.attempt": offer.ready.attempt,
                "messaging.destination.name": offer.queue,
            },
        ) as span:
            yield _AttemptSpan(span)
