"""The published JSON Schema of playbooks: made from the model, committed as `playbook.schema.json`, compared by a test."""

from typing import Any, Final

from awe.domain.plan.playbook.model import Playbook

IDENTITY: Final = "urn:awe:playbook:1"


def playbook_json_schema() -> dict[str, Any]:
    """The schema of a playbook, Draft 2020-12; of the plan template it says no more than that it is an object."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": IDENTITY}
    return head | Playbook.model_json_schema()
