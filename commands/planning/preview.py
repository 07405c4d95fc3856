"""From a goal to an examined plan: the same before anything is appended and when `sys.plan` is worked on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from awe.commands.planning.contract import PLAN_CONTRACT
from awe.commands.planning.examiner import Examiner
from awe.commands.planning.findings import Finding, of_fault, refuse
from awe.commands.planning.planner import Planner, PlanningRequest, PlanRefused, Proposal
from awe.commands.planning.request import PlanningMalformed, read_planning
from awe.domain.events import Json
from awe.domain.expressions import Expressions
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.pointer import join
from awe.domain.schemas import Schemas

NOBODY: Final = "none"


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan that a goal gets, and everything that was found.

    Attributes:
        plan: the canonical document, which others share and nobody changes; None when there is none.
        digest: its SHA-256.
        findings: errors among them refuse the plan.
        planner: who made it, or had the last word against it.
        inputs: the run's inputs with the defaults of the playbook; a goal submitted with these says them all.
        pins: the digests of the contracts that the plan was examined against, as `PlanAccepted` records them.
    """

    plan: dict[str, Json] | None
    digest: str | None
    findings: tuple[Finding, ...]
    planner: str
    inputs: dict[str, Json]
    pins: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ok(self) -> bool:
        """Whether the run may begin with the plan."""
        return self.plan is not None and not refuse(self.findings)


async def preview(
    *,
    goal: str,
    inputs: dict[str, Json],
    tools: Sequence[str] | None = None,
    planning: dict[str, Json] | None = None,
    planners: Sequence[Planner],
    catalogue: Catalogue,
    expressions: Expressions,
    schemas: Schemas,
) -> Preview:
    """Ask the planners in their order, and examine the first plan that one of them makes.

    Raises:
        BlobMissing: the plan was to be read from a blob that is gone.
    """
    if misshapen := tuple(map(of_fault, _misshapen(goal, inputs, tools, planning, schemas))):
        return Preview(None, None, misshapen, NOBODY, inputs)
    return await planned(
        goal=goal,
        inputs=inputs,
        tools=tools,
        planning=planning,
        planners=planners,
        catalogue=catalogue,
        examiner=Examiner(expressions, schemas),
    )


async def planned(
    *,
    goal: str,
    inputs: dict[str, Json],
    tools: Sequence[str] | None,
    planning: dict[str, Json] | None,
    planners: Sequence[Planner],
    catalogue: Catalogue,
    examiner: Examiner,
) -> Preview:
    """The same for what the contract of `awe.plan` allows as its arguments.

    Raises:
        BlobMissing: the plan was to be read from a blob that is gone.
    """
    noted = tuple(map(of_fault, _absent(tools, catalogue)))
    try:
        request = PlanningRequest(goal, inputs, tools, read_planning(planning), catalogue)
        proposal = await _proposed(request, planners)
    except PlanningMalformed as malformed:
        return Preview(None, None, (*noted, *map(of_fault, malformed.faults)), NOBODY, inputs)
    except PlanRefused as refused:
        return Preview(None, None, (*noted, *map(of_fault, refused.faults)), refused.planner, inputs)
    examined = await examiner.examine(proposal.plan, inputs=inputs, tools=tools, catalogue=catalogue)
    findings = (*noted, *examined.findings)
    return Preview(examined.plan, examined.digest, findings, proposal.planner, proposal.inputs, examined.pins)


async def _proposed(request: PlanningRequest, planners: Sequence[Planner]) -> Proposal:
    """The first plan that a planner makes; raises the last refusal that says something."""
    last: PlanRefused | None = None
    for planner in planners:
        try:
            return await planner.plan(request)
        except PlanRefused as refused:
            if not refused.another_may:
                raise
            last = refused if refused.faults else last
    if last is not None:
        raise last
    message = "no planner here makes plans for such a goal"
    hint = "Bring a plan or a playbook along with the goal."
    raise PlanRefused(NOBODY, Fault(FaultCode.G006, "/planning", message, hint))


def _misshapen(
    goal: str,
    inputs: dict[str, Json],
    tools: Sequence[str] | None,
    planning: dict[str, Json] | None,
    schemas: Schemas,
) -> Iterator[Fault]:
    """What `awe.plan` would refuse as its arguments: nothing that is nested without bounds comes any further."""
    arguments: dict[str, Json] = {
        "goal": goal,
        "inputs": inputs,
        "tools": None if tools is None else list(tools),
        "planning": planning,
    }
    for violation in schemas.validate(arguments, PLAN_CONTRACT.input_schema):
        hint = "Flatten what is nested; the contract of `awe.plan` says what a goal is."
        yield Fault(FaultCode.G005, join(*violation.at), violation.message, hint)


def _absent(tools: Sequence[str] | None, catalogue: Catalogue) -> Iterator[Fault]:
    for number, tool in enumerate(tools or ()):
        if tool not in catalogue.tools:
            message = f"the goal allows '{tool}', and no tool here has that name"
            hint = meant(tool, catalogue.tools)
            yield Fault(FaultCode.G014, f"/tools/{number}", message, hint, Severity.WARNING)
