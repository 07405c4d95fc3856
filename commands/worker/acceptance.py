"""Whether a task's output is what was wanted: its schema and its criteria. What cannot be judged is not accepted.

Large outputs, and criteria that may take long, are judged in a thread.
"""

from collections.abc import Sequence
from typing import Final

from awe.commands.off_loop import OffLoop
from awe.commands.worker.payloads import Payload
from awe.domain.artifacts import Artifact
from awe.domain.contracts import ToolContract
from awe.domain.events import Json
from awe.domain.expressions import Declarations, Expressions, Inconclusive
from awe.domain.plan import environments, pointer
from awe.domain.plan.shapes.view import shape_of
from awe.domain.schemas import Schemas
from awe.domain.task.work import Work

_DECLARED: Final[dict[str, Declarations]] = {}
"""By a contract's digest, for outputs that nothing else describes; as many as this process has contracts."""


async def objection(
    work: Work,
    contract: ToolContract,
    output: Payload,
    artifacts: Sequence[Artifact],
    *,
    expressions: Expressions,
    schemas: Schemas,
    off_loop: OffLoop,
) -> str | None:
    """What speaks against the output of the task's last request, if anything does."""
    if work.output_schema is not None:
        if output.blob is None:
            wrong = _misfit(output.value, work, schemas)
        else:
            wrong = await off_loop(_misfit, output.value, work, schemas)
        if wrong is not None:
            return wrong
    if not work.criteria:
        return None
    declarations, values = _seen(work, contract, output.value, artifacts)
    for check in work.criteria:
        verdict = None
        if output.blob is None:
            verdict = expressions.evaluate_at_once(check.source, declarations, values)
        if verdict is None:
            verdict = await off_loop(expressions.evaluate, check.source, declarations, values)
        if isinstance(verdict, Inconclusive):
            return f"criterion '{check.id}' cannot be judged: {verdict.reason} ({check.source})"
        if not verdict:
            return f"criterion '{check.id}' is not met: {check.source}"
    return None


def _misfit(output: Json, work: Work, schemas: Schemas) -> str | None:
    found = schemas.validate(output, work.output_schema or {})
    if not found:
        return None
    first = found[0]
    return f"the output does not fit the task's output_schema at {pointer.join(*first.at) or '/'}: {first.message}"


def _seen(
    work: Work, contract: ToolContract, output: Json, artifacts: Sequence[Artifact]
) -> tuple[Declarations, dict[str, Json]]:
    """What a criterion sees, and with which types."""
    declarations = _declarations(work, contract)
    values: dict[str, Json] = {name: {} for name, _ in declarations}
    values.update(work.seen or {})
    values["output"] = output
    values["artifacts"] = [each.model_dump(mode="json") for each in artifacts]
    return declarations, values


def _declarations(work: Work, contract: ToolContract) -> Declarations:
    if work.output_schema is not None:  # new in every task: to recognise it costs as much as to read it
        return environments.criterion(shape_of(contract.output_schema) + shape_of(work.output_schema))
    if contract.digest not in _DECLARED:
        _DECLARED[contract.digest] = environments.criterion(shape_of(contract.output_schema))
    return _DECLARED[contract.digest]
