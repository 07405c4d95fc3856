"""The contract of `awe.plan`, the system tool behind `sys.plan`: a goal goes in, a plan or the reasons against one come out.

Findings with the severity `error` refuse the plan, which is an answer of the tool and no failure of it. `plan` is the
canonical document whose SHA-256 is `digest`; both are null when there is none to speak of. `pins` are the contracts that
it was examined against, as `PlanAccepted` records them.
"""

from typing import Any, Final

from awe.domain.contracts import Effect, Idempotency, ToolContract

_TEXT: Final = {"type": "string"}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


PLAN_TOOL: Final = "awe.plan"
PLAN_CONTRACT: Final = ToolContract(
    name=PLAN_TOOL,
    version="1",
    effect=Effect.READ,
    idempotency=Idempotency.IDEMPOTENT,
    timeout_ms=120_000,
    output_cap_bytes=16 * 1024 * 1024,
    input_schema=_object(
        {
            "goal": _TEXT,
            "inputs": {"type": "object"},
            "tools": {"type": ["array", "null"], "items": _TEXT},
            "planning": {"type": ["object", "null"]},
        }
    ),
    output_schema=_object(
        {
            "plan": {"type": ["object", "null"]},
            "digest": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
            "pins": {
                "type": "object",
                "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
            "findings": {
                "type": "array",
                "items": _object(
                    {
                        "code": _TEXT,
                        "severity": {"enum": ["error", "warning", "info"]},
                        "path": _TEXT,
                        "message": _TEXT,
                        "hint": _TEXT,
                    }
                ),
            },
            "planner": _TEXT,
        }
    ),
)
