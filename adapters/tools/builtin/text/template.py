"""`text.template`: a text with holes, filled with values; there is no logic in it, and nothing is ever executed.

`{{name}}` stands for a value, `{{list.0.name}}` for one inside it. What was filled in is not searched for holes.
"""

import json
import re
from typing import Annotated, Final

from pydantic import Field, JsonValue

from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.builtin.text.written import Written
from awe.adapters.tools.decorator import tool
from awe.domain.plan import pointer

_HOLE: Final = re.compile(r"\{\{([^{}]*)\}\}|\{\{")


@tool(name="text.template", effect="read")
def text_template(
    template: Annotated[str, Field(description="A text with holes like {{name}} or {{list.0.name}}.")],
    values: dict[str, JsonValue],
) -> Written:
    """Fill the holes: a text as it is, null as nothing, all else as JSON; a hole without a value is an error."""
    return Written(text=_HOLE.sub(lambda hole: _filled(hole[1], template, hole.start(), values), template))


def _filled(name: str | None, template: str, at: int, values: dict[str, JsonValue]) -> str:
    line = template.count("\n", 0, at) + 1
    if name is None:
        raise refused(f"line {line} of the template opens {{{{ and does not close it; write {{{{name}}}}")
    path = name.strip()
    try:
        value = pointer.resolve(values, path.split("."))
    except LookupError:
        raise refused(f"line {line} of the template wants '{path}', and there is no such value") from None
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
