"""Values that may be null, with one schema of two types: what lint can follow from a producer to a consumer."""

from typing import Annotated

from pydantic import WithJsonSchema

NullableText = Annotated[str | None, WithJsonSchema({"type": ["string", "null"]})]
NullableNumber = Annotated[int | None, WithJsonSchema({"type": ["integer", "null"]})]
