"""The few expressions that generated plans hold, judged as CEL judges them but at once and without a process."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from awe.domain.expressions import Declarations, Inconclusive

_FLAG = re.compile(r"inputs\.flag")
_NUMBER = re.compile(r"([a-z]+)(?:\.(t\d+))?\.n ([<>]) (\d+)")


class Comparisons:
    """Implements `awe.domain.expressions.Expressions` for `inputs.flag`, `tasks.tN.n > N` and `output.n < N`."""

    def compile(self, source: str, declarations: Declarations) -> tuple[str, ...]:
        del declarations
        return () if _FLAG.fullmatch(source) or _NUMBER.fullmatch(source) else (f"unknown here: {source}",)

    def evaluate(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive:
        del declarations
        if _FLAG.fullmatch(source):
            return _member(values["inputs"], "flag") is True
        found = _NUMBER.fullmatch(source)
        if found is None:
            raise ValueError(f"no generated plan says {source!r}")
        variable, task, sign, bound = found.groups()
        value = values.get(variable)
        number = _member(value if task is None else _member(value, task), "n")
        if not isinstance(number, int):
            return Inconclusive("no such key")
        return number < int(bound) if sign == "<" else number > int(bound)

    def evaluate_at_once(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive | None:
        return self.evaluate(source, declarations, values)


def _member(value: JsonValue, name: str) -> JsonValue:
    return value.get(name) if isinstance(value, dict) else None
