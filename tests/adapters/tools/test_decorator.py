from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.definition import Definition, definition_of
from awe.adapters.tools.errors import ToolDefinitionError


class Row(BaseModel):
    name: str
    size: int = 0


class Found(TypedDict):
    rows: list[Row]


def definition(function: Callable[..., Any]) -> Definition:
    found = definition_of(function)
    assert found is not None
    return found


@tool(name="text.count", version="2", effect="read", timeout_s=1.5, output_cap_bytes=99)
def count(
    text: Annotated[str, Field(description="What to count in.", max_length=9)], least: int = 1
) -> dict[str, int]:
    """Count letters
    of a text.

    More of it.
    """
    return {letter: text.count(letter) for letter in text if text.count(letter) >= least}


@tool(name="rows", effect="write", heavy=True)
async def rows(context: ToolContext, *, row: Row, how: Literal["up", "down"] | None = None) -> Found:
    assert context.attempt == 1
    return {"rows": [row] if how else []}


def test_a_tool_stays_the_function_it_is() -> None:
    assert count("aab") == {"a": 2, "b": 1}
    assert count("aab", least=2) == {"a": 2}
    assert count.__name__ == "count"


async def test_a_tool_with_a_context_can_be_called_alone(tmp_path: Path) -> None:
    found = await rows(ToolContext.standalone(tmp_path), row=Row(name="a"), how="up")
    assert found == {"rows": [Row(name="a")]}


def test_the_contract_follows_from_the_signature() -> None:
    contract = definition(count).contract
    assert contract.model_dump(mode="json") == {
        "name": "text.count",
        "version": "2",
        "input_schema": {
            "type": "object",
            "description": "Count letters of a text.",
            "properties": {
                "text": {"type": "string", "description": "What to count in.", "maxLength": 9},
                "least": {"type": "integer", "default": 1},
            },
            "required": ["text"],
            "additionalProperties": False,
        },
        "output_schema": {"type": "object", "additionalProperties": {"type": "integer"}},
        "effect": "read",
        "idempotency": "none",
        "timeout_ms": 1500,
        "output_cap_bytes": 99,
        "deprecated": False,
    }


def test_the_context_is_no_argument() -> None:
    found = definition(rows)
    assert found.context == "context"
    assert found.asynchronous
    assert found.heavy
    schema: Any = found.contract.input_schema
    assert list(schema["properties"]) == ["row", "how"]
    assert schema["properties"]["row"] == {"$ref": "#/$defs/Row"}
    assert schema["required"] == ["row"]


@pytest.mark.parametrize(
    ("returned", "schema"),
    [
        (None, {"type": "null"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (bool, {"type": "boolean"}),
        (Any, {}),
    ],
)
def test_what_may_be_returned(returned: Any, schema: dict[str, Any]) -> None:
    def function() -> Any:
        pass

    function.__annotations__["return"] = returned
    assert definition(tool(name="x", effect="read")(function)).contract.output_schema == schema


def test_arguments_may_have_any_name() -> None:
    @tool(name="x", effect="read")
    def function(schema: int, copy: int = 0, _hidden: int = 0, model_config: int = 0) -> int:
        return schema + copy + _hidden + model_config

    keywords = definition(function).keywords(b'{"schema":1,"model_config":4,"_hidden":2}')
    assert function(**keywords) == 7


def test_a_write_that_does_not_say_how_it_repeats_is_noted() -> None:
    (note,) = definition(rows).notes
    assert note.startswith("rows@1 may change the world")
    assert definition(count).notes == ()

    @tool(name="said", effect="destructive", idempotency="none")
    def said() -> None:
        pass

    assert definition(said).notes == ()


def _no_annotation(x: int) -> int:
    return x


def _no_return() -> int:
    return 1


del _no_annotation.__annotations__["x"], _no_return.__annotations__["return"]


def _several(*x: int) -> int:
    return len(x)


def _named(**x: int) -> int:
    return len(x)


def _by_place(x: int, /) -> int:
    return x


def _unknown(x: int) -> int:
    return x


_unknown.__annotations__["x"] = "Nowhere"


def _no_schema(x: Path, y: Callable[[], int]) -> int:
    return len(str(x)) + y()


def _default(x: dict[str, Any] = {"y": object()}) -> int:  # noqa: B006, B008 (never changed)
    return len(x)


def _two(a: ToolContext, b: Annotated[ToolContext, "too"]) -> int:
    return a.attempt + b.attempt


def _generator() -> Iterator[int]:
    yield 1


async def _async_generator() -> AsyncIterator[int]:
    yield 1


def _backtracking(x: Annotated[str, Field(json_schema_extra={"pattern": "(a)\\1"})]) -> int:
    return len(x)


def _remote(x: Annotated[str, Field(json_schema_extra={"$ref": "https://example.org/x"})]) -> int:
    return len(x)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (_no_annotation, "parameter x has no annotation"),
        (_no_return, "returns has no annotation"),
        (_several, "cannot be given by name"),
        (_named, "cannot be given by name"),
        (_by_place, "cannot be given by name"),
        (_unknown, "cannot be resolved"),
        (_no_schema, "no schema can be made of the parameters"),
        (_default, "default of parameter x is no JSON"),
        (_two, "a and b both ask for the context"),
        (_generator, "return a list"),
        (_async_generator, "return a list"),
        (_backtracking, "schema of the parameters is not usable"),
        (_remote, "schema of the parameters is not usable"),
        (Row, "only a function can be a tool"),
        (len, "only a function can be a tool"),
    ],
)
def test_wrong_use_is_an_error_at_once(function: Any, says: str) -> None:
    with pytest.raises(ToolDefinitionError, match=says) as raised:
        tool(name="wrong", effect="read")(function)
    assert str(raised.value).startswith("tool 'wrong' (")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"name": "two words"}, "name: "),
        ({"version": ""}, "version: "),
        ({"effect": "none"}, "Effect"),
        ({"idempotency": "maybe"}, "Idempotency"),
        ({"timeout_s": 0}, "timeout_ms: "),
        ({"output_cap_bytes": -1}, "output_cap_bytes: "),
    ],
)
def test_a_wrong_word_of_the_decorator_is_an_error_at_once(said: dict[str, Any], says: str) -> None:
    all_said: dict[str, Any] = {"name": "wrong", "effect": "read", **said}
    with pytest.raises(ToolDefinitionError, match=says):
        tool(**all_said)(count)


def test_what_is_no_tool_has_no_definition() -> None:
    assert [definition_of(value) for value in (1, len, _two, Row, object())] == [None] * 5
