"""`text.join`: several texts as one."""

from awe.adapters.tools.builtin.text.written import Written
from awe.adapters.tools.decorator import tool


@tool(name="text.join", effect="read")
def text_join(parts: list[str], separator: str = "\n") -> Written:
    """Put texts together with the separator between them."""
    return Written(text=separator.join(parts))
