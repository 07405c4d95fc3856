"""The port of JSON Schema (Draft 2020-12): inputs, arguments and outputs are checked by it at every border.

No schema ever makes its checker fetch anything: a reference that leaves its own document is a fault of the schema.
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Violation:
    """One keyword of a schema that an instance does not satisfy.

    `at` are the tokens of the place in the instance; `member` is the name of the property that is missing (keyword
    `required`) or not allowed (keyword `additionalProperties`), one violation for each. The message never repeats a
    value of the instance, which may be a secret.
    """

    at: tuple[str | int, ...]
    keyword: str
    message: str
    member: str | None = None


class Schemas(Protocol):
    """Checks schemas, and instances against schemas that were found in order."""

    def check_schema(self, schema: Schema) -> tuple[str, ...]:
        """What makes the schema unusable, each with its place. Empty: nothing."""
        ...

    def validate(self, instance: JsonValue, schema: Schema) -> tuple[Violation, ...]:
        """The violations of a usable schema, in document order. Empty: the instance is valid."""
        ...
