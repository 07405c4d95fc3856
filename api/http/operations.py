"""GraphQL operations by their type: how many, how long, how many with errors, and which subscriptions are open."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from awe.api.graphql.app import GraphQLApp
from awe.api.http.metrics import Metrics

_UNREADABLE: Final = "unreadable"


class MeasuredOperation(SchemaExtension):
    """One for each operation."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._failed = False
        self._open = False

    def on_operation(self) -> Iterator[None]:
        begun_s = time.perf_counter()
        try:
            yield
        finally:
            kind = self._type()
            failed = self._failed or bool(getattr(self.execution_context.result, "errors", None))
            self._metrics.operations.labels(kind, "errors" if failed else "ok").inc()
            if self._open:
                self._metrics.subscriptions.dec()
            else:
                self._metrics.operation_seconds.labels(kind).observe(time.perf_counter() - begun_s)

    def on_execute(self) -> Iterator[None]:
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            self._open = True
            self._metrics.subscriptions.inc()
        yield

    def on_stream_result(self, result: Any) -> Iterator[None]:
        self._failed = self._failed or bool(getattr(result, "errors", None))
        yield

    def _type(self) -> str:
        try:
            return self.execution_context.operation_type.value
        except Exception:  # noqa: BLE001 (whatever makes it no operation)
            return _UNREADABLE


def measure_operations(app: GraphQLApp, metrics: Metrics) -> None:
    """Count what the application executes from now on."""
    schema: Any = app.schema
    schema.extensions = (partial(MeasuredOperation, metrics), *schema.extensions)
