"""The port of planners: whoever can turn a goal into the document of a plan. Whether it is a good plan, others say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from awe.commands.planning.request import Planning
from awe.domain.events import Json
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.playbook.faults import Fault


@dataclass(frozen=True, slots=True)
class PlanningRequest:
    """What a planner is asked: the goal in words, the run's inputs, and what a plan may use.

    `tools` are the names that the goal allows, None for all of the catalogue; `planning` is how the run wants its
    plan found, None for any way.
    """

    goal: str
    inputs: dict[str, Json]
    tools: Sequence[str] | None
    planning: Planning | None
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan as a document or as the bytes of one, and who made it; `inputs` are the run's with all defaults said."""

    plan: dict[str, Json] | bytes
    planner: str
    inputs: dict[str, Json]


class PlanRefused(Exception):  # noqa: N818 (named for the fact, like the rejections)
    """A planner has no plan for the request; `faults` say why.

    PlanRefused
    ├── NotAsked                the request wants another planner (the next one is asked)
    ├── NoPlaybookMatches       (the next one is asked)
    ├── SeveralPlaybooksMatch
    ├── UnknownPlaybook
    ├── PlaybookUnusable
    └── InputsRefused
    """

    another_may: ClassVar[bool] = False
    """Whether the next planner is asked."""

    def __init__(self, planner: str, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults) or "not asked for")
        self.planner = planner
        self.faults = faults


class NotAsked(PlanRefused):
    another_may = True


class NoPlaybookMatches(PlanRefused):
    another_may = True


class SeveralPlaybooksMatch(PlanRefused):
    pass


class UnknownPlaybook(PlanRefused):
    pass


class PlaybookUnusable(PlanRefused):
    pass


class InputsRefused(PlanRefused):
    pass


class Planner(Protocol):
    async def plan(self, request: PlanningRequest) -> Proposal:
        """Make a plan.

        Raises:
            PlanRefused: there is none, and why.
        """
        ...
