"""A small catalogue of tools for tests: something to read with, to compute with, and to publish with."""

from typing import Any

from awe.domain.contracts import ToolContract
from awe.domain.plan.lint.catalogue import Catalogue


def schema(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


STRING, INTEGER, BOOLEAN = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
COMMIT = schema({"sha": STRING, "message": STRING, "files": INTEGER}, {"author": STRING})


def contract(name: str, takes: dict[str, Any], gives: dict[str, Any], **more: Any) -> ToolContract:
    fields = {"version": "1.0", "effect": "read", "output_cap_bytes": 16_384} | more
    return ToolContract.model_validate({"name": name, "input_schema": takes, "output_schema": gives} | fields)


CONTRACTS = (
    contract(
        "list_commits",
        schema({"repo": STRING}, {"limit": INTEGER}),
        schema({"commits": {"type": "array", "items": COMMIT}, "total": INTEGER}, {"branch": STRING}),
    ),
    contract(
        "summarize",
        schema({"text": STRING}, {"max_words": INTEGER, "style": {"enum": ["plain", "formal"]}}),
        schema({"summary": STRING, "words": INTEGER}),
    ),
    contract(
        "count_words",
        schema({"texts": {"type": "array", "items": STRING}}),
        schema({"total": INTEGER, "mean": INTEGER}),
    ),
    contract(
        "compare",
        schema({"left": {"type": "number"}, "right": {"type": "number"}}),
        schema({"greater": BOOLEAN, "difference": {"type": "number"}}),
    ),
    contract("publish", schema({"title": STRING, "body": STRING}), schema({"id": STRING}), effect="write"),
    contract(
        "publish",
        schema({"text": STRING}),
        schema({"id": STRING}),
        effect="write",
        version="0.9",
        deprecated=True,
    ),
    contract(
        "dump", schema({"repo": STRING}), schema({"lines": {"type": "array"}}), output_cap_bytes=10_000_000
    ),
    contract("measure", {"type": "object", "properties": {"text": STRING}}, {"type": "object"}),
)
CATALOGUE = Catalogue.of(CONTRACTS)
