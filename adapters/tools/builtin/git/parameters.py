"""What every tool of the group is asked: which repository, and at which commit."""

from typing import Annotated, Final

from pydantic import Field, WithJsonSchema

Repository = Annotated[
    str, Field(min_length=1, description="The folder of the repository: its work tree, or a bare one.")
]

_LONGEST: Final = 250
At = Annotated[
    str | None,
    Field(min_length=1, max_length=_LONGEST),
    WithJsonSchema(
        {
            "type": ["string", "null"],
            "minLength": 1,
            "maxLength": _LONGEST,
            "description": "A commit, branch or tag; HEAD when left out. A full commit id makes the answer repeatable.",
        }
    ),
]
