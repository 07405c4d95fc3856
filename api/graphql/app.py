"""The ASGI application: POST, web sockets (graphql-transport-ws) and server-sent events; no GET, no batches, no files."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.context import Context
from awe.api.graphql.followers import Followers
from awe.api.graphql.loaders import Loaders
from awe.api.graphql.media_types import RESPONSE, answered_in, check_sent, takes_events
from awe.api.graphql.requests import asked, read_json
from awe.api.graphql.run_changes import RunChanges
from awe.api.graphql.schema import schema
from awe.api.graphql.services import Services
from awe.api.graphql.sockets import Socket

_INIT_S: Final = 10
_STATUS: Final = {Code.UNSUPPORTED_MEDIA_TYPE: 415}


class GraphQLApp(GraphQL[Context, None]):
    """Mount it behind authentication; ``aclose`` ends its subscriptions."""

    websocket_adapter_class: Any = Socket

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
        media_type = answered_in(_accept(request))
        if scope["method"] != "POST":
            refused = _refusal(405, Code.METHOD_NOT_ALLOWED, "Send a POST.", media_type, {"Allow": "POST"})
            await refused(scope, receive, send)
            return
        try:
            check_sent(request.headers)
            response = await self.run(request)
        except Refused as error:
            response = _refusal(_STATUS.get(error.code, 400), error.code, str(error), media_type)
        except HTTPException as error:
            response = _refusal(error.status_code, Code.BAD_REQUEST, error.reason, media_type)
        await response(scope, receive, send)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Read the one request that a body has.

        Raises:
            Refused: it has none, or several.
        """
        told = asked(self.parse_json(await request.get_body()))
        streams = takes_events(request.headers.get("accept", ""))
        return GraphQLRequestData(
            query=told.query,
            variables=told.variables,
            operation_name=told.operation_name,
            extensions=told.extensions,
            protocol="sse" if streams else "http",
        )

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
            streams=isinstance(request, WebSocket) or takes_events(_accept(request)),
        )

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """What is known of the answer: the media type that the client takes."""
        response = await super().get_sub_response(request)
        response.media_type = answered_in(_accept(request))
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """What was never executed has no data, not even null."""
        told: Any = await super().process_result(request, result)
        errors = told.get("errors")
        if told.get("data") is None and errors and all("path" not in each for each in errors):
            del told["data"]
        return cast("GraphQLHTTPResponse", told)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """A request that was never executed has a status of its own where the media type says so."""
        strict = sub_response.media_type == RESPONSE
        return Response(
            self.encode_json(response_data),
            status_code=400 if strict and "data" not in response_data else 200,
            media_type=sub_response.media_type,
        )

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON strictly, from a body and from a web socket."""
        return read_json(data)

    async def aclose(self) -> None:
        """End all subscriptions, and take no more."""
        await self._followers.aclose()


def graphql_app(services: Services) -> GraphQLApp:
    """Build the application for one path; whoever calls was authenticated before."""
    return GraphQLApp(services)


def _accept(request: Request | WebSocket) -> str:
    """What the client takes; a header may come several times."""
    return ",".join(request.headers.getlist("accept"))


def _refusal(
    status: int, code: Code, message: str, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    told = {"errors": [{"message": message, "extensions": {"code": code.value}}]}
    return JSONResponse(told, status, headers, media_type)
