from typing import Any

import pytest

from awe.domain.plan.shapes.size import size_bound
from awe.domain.plan.shapes.view import shape_of


@pytest.mark.parametrize(
    ("schema", "bound"),
    [
        ({}, None),
        ({"type": "integer"}, 32),
        ({"type": ["boolean", "null"]}, 32),
        ({"type": "string"}, None),
        ({"type": "string", "maxLength": 100}, 602),
        ({"type": ["string", "null"], "maxLength": 1}, 32),
        ({"enum": ["a", "bbb"]}, 30),
        ({"enum": []}, 0),
        ({"type": "object"}, None),
        ({"type": "array", "items": {"type": "integer"}}, None),
        ({"type": "array", "maxItems": 10, "items": {"type": "integer"}}, 332),
        ({"type": "array", "maxItems": 10}, None),
        ({"maxItems": 10, "items": {"type": "integer"}}, None),
        ({"allOf": [{"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 20}]}, 56),
    ],
)
def test_how_large_a_value_can_become(schema: dict[str, Any], bound: int | None) -> None:
    assert size_bound(shape_of(schema)) == bound


def test_a_schema_that_goes_round_has_no_bound() -> None:
    assert size_bound(shape_of({"type": "array", "maxItems": 2, "items": {"$ref": "#"}})) is None
