"""Recorded events, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from awe.api.cli import output
from awe.api.cli.output import StreamOutput
from awe.api.cli.plain import plain
from awe.api.reading.entries import event_document, timestamp
from awe.commands.log import RecordedEvent

_HEADER: Final = f"{'N':>8}  {'TIME':<24}  {'RUN':<31}  {'OF':<16}  EVENT"


class EventWriter:
    """Writes events as they come; `end` writes what can only be written in one piece."""

    def __init__(self, form: StreamOutput) -> None:
        self._form = form
        self._kept: list[RecordedEvent] = []
        self._begun = False

    def write(self, events: Iterable[RecordedEvent]) -> None:
        for event in events:
            if self._form is StreamOutput.JSON:
                self._kept.append(event)
            elif self._form is StreamOutput.NDJSON:
                output.line(event_document(event))
            else:
                if not self._begun:
                    output.data(_HEADER)
                self._begun = True
                output.data(_line(event))

    def end(self) -> None:
        if self._form is StreamOutput.JSON:
            output.document({"events": [event_document(event) for event in self._kept]})


def _line(event: RecordedEvent) -> str:
    kind = event.type.removeprefix("awe.")
    return (
        f"{event.n:>8}  {timestamp(event.time_ms)}  {event.run}  {plain(event.aggregate):<16}  {plain(kind)}"
    )
