"""The ASGI application: POST, web sockets (graphql-transport-ws) and server-sent events; no GET, no batches, no files."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from awe.api.graphql.codes import Code
from awe.api.graphql.context import Context
from awe.api.graphql.followers import Followers
from awe.api.graphql.guard import EVENTS
from awe.api.graphql.loaders import Loaders
from awe.api.graphql.run_changes import RunChanges
from awe.api.graphql.schema import schema
from awe.api.graphql.services import Services

RESPONSE: Final = "application/graphql-response+json"
_INIT_S: Final = 10


class GraphQLApp(GraphQL[Context, None]):
    """Mount it behind authentication; ``aclose`` ends its subscriptions."""

    def __init__(self, services: Services) -> None:
        limits = services.limits
        super().__init__(
            schema(limits, introspection=services.introspection),
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=_INIT_S),
            max_subscriptions_per_connection=limits.per_socket,
            allowed_origins=services.origins,
        )
        self._services = services
        self._followers = Followers(services.logs, most=limits.subscribers, waiting=limits.waiting_events)
        self._changes = RunChanges(
            services.logs, self._followers, services.reads, waiting=limits.waiting_events
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as GraphQL over HTTP does, errors of the transport too."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        if scope["method"] != "POST":
            refused = _refusal(405, Code.METHOD_NOT_ALLOWED, "Send a POST.", {"Allow": "POST"})
            await refused(scope, receive, send)
            return
        try:
            response = await self.run(request)
        except HTTPException as error:
            batch = "atch" in error.reason  # batching, batched, a batch
            code = Code.BATCHING_OFF if batch else Code.BAD_REQUEST
            response = _refusal(error.status_code, code, error.reason)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """A context for a request, or for a web socket."""
        del response
        services = self._services
        return Context(
            services,
            services.caller(request),
            self._followers,
            self._changes,
            Loaders(services.reads),
            streams=isinstance(request, WebSocket) or EVENTS in request.headers.get("accept", ""),
        )

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """What is known of the answer: the media type that the client takes."""
        response = await super().get_sub_response(request)
        if RESPONSE in request.headers.get("accept", ""):
            response.media_type = RESPONSE
        return response

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """A request that was never executed has no data, and a status of its own where the media type says so."""
        told: Any = response_data
        failed = told.get("data") is None and all(
            "path" not in each for each in told.get("errors") or ({"path": ()},)
        )
        if failed:
            told = {name: value for name, value in told.items() if name != "data"}
        strict = sub_response.media_type == RESPONSE
        return Response(
            self.encode_json(told),
            status_code=400 if failed and strict else 200,
            media_type=RESPONSE if strict else "application/json",
        )

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON that every part behind can hold: no NaN, no half characters, no bottomless nesting."""
        try:
            read: object = json.loads(data, parse_constant=_refuse)
            if b"\\ud" in (data.encode() if isinstance(data, str) else data).lower():
                json.dumps(read, ensure_ascii=False).encode()
        except (RecursionError, UnicodeError) as error:
            raise json.JSONDecodeError(type(error).__name__, "", 0) from None
        return read

    def parse_json(self, data: str | bytes) -> Any:
        """Read what a request can be: an object, or the list that is refused as a batch."""
        read = super().parse_json(data)
        if not isinstance(read, dict | list):
            raise HTTPException(400, "A request is a JSON object with a query.")
        return cast("Any", read)

    async def aclose(self) -> None:
        """End all subscriptions, and take no more."""
        await self._followers.aclose()


def graphql_app(services: Services) -> GraphQLApp:
    """Build the application for one path; whoever calls was authenticated before."""
    return GraphQLApp(services)


def _refusal(status: int, code: Code, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(
        {"errors": [{"message": message, "extensions": {"code": code.value}}]}, status, headers
    )


def _refuse(name: str) -> object:
    raise json.JSONDecodeError(f"{name} is no JSON", "", 0)
