"""The published JSON Schema of plans: made from the model, committed as `plan.schema.json`, compared by a test."""

from typing import Any, Final

from awe.domain.plan.model import Plan

IDENTITY: Final = "urn:awe:plan:1"


def plan_json_schema() -> dict[str, Any]:
    """The schema of a plan file, Draft 2020-12."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": IDENTITY}
    return head | Plan.model_json_schema(by_alias=True)
