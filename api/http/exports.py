"""`/runs/{run}/events.ndjson`: the events of a run as they were recorded, one a line, streamed.

`after` is a position that was given out here or by GraphQL; `Awe-Position` is where the next export goes on.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from awe.api.graphql import codes, positions
from awe.api.http.codes import Code, Refusal, not_found
from awe.api.http.file_answer import disposition
from awe.api.http.run_events import run_events
from awe.api.reading.entries import event_document
from awe.commands.log import EventLog, Position, RecordedEvent, Rewound
from awe.domain.identifiers import RUN_AGGREGATE, MalformedIdentifier, partition_of
from awe.projections.ports import Connections

POSITION: Final = "Awe-Position"
_CODES: Final = {
    codes.Code.INVALID_POSITION: Code.INVALID_POSITION,
    codes.Code.POSITION_AHEAD: Code.POSITION_AHEAD,
}


class Exports:
    """The endpoint."""

    def __init__(self, logs: Mapping[int, EventLog], reads: Connections) -> None:
        self._logs = logs
        self._reads = reads

    async def events(self, request: Request) -> Response:
        """All events of a run, or those behind `after`.

        Raises:
            Refusal: there is no such run, or no such position.
        """
        run: str = request.path_params["run"]
        try:
            number = partition_of(run)
            log = self._logs[number]
        except (MalformedIdentifier, KeyError):
            raise not_found() from None
        until = await log.head()
        if not (await log.history(run, RUN_AGGREGATE)).events:
            raise not_found()
        after = await _after(log, number, request.query_params.get("after"))
        headers = {
            "Content-Type": "application/x-ndjson",
            "Content-Disposition": disposition(f"{run}.ndjson"),
            "X-Accel-Buffering": "no",
            POSITION: positions.token(number, until),
        }
        if request.method == "HEAD":
            return Response(headers=headers)
        pages = run_events(log, self._reads, run, after, until)
        first: Sequence[RecordedEvent]
        try:
            first = await anext(pages)  # what cannot be read at all is told before the answer begins
        except StopAsyncIteration:
            first = ()
        except BaseException:
            await pages.aclose()
            raise
        return StreamingResponse(_lines(first, pages), headers=headers)


async def _after(log: EventLog, number: int, token: str | None) -> int:
    if token is None:
        return 0
    try:
        found: Position | Rewound = await positions.survived(
            log, positions.read(token, partition=number).position
        )
    except codes.Refused as refused:
        raise Refusal(_CODES[refused.code], str(refused)) from None
    if isinstance(found, Rewound):
        raise Refusal(
            Code.REWOUND,
            "The position did not survive a loss of the log: go on from the one that is told.",
            position=positions.token(number, found.common),
        )
    return found.n


async def _lines(
    first: Sequence[RecordedEvent], pages: AsyncGenerator[Sequence[RecordedEvent]]
) -> AsyncIterator[bytes]:
    async with aclosing(pages):
        if first:
            yield _written(first)
        async for page in pages:
            yield _written(page)


def _written(page: Sequence[RecordedEvent]) -> bytes:
    return b"".join(
        json.dumps(event_document(event), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for event in page
    )
