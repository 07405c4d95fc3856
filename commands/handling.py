"""Every command is load, fold, decide, append; a decision made from a state that moved is made again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from awe.commands.append_ids import AppendIds
from awe.commands.log import (
    Admission,
    Appended,
    Conflict,
    EventLog,
    Expect,
    NewEvent,
    Position,
    Pressure,
    Unit,
)
from awe.domain.codec import Codec
from awe.domain.events import Context, encode
from awe.domain.fold import fold
from awe.domain.identifiers import RUN_AGGREGATE, RunId
from awe.domain.run.events import RunEvent, restricts
from awe.domain.run.state import Run, evolve

ATTEMPTS = 20
"""A run's control state changes a few times in its life: losing this often in a row is no accident."""

Decide = Callable[[Run], tuple[RunEvent, ...]]


class Overloaded(Exception):  # noqa: N818 (named for the fact)
    """The server has no room for new work now; nothing was appended. Try again later."""


class Contended(Exception):  # noqa: N818 (named for the fact)
    """Others changed the run each time between reading and appending; nothing was appended. Try again."""


@dataclass(frozen=True, slots=True)
class Handled:
    """The command holds: the run, where its last event stands, and whether this call changed anything."""

    run: RunId
    position: Position
    changed: bool


class RunHandler:
    """Carries out decisions about runs of one partition."""

    def __init__(self, log: EventLog, codec: Codec, ids: AppendIds) -> None:
        self._log = log
        self._codec = codec
        self._ids = ids

    async def handle(
        self,
        run: RunId,
        decide: Decide,
        context: Context,
        *,
        admission: Admission = Admission.REPORT,
        absent_at: int = 0,
    ) -> Handled:
        """Decide from the run's present state and append what follows.

        Args:
            run: the run, of this handler's partition.
            decide: the decision; it raises ``Rejected`` where the rules forbid it.
            context: who asked, and what caused it.
            admission: what kind of append it is, when memory is short.
            absent_at: ``NEW_RUN`` when the run's id was just made; the run is then not read first.

        Raises:
            Rejected: the decision's own.
            Overloaded: the server has no room for an append of this kind.
            Contended: the run did not hold still.
        """
        state, version, append_id, position = Run(), 0, "", Position(0, 0)
        known = bool(absent_at)
        for _ in range(ATTEMPTS):
            if not known:
                history = await self._log.history(run, RUN_AGGREGATE)
                decoded = (self._codec.decode(event.type, event.body)[0] for event in history.events)
                state = fold(Run(), evolve, cast("tuple[RunEvent, ...]", tuple(decoded)))
                last = history.events[-1] if history.events else None
                version, append_id = (last.version, last.append_id) if last else (0, "")
                position = history.position
            events = decide(state)
            if not events:
                return Handled(run, position, changed=False)
            restricted = any(restricts(event) for event in events)
            unit = Unit(
                self._ids.new(),
                run,
                tuple(NewEvent(RUN_AGGREGATE, event.event_type, encode(event, context)) for event in events),
                (Expect(RUN_AGGREGATE, version, append_id),),
                control=evolve_all(state, events).status.value if restricted else None,
                admission=admission,
                absent_at=absent_at,
            )
            match await self._log.append(unit):
                case Appended() as done:
                    return Handled(run, done.position, changed=True)
                case Conflict():
                    known, absent_at = False, 0
                case Pressure(percent):
                    raise Overloaded(
                        f"The event store is {percent} % full: no new work is taken. Try again later."
                    )
                case other:
                    raise AssertionError(
                        f"an append without guard, counters or position was answered {other}"
                    )
        raise Contended(f"Run {run} changed {ATTEMPTS} times while the command was decided. Try again.")


def evolve_all(state: Run, events: tuple[RunEvent, ...]) -> Run:
    """Return the state after further events."""
    return fold(state, evolve, events)
