"""The chain is proven on an event of three versions that only this file knows."""

from typing import Any

import pytest

from awe.domain.codec import Codec, MalformedEvent
from awe.domain.events import Context, Event, event
from awe.domain.upcasting import Data, Steps


@event("test.moved", version=3)
class Moved(Event):
    """Version 1 said `to`, version 2 `x` and `y` as text, version 3 says numbers and who."""

    x: int
    y: int
    mover: str


def _to_2(data: Data) -> Data:
    x, y = data["to"].split(",")
    return {"x": x, "y": y}


def _to_3(data: Data) -> Data:
    return {"x": int(data["x"]), "y": int(data["y"]), "mover": "somebody"}


STEPS: Steps = {("test.moved", 1): _to_2, ("test.moved", 2): _to_3}


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (1, '{"to":"3,4"}', Moved(x=3, y=4, mover="somebody")),
        (2, '{"x":"3","y":"4"}', Moved(x=3, y=4, mover="somebody")),
        (3, '{"x":3,"y":4,"mover":"ann"}', Moved(x=3, y=4, mover="ann")),
    ],
)
def test_each_version_ever_written_is_read_as_todays(version: int, data: str, expected: Moved) -> None:
    body = f'{{"data":{data},"actor":"ann"}}'.encode()
    assert Codec([Moved], STEPS).decode(f"test.moved/{version}", body) == (expected, Context(actor="ann"))


def test_every_version_on_the_way_is_a_known_type() -> None:
    assert Codec([Moved], STEPS).types == {"test.moved/1", "test.moved/2", "test.moved/3"}


@pytest.mark.parametrize("data", ["{}", '{"to":7}', '{"to":"3"}', "null"])
def test_an_old_body_that_a_step_cannot_read_is_malformed(data: str) -> None:
    with pytest.raises(MalformedEvent, match=r"test\.moved/1"):
        Codec([Moved], STEPS).decode("test.moved/1", f'{{"data":{data}}}'.encode())


def test_a_version_without_a_way_to_todays_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"test\.moved has no upcasting step from version 2"):
        Codec([Moved], {("test.moved", 1): _to_2})


@pytest.mark.parametrize("stray", [("test.moved", 3), ("test.moved", 0), ("test.flown", 1)])
def test_a_step_from_a_version_that_never_was_is_refused(stray: tuple[str, int]) -> None:
    def step(data: dict[str, Any]) -> dict[str, Any]:
        return data

    with pytest.raises(ValueError, match="no event ever had"):
        Codec([Moved], {**STEPS, stray: step})
