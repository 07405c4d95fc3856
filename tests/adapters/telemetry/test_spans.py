"""Each attempt is a span, a child of what offered the task."""

from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import get_current_span

from awe.adapters.telemetry.spans import TracedSpans
from awe.commands.tools import Call, Success
from awe.commands.worker.spans import NoSpans
from awe.domain.task.work import Work
from support.workshop import Workshop


async def test_an_attempt_is_a_child_of_the_offer_and_the_parent_of_what_its_tools_trace() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    shop, seen = Workshop(), list[Any]()

    async def look(_: Call) -> Success:
        seen.append(get_current_span().get_span_context())
        return Success(None)

    shop.tools.answers["read"] = look
    worker = shop.worker(spans=TracedSpans(provider.get_tracer("test")))
    await shop.handle(worker, await shop.offer(Work((shop.request("read"),))))
    (span,) = exporter.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert span.attributes is not None
    assert span.attributes["awe.task"] == "one"
    assert span.attributes["awe.outcome"] == "succeeded"
    assert seen == [span.context]
    provider.shutdown()
    await shop.aclose()


async def test_without_tracing_nothing_is_made() -> None:
    shop = Workshop()
    message = await shop.offer(Work((shop.request("read"),)))
    spans = NoSpans()
    await shop.handle(shop.worker(spans=spans), message)
    assert spans.attempt(None) is spans.attempt(None)  # type: ignore[arg-type]  # any offer
    assert TracedSpans() is not None
    await shop.aclose()
