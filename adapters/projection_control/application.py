"""The application behind the port: reads a projection's events, decides, records, and begins again after a conflict."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import cast

from eventsourcing.application import Application
from eventsourcing.domain import datetime_now_with_tzinfo
from eventsourcing.persistence import IntegrityError, PersistenceError

from awe.adapters.projection_control import deciding
from awe.adapters.projection_control.deciding import Stamp
from awe.adapters.projection_control.events import ProjectionEvent
from awe.adapters.projection_control.folding import fold
from awe.projections.control import ControlUnavailable, Projection

_Decision = Callable[[Projection, Stamp], ProjectionEvent | None]


class Projections(Application[str]):
    """The application; its environment names the persistence module."""

    name = "projection-control"


class EventSourcedProjectionControl:
    """Implements `awe.projections.control.ProjectionControl`; close it when done."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """``env``: ``PERSISTENCE_MODULE`` and what that module needs."""
        self._app = Projections(env=dict(env))

    def close(self) -> None:
        """Close what the application holds."""
        self._app.close()

    def status(self, projection: str) -> Projection:
        """Return what is known of a projection."""
        with _translated():
            return self._load(projection)

    def register(self, projection: str, number: int, code: str) -> None:
        """Make a version known."""
        self._step(projection, partial(deciding.register, number=number, code=code))

    def start_build(self, projection: str, number: int) -> None:
        """Begin to build a version."""
        self._step(projection, partial(deciding.start_build, number=number))

    def caught_up(self, projection: str, number: int) -> None:
        """Note that a version holds all there is."""
        self._step(projection, partial(deciding.caught_up, number=number))

    def verified(self, projection: str, number: int, *, equal: bool, report: str) -> None:
        """Note how a version compares with the live one."""
        self._step(projection, partial(deciding.verify, number=number, equal=equal, report=report))

    def switch(self, projection: str, number: int, *, forced: str = "") -> None:
        """Have queries read a version."""
        self._step(projection, partial(deciding.switch, number=number, forced=forced))

    def roll_back(self, projection: str, number: int, *, reason: str) -> None:
        """Have queries read the former version again."""
        self._step(projection, partial(deciding.roll_back, number=number, reason=reason))

    def drop(self, projection: str, number: int) -> None:
        """Give a version up."""
        self._step(projection, partial(deciding.drop, number=number))

    def _step(self, name: str, decide: _Decision) -> None:
        with _translated():
            while True:
                projection = self._load(name)
                event = decide(projection, Stamp(name, projection.revision + 1, datetime_now_with_tzinfo()))
                if event is None:
                    return
                try:
                    self._app.save(event)
                except IntegrityError:
                    continue  # somebody took another step meanwhile: the rules decide again
                return

    def _load(self, name: str) -> Projection:
        return fold(name, (cast("ProjectionEvent", event) for event in self._app.events.get(name)))


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except PersistenceError as error:
        raise ControlUnavailable(f"Projection control cannot be asked now: {error}") from error
