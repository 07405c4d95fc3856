"""Stored events, and the position of what they react to, as units that are appended together.

Every place (originator, version) is expected to be free; the log answers a repeated append with its first result
before it looks at that, so a lost reply is no conflict. A position is kept as the notification awaited next, since an
upstream application may count from 0.
"""

from collections.abc import Sequence
from itertools import groupby
from secrets import token_urlsafe

from eventsourcing.persistence import DataError, IntegrityError, ProgrammingError, StoredEvent, Tracking

from awe.adapters.eventsourcing.errors import refused
from awe.adapters.eventsourcing.journal import Journal
from awe.adapters.eventsourcing.originators import run_of
from awe.commands.log import (
    BYTES_PER_CALL,
    EVENTS_PER_CALL,
    Advance,
    Expect,
    Misplaced,
    NewEvent,
    Position,
    Unit,
)

_NO_RUN = "tracking"
_ID_BYTES = 12


class Writer:
    """Records in one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._epoch = 0

    def write(self, stored: Sequence[StoredEvent], tracking: Tracking | None = None) -> list[int]:
        """Record events and a position, all or nothing; return the events' notification ids in order.

        Raises:
            DataError: more bytes than a call takes.
            IntegrityError: a version is recorded already or repeated, or the position is not beyond the recorded one.
            ProgrammingError: more events than a call takes.
            OperationalError: the server's memory is full.
        """
        if len(stored) > EVENTS_PER_CALL:
            raise ProgrammingError(
                f"{len(stored)} events exceed the cap of {EVENTS_PER_CALL} that are recorded together: "
                "record them in parts."
            )
        if (volume := sum(len(each.state) for each in stored)) > BYTES_PER_CALL:
            raise DataError(
                f"{volume} bytes of state exceed the cap of {BYTES_PER_CALL} that are recorded together: "
                "record the events in parts."
            )
        if not stored and tracking is None:
            return []
        batch = token_urlsafe(_ID_BYTES)
        units = _units(batch, stored)
        _check_unique(units)
        epoch = self._epoch
        while True:
            # The log takes a position in its present epoch only; which one that is, its refusal tells.
            outcome = self._journal.append(_with(units, tracking, epoch))
            if isinstance(outcome, Misplaced) and outcome.epoch != epoch:
                epoch = self._epoch = outcome.epoch
            elif isinstance(outcome, Sequence):
                return [n for each in outcome for n in range(each.first, each.first + each.count)]
            else:
                raise refused(units, outcome)


def _units(batch: str, stored: Sequence[StoredEvent]) -> list[Unit]:
    """One unit for each stretch of events of one originator: positions follow the order of the events."""
    stretches = [
        (run, list(of_run)) for run, of_run in groupby(stored, lambda each: run_of(each.originator_id))
    ]
    return [
        Unit(
            f"{batch}.{place}",
            run,
            [NewEvent(str(each.originator_version), each.topic, bytes(each.state)) for each in of_run],
            [Expect(str(each.originator_version), 0) for each in of_run],
        )
        for place, (run, of_run) in enumerate(stretches or [(_NO_RUN, list[StoredEvent]())])
    ]


def _with(units: Sequence[Unit], tracking: Tracking | None, epoch: int) -> list[Unit]:
    if tracking is None:
        return list(units)
    advance = Advance(tracking.application_name, Position(tracking.notification_id + 1, epoch))
    return [units[0]._replace(advance=advance), *units[1:]]


def _check_unique(units: Sequence[Unit]) -> None:
    places = [(unit.run, event.aggregate) for unit in units for event in unit.events]
    if len(set(places)) < len(places):
        raise IntegrityError("A version of an originator is repeated among the events to record.")
