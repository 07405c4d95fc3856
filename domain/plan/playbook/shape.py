"""Why a document is not of the shape of a model: where, what, and what to do, in words that repeat no value."""

import difflib
from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import BaseModel, ValidationError

from awe.domain.plan import pointer

_HINTS: Final = {
    "missing": "Add the key.",
    "string_pattern_mismatch": "Names are letters, digits, `_`, `.` and `-`; paths are JSON Pointers such as /a/0.",
    "string_type": "Write a text, in quotation marks where it looks like something else.",
    "int_type": "Write a whole number, without quotation marks.",
    "placeholder": 'A placeholder is {"$param": NAME} or {"$param": NAME, "path": POINTER}, with nothing else in it.',
}


class Misshape(NamedTuple):
    """One place where the document is not of the shape."""

    path: str
    message: str
    hint: str


def misshapes(error: ValidationError, *models: type[BaseModel]) -> Iterator[Misshape]:
    """What pydantic found; `models` are those whose keys a misspelt one may have meant."""
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    for found in error.errors(include_url=False, include_input=False):
        place = found["loc"]
        path = pointer.join(*place) + str(found.get("ctx", {}).get("at", ""))
        hint = _HINTS.get(found["type"], "The JSON Schema of such a file says what is allowed here.")
        if found["type"] == "extra_forbidden":
            meant = difflib.get_close_matches(str(place[-1]), sorted(keys), 1)
            hint = f"Did you mean '{meant[0]}'?" if meant else "Remove the key."
        yield Misshape(path, found["msg"].removeprefix("Value error, "), hint)
