"""Given what happened, when a step is asked for, then this happens."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from awe.adapters.projection_control import deciding
from awe.adapters.projection_control.deciding import Stamp
from awe.adapters.projection_control.events import (
    BuildStarted,
    CaughtUp,
    Dropped,
    ProjectionEvent,
    Registered,
    RolledBack,
    Switched,
    Verified,
)
from awe.adapters.projection_control.folding import fold
from awe.projections.control import ControlRefused, Verification, VersionState

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
Made = Callable[..., ProjectionEvent]
Step = Callable[..., ProjectionEvent | None]


def of(made: Made, *told: Any) -> Callable[[int], ProjectionEvent]:
    return lambda revision: made("runs", revision, WHEN, *told)


def history(*happened: Callable[[int], ProjectionEvent]) -> list[ProjectionEvent]:
    return [event(revision) for revision, event in enumerate(happened, 1)]


def registered(number: int) -> Callable[[int], ProjectionEvent]:
    return of(Registered, number, f"code {number}")


def built(number: int) -> Sequence[Callable[[int], ProjectionEvent]]:
    return (registered(number), of(BuildStarted, number), of(CaughtUp, number))


def switched(number: int) -> Callable[[int], ProjectionEvent]:
    return of(Switched, number, "")


LIVE_1 = (*built(1), switched(1))
LIVE_2 = (*LIVE_1, *built(2), of(Verified, 2, 1, True, "10 rows"), switched(2))  # noqa: FBT003 (a field)
equal = partial(deciding.verify, equal=True, report="10 rows")
unequal = partial(deciding.verify, equal=False, report="row 7 differs")
plainly = partial(deciding.switch, forced="")
by_force = partial(deciding.switch, forced="the old one is wrong")
back = partial(deciding.roll_back, reason="wrong totals")


@pytest.mark.parametrize(
    ("given", "step", "number", "then"),
    [
        ((), partial(deciding.register, code="code 1"), 1, registered(1)),
        ((registered(1),), partial(deciding.register, code="code 1"), 1, None),
        ((registered(1),), deciding.start_build, 1, of(BuildStarted, 1)),
        ((registered(1), of(BuildStarted, 1)), deciding.start_build, 1, None),
        (built(1), deciding.start_build, 1, of(BuildStarted, 1)),
        ((registered(1), of(BuildStarted, 1)), deciding.caught_up, 1, of(CaughtUp, 1)),
        (built(1), deciding.caught_up, 1, None),
        (built(1), plainly, 1, switched(1)),
        (LIVE_1, plainly, 1, None),
        ((*LIVE_1, *built(2)), equal, 2, of(Verified, 2, 1, True, "10 rows")),  # noqa: FBT003 (a field)
        ((*LIVE_1, *built(2)), unequal, 2, of(Verified, 2, 1, False, "row 7 differs")),  # noqa: FBT003 (a field)
        (LIVE_2[:-1], equal, 2, None),
        (LIVE_2[:-1], plainly, 2, switched(2)),
        ((*LIVE_1, *built(2)), by_force, 2, of(Switched, 2, "the old one is wrong")),
        ((*LIVE_1, registered(2), of(BuildStarted, 2)), by_force, 2, of(Switched, 2, "the old one is wrong")),
        (LIVE_2, back, 1, of(RolledBack, 1, "wrong totals")),
        ((*LIVE_2, of(RolledBack, 1, "wrong totals")), back, 1, None),
        (LIVE_2, equal, 1, of(Verified, 1, 2, True, "10 rows")),  # noqa: FBT003 (a field)
        (LIVE_2, deciding.drop, 1, of(Dropped, 1)),
        ((*LIVE_2, of(Dropped, 1)), deciding.drop, 1, None),
        ((registered(1),), deciding.drop, 1, of(Dropped, 1)),
    ],
)
def test_a_step_is_taken(
    given: Sequence[Callable[[int], ProjectionEvent]],
    step: Step,
    number: int,
    then: Callable[[int], ProjectionEvent] | None,
) -> None:
    revision = len(given) + 1
    found = step(fold("runs", history(*given)), Stamp("runs", revision, WHEN), number)
    assert found == (None if then is None else then(revision))


@pytest.mark.parametrize(
    ("given", "step", "number", "why"),
    [
        ((registered(1),), partial(deciding.register, code="other"), 1, "is code code 1, not other"),
        ((registered(2),), partial(deciding.register, code="code 1"), 1, "needs a higher number than 1"),
        ((registered(1), of(Dropped, 1), registered(2)), deciding.start_build, 1, "dropped: register a new"),
        ((), deciding.start_build, 1, "runs has no version 1: register it first"),
        (LIVE_1, deciding.start_build, 1, "is live: register a new version"),
        (LIVE_2, deciding.start_build, 1, "is retired: register a new version"),
        ((registered(1),), deciding.caught_up, 1, "is registered: start its build first"),
        (LIVE_1, deciding.caught_up, 1, "is live"),
        (built(1), equal, 1, "no live version to compare with"),
        (
            (*LIVE_1, registered(2), of(BuildStarted, 2)),
            equal,
            2,
            "is building: only a version that is caught up",
        ),
        (LIVE_1, equal, 1, "is live: only"),
        ((registered(1), of(BuildStarted, 1)), plainly, 1, "is building: wait until it is caught up"),
        ((*LIVE_1, *built(2)), plainly, 2, "verify it against live version 1"),
        ((*LIVE_1, *built(2), of(Verified, 2, 1, False, "row 7 differs")), plainly, 2, "row 7 differs"),  # noqa: FBT003
        (
            (*LIVE_2[:-1], of(BuildStarted, 2), of(CaughtUp, 2)),
            plainly,
            2,
            "verify it against live version 1",
        ),
        (
            (
                *LIVE_2[:-1],
                *built(3),
                of(Switched, 3, "now"),
            ),
            plainly,
            2,
            "verify it against live version 3",
        ),
        ((*LIVE_1, registered(2)), by_force, 2, "is registered: it has nothing to read"),
        ((*LIVE_2, of(Dropped, 1)), by_force, 1, "is dropped: it has nothing to read"),
        (LIVE_1, back, 2, "has no version 2"),
        ((*LIVE_1, *built(2)), back, 2, "was dropped, or there was none"),
        ((*LIVE_2, of(Dropped, 1)), back, 1, "was dropped, or there was none"),
        ((*LIVE_2, *built(3), of(Switched, 3, "now")), back, 1, "the one before the live one is 2"),
        (LIVE_2, partial(deciding.roll_back, reason=""), 1, "Say why runs is rolled back"),
        (LIVE_2, deciding.drop, 2, "is live: switch to another one first"),
    ],
)
def test_i29_a_step_against_the_rules_is_refused(
    given: Sequence[Callable[[int], ProjectionEvent]], step: Step, number: int, why: str
) -> None:
    with pytest.raises(ControlRefused, match=why):
        step(fold("runs", history(*given)), Stamp("runs", len(given) + 1, WHEN), number)


def test_i29_rollbacks_lead_back_through_all_that_were_live_and_not_dropped() -> None:
    three = (*LIVE_2, *built(3), of(Switched, 3, "now"), *built(4), of(Switched, 4, "now"))
    found = fold("runs", history(*three, of(Dropped, 2)))
    assert (found.live, found.former) == (4, (1, 3))
    found = fold("runs", history(*three, of(Dropped, 2), of(RolledBack, 3, "x"), of(RolledBack, 1, "x")))
    assert (found.live, found.former) == (1, ())
    assert {number: version.state for number, version in found.versions.items()} == {
        1: VersionState.LIVE,
        2: VersionState.DROPPED,
        3: VersionState.RETIRED,
        4: VersionState.RETIRED,
    }


def test_a_build_that_begins_again_forgets_its_verification() -> None:
    assert fold("runs", history(*LIVE_2[:-1])).versions[2].verification == Verification(
        1, equal=True, report="10 rows"
    )
    assert fold("runs", history(*LIVE_2[:-1], of(BuildStarted, 2))).versions[2].verification is None
