"""The system tool `awe.plan`: planning is a task of the run, so a worker calls it through the port of tools like any other.

A plan that is refused, and a goal for which there is none, are outputs; only a fault of the engine is a failure.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, cast

from pydantic_core import to_json

from awe.commands.blobs import BlobMissing
from awe.commands.planning.contract import PLAN_CONTRACT
from awe.commands.planning.examiner import Examiner
from awe.commands.planning.planner import Planner
from awe.commands.planning.preview import Preview, planned
from awe.commands.tools import Call, Failure, Success, Tools
from awe.domain.contracts import ToolContract
from awe.domain.events import Json
from awe.domain.expressions import Expressions
from awe.domain.failures import FailureClass
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.pointer import join
from awe.domain.schemas import Schemas

_log = logging.getLogger(__name__)


class PlanningTools:
    """Tools with one tool; plans are examined against the catalogue of the others."""

    def __init__(
        self, *, planners: Sequence[Planner], tools: Tools, expressions: Expressions, schemas: Schemas
    ) -> None:
        """``planners`` are asked in their order; ``tools`` are those that plans may call, looked up at each call."""
        self._planners = tuple(planners)
        self._tools = tools
        self._examiner = Examiner(expressions, schemas)
        self._schemas = schemas
        self._catalogue = Catalogue.of((PLAN_CONTRACT,))

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue

    def contract(self, digest: str) -> ToolContract | None:
        return PLAN_CONTRACT if digest == PLAN_CONTRACT.digest else None

    async def call(self, call: Call) -> Success | Failure:
        """Find and examine the plan of a run."""
        if call.contract.digest != PLAN_CONTRACT.digest:
            return Failure(
                FailureClass.INTERNAL, f"'{call.contract.name}' is no tool of planning", sent=False
            )
        if violations := self._schemas.validate(call.arguments, PLAN_CONTRACT.input_schema):
            place, wrong = join(*violations[0].at) or "/", violations[0].message
            return Failure(FailureClass.INVALID_INPUT, f"at {place}: {wrong}", sent=False)
        try:
            async with asyncio.timeout(call.limit_s):
                return _answer(await self._planned(call.arguments))
        except TimeoutError:
            message = f"planning took longer than {call.limit_s:.1f} s; the plan may be too large to examine"
            return Failure(FailureClass.TIMEOUT, message)
        except BlobMissing as missing:
            return Failure(FailureClass.INTERNAL, f"the plan's blob cannot be read: {missing}")
        except Exception as error:  # noqa: BLE001 (whatever a planner does wrong is the failure of this call)
            _log.exception("planning broke: %s", call.operation)
            message = f"planning broke: {type(error).__name__}; the worker's log says where"
            return Failure(FailureClass.INTERNAL, message)

    async def _planned(self, arguments: dict[str, Json]) -> Preview:
        given = cast("dict[str, Any]", arguments)  # as the contract's schema says
        return await planned(
            goal=given["goal"],
            inputs=given["inputs"],
            tools=given["tools"],
            planning=given["planning"],
            planners=self._planners,
            catalogue=self._tools.catalogue,
            examiner=self._examiner,
        )


def _answer(found: Preview) -> Success | Failure:
    output: dict[str, Json] = {
        "plan": found.plan,
        "digest": found.digest,
        "pins": dict(found.pins),
        "findings": [each.document() for each in found.findings],
        "planner": found.planner,
    }
    size = len(to_json(output))
    if size > PLAN_CONTRACT.output_cap_bytes:
        message = f"{size:,} bytes of plan and findings; the cap is {PLAN_CONTRACT.output_cap_bytes:,}"
        return Failure(FailureClass.OUTPUT_TOO_LARGE, message)
    return Success(output)
