"""Numbers for Prometheus, in a registry of their own. Every label has a value from a short list, whatever clients send."""

import time
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_OTHER: Final = "other"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Lag:
    """How far a projection is behind: events, and seconds since the first of them happened."""

    __slots__ = ("events", "seconds")

    def __init__(self, events: int = 0, seconds: float = 0.0) -> None:
        self.events = events
        self.seconds = seconds


class Metrics:
    """What this process counts, and what it was last told of the installation."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "awe_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self.request_seconds = Histogram(
            "awe_http_request_seconds",
            "Time until an answer began.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.running = Gauge("awe_http_requests_running", "Requests being answered.", registry=registry)
        self.sockets = Gauge("awe_http_web_sockets_open", "Web sockets open.", registry=registry)
        self.operations = Counter(
            "awe_graphql_operations_total",
            "GraphQL operations ended, subscriptions too.",
            ("type", "outcome"),
            registry=registry,
        )
        self.operation_seconds = Histogram(
            "awe_graphql_operation_seconds",
            "Time of GraphQL queries and mutations.",
            ("type",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.subscriptions = Gauge(
            "awe_graphql_subscriptions_open", "GraphQL subscriptions open.", registry=registry
        )
        self.ready = Gauge("awe_ready", "1 while /readyz succeeds, else 0.", registry=registry)
        self._lag_events = Gauge(
            "awe_projection_lag_events",
            "Events of the log that the version read has not applied.",
            ("projection",),
            registry=registry,
        )
        self._lag_seconds = Gauge(
            "awe_projection_lag_seconds",
            "Time since the first of those happened.",
            ("projection",),
            registry=registry,
        )

    def stand(self, lags: Mapping[str, Lag]) -> None:
        """Take over how far the projections are; those not named are not known."""
        for gauge in (self._lag_events, self._lag_seconds):
            gauge.clear()
        for name, lag in lags.items():
            self._lag_events.labels(name).set(lag.events)
            self._lag_seconds.labels(name).set(lag.seconds)

    @property
    def response(self) -> Response:
        """All of them as text."""
        return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})


class Measured:
    """Counts requests by the template of their route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with self._metrics.sockets.track_inprogress():
                await self._app(scope, receive, send)
            return
        begun_s = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in _METHODS else _OTHER
                route = getattr(scope.get("route"), "path", _OTHER)
                self._metrics.requests.labels(method, route, message["status"]).inc()
                self._metrics.request_seconds.labels(method, route).observe(time.perf_counter() - begun_s)
            await send(message)

        with self._metrics.running.track_inprogress():
            await self._app(scope, receive, send_counted)
