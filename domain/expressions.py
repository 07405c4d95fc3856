"""The port of the expression language (CEL): conditions, acceptance criteria, and policy rules are written in it.

An expression is judged to true, false or `Inconclusive`. Whatever goes wrong in an evaluation (a missing field, a
wrong type, too long a run) is inconclusive, and nobody may take inconclusive for true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue


class Kind(StrEnum):
    """The static type of a variable, in CEL's own notation."""

    DYN = "dyn"
    BOOL = "bool"
    INT = "int"
    STRING = "string"
    LIST = "list(dyn)"
    MAP = "map(string, dyn)"


Declarations = tuple[tuple[str, Kind], ...]
"""The variables that an expression sees, each once; hashable, for expressions are cached by source and declarations."""


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The expression came to no answer, and why."""

    reason: str


class Expressions(Protocol):
    """Compiles and evaluates expressions; neither method raises for anything that a source or a value can do."""

    def compile(self, source: str, declarations: Declarations) -> tuple[str, ...]:
        """What is wrong with the source: its syntax, its types, or a result that is no bool. Empty: nothing."""
        ...

    def evaluate(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive:
        """Judge the source with a value for every declared variable."""
        ...

    def evaluate_at_once(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive | None:
        """Judge a source that cannot take long, whatever small values it has; None means to `evaluate` it."""
        ...
