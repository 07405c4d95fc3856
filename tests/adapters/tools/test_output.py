"""What a tool returns: held to its contract before anybody else sees it, for async and sync tools alike."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, PlainSerializer

from awe.adapters.tools.decorator import tool
from awe.domain.failures import FailureClass
from support.workbench import Serve


class Model(BaseModel):
    value: float


class Literal(Model):
    model_config = ConfigDict(ser_json_inf_nan="constants")


def _unwritable(value: Any) -> int:
    raise LookupError(f"no way to write {value}")


def circle() -> list[Any]:
    turning: list[Any] = []
    turning.append(turning)
    return turning


RESULTS: dict[str, Callable[[], Any]] = {
    "nan": lambda: {"value": float("nan")},
    "infinite": lambda: {"value": [float("-inf")]},
    "object": lambda: {"value": object()},
    "circle": circle,
    "surrogate": lambda: {"value": "\ud800"},
    "model with nan": lambda: Model.model_construct(value=float("nan")),
    "null": lambda: {"value": [None, datetime(2026, 1, 2, tzinfo=UTC)]},
    "literal nan": lambda: Literal(value=float("nan")),
    "wrong": lambda: {"value": "secret"},
    "missing": dict,
}


@tool(name="async.give", effect="read")
async def async_give(what: str) -> Model:
    given: Model = RESULTS[what]()
    return given


@tool(name="sync.give", effect="read")
def sync_give(what: str) -> Model:
    given: Model = RESULTS[what]()
    return given


@tool(name="async.loose", effect="read")
async def async_loose(what: str) -> dict[str, Any]:
    given: dict[str, Any] = RESULTS[what]()
    return given


@tool(name="sync.loose", effect="read")
def sync_loose(what: str) -> dict[str, Any]:
    given: dict[str, Any] = RESULTS[what]()
    return given


@tool(name="async.unwritable", effect="read")
async def async_unwritable() -> Annotated[int, PlainSerializer(_unwritable)]:
    return 1


@tool(name="sync.unwritable", effect="read")
def sync_unwritable() -> Annotated[int, PlainSerializer(_unwritable)]:
    return 1


@tool(name="async.capped", effect="read", output_cap_bytes=100)
async def async_capped(size: int) -> str:
    return "x" * size


@tool(name="sync.capped", effect="read", output_cap_bytes=100)
def sync_capped(size: int) -> str:
    return "x" * size


BOTH = pytest.mark.parametrize("kind", ["async", "sync"])
EVERYTHING = (
    async_give,
    sync_give,
    async_loose,
    sync_loose,
    async_unwritable,
    sync_unwritable,
    async_capped,
    sync_capped,
)


@BOTH
@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("nan", "output is no JSON"),
        ("infinite", "output is no JSON"),
        ("object", "output is no JSON"),
        ("circle", "output is no JSON"),
        ("surrogate", "output is no JSON"),
        ("model with nan", "output is no JSON"),
        ("wrong", "output /value: type"),
        ("missing", "output /: required: 'value' is missing"),
    ],
)
async def test_an_output_that_breaks_the_contract_is_a_failure(
    serve: Serve, kind: str, what: str, says: str
) -> None:
    tools = await serve(*EVERYTHING)
    failure, message, sent = await tools.failure(f"{kind}.give", what=what)
    assert (failure, sent) == (FailureClass.CONTRACT_OUTPUT, True)
    assert message.startswith(says)
    assert "secret" not in message


@BOTH
async def test_a_number_that_json_does_not_have_never_becomes_null(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    for what in ("nan", "infinite", "literal nan"):
        assert (await tools.failure(f"{kind}.loose", what=what))[0] is FailureClass.CONTRACT_OUTPUT
    assert await tools.output(f"{kind}.loose", what="null") == {"value": [None, "2026-01-02T00:00:00Z"]}


@BOTH
async def test_an_output_whose_own_way_to_json_fails_is_a_failure(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    assert (await tools.failure(f"{kind}.unwritable"))[0] is FailureClass.CONTRACT_OUTPUT


@BOTH
async def test_an_output_above_the_cap_is_a_failure(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    assert await tools.output(f"{kind}.capped", size=98) == "x" * 98  # two more are its quotes
    failure, message, _ = await tools.failure(f"{kind}.capped", size=99)
    assert failure is FailureClass.OUTPUT_TOO_LARGE
    assert message == "the output has 101 bytes, its contract allows 100; return less, or an artifact"
