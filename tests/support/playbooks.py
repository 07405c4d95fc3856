"""A playbook over the tools of `support.catalogue`, and changes of it."""

from typing import Any

from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.playbook.model import Playbook

SCHEMAS = JsonSchemas()

SUMMARY: dict[str, Any] = {
    "name": "summary",
    "version": 2,
    "title": "Summary of a text",
    "match": {"phrases": ["summarise the text", "summary of"], "keywords": ["shorten", "text"]},
    "inputs": {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "what is summarised"},
            "options": {
                "type": "object",
                "properties": {
                    "words": {"type": "integer", "minimum": 1, "default": 100},
                    "style": {"type": "string"},
                },
                "additionalProperties": False,
                "default": {"words": 100},
            },
        },
        "required": ["text"],
        "additionalProperties": False,
    },
    "plan": {
        "tasks": [
            {
                "id": "write",
                "tool_requests": [
                    {
                        "tool": "summarize",
                        "arguments": {
                            "text": {"$from": "inputs", "path": "/text"},
                            "max_words": {"$param": "options", "path": "/words"},
                        },
                    }
                ],
                "acceptance_criteria": [{"id": "said", "source": "output.summary != ''"}],
            }
        ],
        "outputs": {"summary": {"$from": "write", "path": "/summary"}},
    },
}


def playbook(**changes: Any) -> Playbook:
    return Playbook.model_validate(SUMMARY | changes)
