"""The JSON Schemas of a function: of its parameters, from their annotations and defaults, and of what it returns."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, NotRequired, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, with_config
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import PydanticSerializationError, to_jsonable_python
from typing_extensions import TypedDict

from awe.adapters.schema_rules import faults
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.errors import ToolDefinitionError
from awe.domain.schemas import Schema

_BY_NAME: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class _Untitled(GenerateJsonSchema):
    """A title that only repeats the name says nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (the library's signature)
        return False


@dataclass(frozen=True, slots=True)
class Signature:
    arguments: TypeAdapter[Any]
    output: TypeAdapter[Any]
    input_schema: Schema
    output_schema: Schema
    context: str | None


def read_signature(function: Callable[..., Any]) -> Signature:
    """Derive the schemas; raises `ToolDefinitionError`."""
    hints = _hints(function)
    fields: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    context = None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in _BY_NAME:
            raise ToolDefinitionError(f"parameter {parameter} cannot be given by name; write each one out")
        if name not in hints:
            raise ToolDefinitionError(f"parameter {name} has no annotation; add one, like {name}: str")
        if _is_context(hints[name]):
            if context is not None:
                raise ToolDefinitionError(
                    f"parameters {context} and {name} both ask for the context; keep one"
                )
            context = name
        elif parameter.default is inspect.Parameter.empty:
            fields[name] = hints[name]
        else:
            fields[name] = NotRequired[hints[name]]
            defaults[name] = _json(name, parameter.default)
    if "return" not in hints:
        raise ToolDefinitionError("what it returns has no annotation; add one, like -> dict[str, int]")
    arguments, input_schema = _adapted("the parameters", _arguments(fields), "validation")
    output, output_schema = _adapted("what it returns", hints["return"], "serialization")
    _describe(input_schema, function, defaults)
    for part, schema in (("the parameters", input_schema), ("what it returns", output_schema)):
        for fault in faults(schema):
            raise ToolDefinitionError(f"the schema of {part} is not usable: {fault}")
    return Signature(arguments, output, input_schema, output_schema, context)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise ToolDefinitionError(
            f"an annotation cannot be resolved ({error}); types must be visible in the module"
        ) from error


def _is_context(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation is ToolContext


def _arguments(fields: dict[str, Any]) -> Any:
    """The type of the keyword arguments: each field as annotated, no others."""
    typed_dict: Any = TypedDict  # made at run time: nothing for a checker to see
    return with_config(ConfigDict(extra="forbid"))(typed_dict("Arguments", fields))


def _json(name: str, default: Any) -> Any:
    try:
        return to_jsonable_python(default, inf_nan_mode="strings")
    except PydanticSerializationError as error:
        raise ToolDefinitionError(f"the default of parameter {name} is no JSON: {error}") from error


def _adapted(part: str, annotation: Any, mode: JsonSchemaMode) -> tuple[TypeAdapter[Any], Schema]:
    try:
        adapter = TypeAdapter[Any](annotation)
        schema = adapter.json_schema(schema_generator=_Untitled, mode=mode)
    except (PydanticUserError, NameError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ToolDefinitionError(f"no schema can be made of {part}: {reason}") from error
    return adapter, schema


def _describe(schema: Schema, function: Callable[..., Any], defaults: dict[str, Any]) -> None:
    """Say in the schema of the arguments what the tool is for and what holds for an argument left out."""
    schema.pop("title", None)
    if documentation := inspect.getdoc(function):
        schema["description"] = " ".join(documentation.partition("\n\n")[0].split())
    properties: Any = schema.get("properties", {})
    for name, default in defaults.items():
        properties[name]["default"] = default
