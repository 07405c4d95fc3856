"""The whole HTTP door: routes, and around them what holds for each of them."""

from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from awe.api.bootstrap.serving import Serving
from awe.api.graphql.app import graphql_app
from awe.api.graphql.services import Services
from awe.api.http.authentication import METRICS, Authentication, caller
from awe.api.http.bounds import Bounded
from awe.api.http.codes import not_found
from awe.api.http.downloads import Downloads
from awe.api.http.draining import Drain, Draining
from awe.api.http.exports import Exports
from awe.api.http.files import Files
from awe.api.http.headers import SecurityHeaders
from awe.api.http.health import Health
from awe.api.http.keys import Keys
from awe.api.http.limits import HttpLimits
from awe.api.http.masking import Masked
from awe.api.http.metrics import Measured, Metrics
from awe.api.http.operations import measure_operations
from awe.api.http.origins import CrossOrigin, Origins
from awe.api.http.refused_handshake import refuse_handshake
from awe.api.http.standing import Standing
from awe.api.settings import Settings

GRAPHQL: Final = "/graphql"


class Application:
    """The ASGI application; ``drain`` is begun when the process is told to stop, and ``aclose`` is called once it is over."""

    def __init__(
        self,
        serving: Serving,
        settings: Settings,
        keys: Keys,
        limits: HttpLimits,
        *,
        on_loopback: bool,
    ) -> None:
        """``on_loopback``: the application listens there and nowhere else."""
        self.drain = Drain()
        self.metrics = Metrics()
        self._graphql = graphql_app(
            Services(
                logs=serving.logs,
                runs=serving.store.runs,
                reads=serving.reads,
                blobs=serving.kit.blobs,
                kit=serving.kit,
                caller=caller,
                introspection=settings.graphql_introspection,
                origins=settings.allowed_origins,
            )
        )
        measure_operations(self._graphql, self.metrics)
        standing = Standing(
            serving.health,
            serving.logs,
            serving.ping,
            lag_events=settings.ready_lag_events,
            lag_s=settings.ready_lag_s,
        )
        routes = self._routes(
            Health(standing, self.metrics, self.drain),
            Downloads(
                Files(serving.kit.folders.blobs, serving.kit.folders.workspaces), serving.logs, serving.reads
            ),
            Exports(serving.logs, serving.reads),
        )
        starlette = Starlette(routes=routes)
        starlette.router.redirect_slashes = False
        starlette.router.default = _nowhere
        starlette.middleware_stack = starlette.router  # its own would answer errors before `Masked` sees them
        origins = Origins(settings.allowed_origins)
        app: ASGIApp = Bounded(starlette, limits)
        app = Authentication(app, keys, origins, on_loopback=on_loopback, greeting_s=limits.greeting_s)
        app = CrossOrigin(Masked(app), origins)
        app = Draining(SecurityHeaders(app), self.drain)
        self._app = Measured(app, self.metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def aclose(self) -> None:
        """End what GraphQL follows."""
        await self._graphql.aclose()

    def _routes(self, health: Health, downloads: Downloads, exports: Exports) -> list[Route | WebSocketRoute]:
        return [
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route(METRICS, health.metrics),
            Route(GRAPHQL, self._graphql),
            WebSocketRoute(GRAPHQL, self._graphql),
            Route("/blobs/{digest}", downloads.blob),
            Route("/runs/{run}/artifacts/{task}/{call:int}/{name:path}", downloads.artifact),
            Route("/runs/{run}/workspace/{path:path}", downloads.workspace),
            Route("/runs/{run}/events.ndjson", exports.events),
        ]


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """A path that leads to nothing, over a web socket too."""
    if scope["type"] != "websocket":
        raise not_found()
    await refuse_handshake(not_found(), scope, receive, send)
