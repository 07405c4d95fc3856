"""The library's errors, which follow Python's database API, for what can go wrong with a log."""

from collections.abc import Generator
from contextlib import contextmanager

from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    PersistenceError,
)

from awe.adapters.eventsourcing.journal import Refusal
from awe.adapters.eventsourcing.originators import originator_of
from awe.commands.log import Conflict, LogCorrupt, LogUnavailable, Misplaced, Pressure, Unit, UnitTooLarge


@contextmanager
def translated() -> Generator[None]:
    """Raise a log's errors as the library's."""
    try:
        yield
    except LogUnavailable as error:
        raise OperationalError(str(error)) from error
    except LogCorrupt as error:
        raise InternalError(str(error)) from error
    except (UnitTooLarge, UnicodeEncodeError) as error:
        raise DataError(str(error)) from error


def refused(units: list[Unit], why: Refusal) -> PersistenceError:
    """Return what a refused append is to the library."""
    match why:
        case Conflict(aggregate):
            owners = (unit.run for unit in units if any(each.aggregate == aggregate for each in unit.expects))
            named = " or ".join(dict.fromkeys(str(originator_of(run)) for run in owners))
            return IntegrityError(f"Version {aggregate} of originator {named} is already recorded.")
        case Misplaced(reactor, position):
            return IntegrityError(
                f"Tracking of {reactor!r} stands at notification {position.n - 1}: only a later one can be recorded."
            )
        case Pressure(percent):
            return OperationalError(
                f"The server's memory is full ({percent} %): give it more, nothing was recorded."
            )
        case _:
            return InternalError(f"The log refused an append for a reason that it was not asked for: {why}.")
