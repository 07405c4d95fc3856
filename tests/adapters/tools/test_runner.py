"""The rules of a call, for async tools on the loop and for sync ones in threads alike."""

import asyncio
import threading
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, JsonValue

from awe.adapters.tools.decorator import tool
from awe.adapters.tools.errors import ToolError
from awe.adapters.tools.registry import Registry
from awe.adapters.tools.runner import LocalTools
from awe.commands.blobs import BlobMissing
from awe.commands.tools import Call, Failure, Success
from awe.domain.failures import FailureClass
from support.workbench import OPERATION, SCHEMAS, Serve, Workbench

seen: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


class Model(BaseModel):
    value: float


def _secret(value: str) -> str:
    if value != "known":
        raise ValueError(f"{value} is not the password")
    return value


@tool(name="async.echo", effect="read")
async def async_echo(value: JsonValue, times: int = 1) -> JsonValue:
    return [value] * times


@tool(name="sync.echo", effect="read")
def sync_echo(value: JsonValue, times: int = 1) -> JsonValue:
    return [value] * times


@tool(name="async.checked", effect="read")
async def async_checked(password: Annotated[str, AfterValidator(_secret)]) -> None:
    seen.append(password)


@tool(name="sync.checked", effect="read")
def sync_checked(password: Annotated[str, AfterValidator(_secret)]) -> None:
    seen.append(password)


@tool(name="async.model", effect="read")
async def async_model(model: Model) -> Model:
    return model


@tool(name="sync.model", effect="read")
def sync_model(model: Model) -> Model:
    return model


@tool(name="async.spoil", effect="read")
async def async_spoil(rows: list[Any]) -> list[Any]:
    seen.append(rows)
    rows[0]["deep"].append("changed")
    return rows


@tool(name="sync.spoil", effect="read")
def sync_spoil(rows: list[Any]) -> list[Any]:
    seen.append(rows)
    rows[0]["deep"].append("changed")
    return rows


ERRORS: dict[str, BaseException] = {
    "plain": ValueError("went wrong"),
    "mute": LookupError(),
    "long": ValueError("x" * 9_000),
    "timeout": TimeoutError("its own"),
    "exit": SystemExit(3),
    "interrupt": KeyboardInterrupt(),
    "cancelled": asyncio.CancelledError(),
    "stop": StopIteration(7),
    "chosen": ToolError("slow down", failure="rate_limited"),
    "never sent": ToolError("no route", failure="transport", sent=False),
    "no blob": BlobMissing("gone"),
}


@tool(name="async.fail", effect="read")
async def async_fail(how: str) -> None:
    raise ERRORS[how]


@tool(name="sync.fail", effect="read")
def sync_fail(how: str) -> None:
    raise ERRORS[how]


BOTH = pytest.mark.parametrize("kind", ["async", "sync"])
EVERYTHING = (
    async_echo,
    sync_echo,
    async_checked,
    sync_checked,
    async_model,
    sync_model,
    async_spoil,
    sync_spoil,
    async_fail,
    sync_fail,
)


@BOTH
async def test_a_call_returns_what_the_tool_does(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    assert await tools.call(f"{kind}.echo", value={"a": [1, None]}) == Success([{"a": [1, None]}])
    assert await tools.output(f"{kind}.echo", value="x", times=2) == ["x", "x"]
    assert await tools.output(f"{kind}.model", model={"value": 1}) == {"value": 1.0}


@BOTH
async def test_arguments_that_do_not_fit_never_reach_the_tool(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    for arguments, place in (
        ({"value": 1, "times": "secret"}, "/times: type"),
        ({"times": 1}, "/: required: 'value' is missing"),
        ({"value": 1, "more": "secret"}, "/: additionalProperties: 'more' is not allowed"),
    ):
        failure, message, sent = await tools.failure(f"{kind}.echo", **arguments)
        assert (failure, sent) == (FailureClass.INVALID_INPUT, False)
        assert message.startswith(f"arguments {place}")
        assert "secret" not in message


async def test_arguments_that_are_no_json_never_reach_the_tool(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    failure, message, sent = await tools.failure("async.echo", value="\ud800 secret")
    assert (failure, sent) == (FailureClass.INVALID_INPUT, False)
    assert "secret" not in message


async def test_of_many_violations_some_are_named(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    _, message, _ = await tools.failure("async.echo", **dict.fromkeys("abcde", 1))
    assert message.count("is not allowed") + message.count("is missing") == 3
    assert message.endswith("; and 3 more")


@BOTH
async def test_what_a_type_refuses_beyond_its_schema_is_said_without_the_value(
    serve: Serve, kind: str
) -> None:
    tools = await serve(*EVERYTHING)
    failure, message, sent = await tools.failure(f"{kind}.checked", password="hunter2")  # noqa: S106 (for show)
    assert (failure, sent) == (FailureClass.INVALID_INPUT, False)
    assert message == "arguments /password: value_error: it is refused"
    assert seen == []


@BOTH
async def test_a_tool_that_changes_its_arguments_changes_nothing(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    arguments: dict[str, Any] = {"rows": [{"deep": ["as it was"]}]}
    contract = tools.registry.catalogue.find(f"{kind}.spoil", None)
    assert contract is not None
    done = await tools.tools.call(Call(OPERATION, contract, arguments, 1, 30.0))
    assert arguments == {"rows": [{"deep": ["as it was"]}]}
    assert isinstance(done, Success)
    seen[0].clear()
    assert done.output == [{"deep": ["as it was", "changed"]}]


@BOTH
@pytest.mark.parametrize(
    ("how", "failure", "says", "sent"),
    [
        ("plain", FailureClass.TOOL_ERROR, "ValueError: went wrong", True),
        ("mute", FailureClass.TOOL_ERROR, "LookupError", True),
        ("timeout", FailureClass.TOOL_ERROR, "TimeoutError: its own", True),
        ("exit", FailureClass.TOOL_ERROR, "SystemExit: 3", True),
        ("interrupt", FailureClass.TOOL_ERROR, "KeyboardInterrupt", True),
        ("cancelled", FailureClass.TOOL_ERROR, "CancelledError", True),
        ("chosen", FailureClass.RATE_LIMITED, "slow down", True),
        ("never sent", FailureClass.TRANSPORT, "no route", False),
        ("no blob", FailureClass.TOOL_ERROR, "BlobMissing: gone", True),
    ],
)
async def test_whatever_a_tool_raises_is_a_failure(
    serve: Serve,
    kind: str,
    how: str,
    failure: FailureClass,
    says: str,
    sent: bool,  # noqa: FBT001 (a fact)
) -> None:
    tools = await serve(*EVERYTHING)
    assert await tools.failure(f"{kind}.fail", how=how) == (failure, says, sent)
    assert await tools.output(f"{kind}.echo", value=1) == [1]


@BOTH
async def test_odd_exceptions_are_failures_too(serve: Serve, kind: str) -> None:
    class Unspeakable(Exception):  # noqa: N818 (it says nothing)
        def __str__(self) -> str:
            raise RuntimeError

    ERRORS["unspeakable"] = Unspeakable()
    tools = await serve(*EVERYTHING)
    assert (await tools.failure(f"{kind}.fail", how="unspeakable"))[1] == "Unspeakable"
    assert len((await tools.failure(f"{kind}.fail", how="long"))[1]) == 500
    assert (await tools.failure(f"{kind}.fail", how="stop"))[0] is FailureClass.TOOL_ERROR


@BOTH
async def test_something_large_is_checked_off_the_loop(
    serve: Serve, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    validators: set[str] = set()
    real = SCHEMAS.validate

    def validate(instance: Any, schema: Any) -> Any:
        validators.add(threading.current_thread().name)
        return real(instance, schema)

    monkeypatch.setattr(SCHEMAS, "validate", validate)
    tools = await serve(*EVERYTHING)
    large = "x" * 60_000
    assert await tools.output(f"{kind}.echo", value=large) == [large]
    assert validators == {"awe-check"}
    validators.clear()
    await tools.output(f"{kind}.echo", value="small")
    assert validators == {"MainThread"}


async def test_a_tool_that_is_not_here_is_never_sent(serve: Serve) -> None:
    tools = await serve(async_echo)
    contract = Registry.of([sync_echo]).catalogue.find("sync.echo", None)
    assert contract is not None
    done = await tools.tools.call(Call(OPERATION, contract, {"value": 1}, 1, 30.0))
    assert isinstance(done, Failure)
    assert (done.failure, done.sent) == (FailureClass.INTERNAL, False)
    assert tools.tools.contract(contract.digest) is None
    assert list(tools.tools.catalogue.tools) == ["async.echo"]


async def test_a_contract_read_back_from_json_calls_the_same_tool(serve: Serve) -> None:
    tools = await serve(async_echo)
    contract = tools.tools.catalogue.tools["async.echo"][0]
    again = type(contract).model_validate_json(contract.model_dump_json())
    assert await tools.tools.call(Call(OPERATION, again, {"value": 1}, 1, 30.0)) == Success([1])


async def test_tools_end_with_nothing_left(workbench: Workbench) -> None:
    before = set(threading.enumerate())
    async with workbench.serving(Registry.of(EVERYTHING)) as tools:
        await asyncio.gather(*(workbench.output("sync.echo", value="x" * 60_000) for _ in range(4)))
        assert len(set(threading.enumerate()) - before) > 1
    assert set(threading.enumerate()) <= before
    assert tools.leaked == 0
    assert isinstance(tools, LocalTools)
    assert len(asyncio.all_tasks()) == 1
