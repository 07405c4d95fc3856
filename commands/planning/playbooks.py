"""The planner with playbooks: one by its name, one that the goal brings along, or the one that matches the goal best."""

from collections.abc import Iterable, Mapping
from typing import Final

from awe.commands.planning.planner import (
    InputsRefused,
    NoPlaybookMatches,
    NotAsked,
    PlanningRequest,
    PlaybookUnusable,
    Proposal,
    SeveralPlaybooksMatch,
    UnknownPlaybook,
)
from awe.commands.planning.request import FromPlaybook, Given
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.inputs import with_defaults
from awe.domain.plan.playbook.matching import best
from awe.domain.plan.playbook.model import Playbook
from awe.domain.plan.playbook.rendering import UnfitInputs, render
from awe.domain.plan.playbook.usable import playbook_faults
from awe.domain.schemas import Schemas

_MOST_LISTED: Final = 20


class Playbooks:
    """A library of playbooks under their names; of two with one name the later counts."""

    name: Final = "playbook"

    def __init__(self, playbooks: Iterable[Playbook] = (), *, schemas: Schemas) -> None:
        self._schemas = schemas
        self._known: Mapping[str, Playbook] = {playbook.name: playbook for playbook in playbooks}

    @property
    def known(self) -> Mapping[str, Playbook]:
        return self._known

    async def plan(self, request: PlanningRequest) -> Proposal:
        """Render the playbook that is meant.

        Raises:
            PlanRefused: none is meant or several are, or it makes no plan out of the inputs.
        """
        asked = request.planning
        if isinstance(asked, Given):
            raise NotAsked(self.name)
        playbook, place = self._meant(asked, request.goal)
        made_by = f"{self.name} {playbook.name} {playbook.version}"
        if faults := playbook_faults(playbook, self._schemas):
            raise PlaybookUnusable(made_by, *(fault.under(place) for fault in faults))
        try:
            document = render(playbook, request.goal, request.inputs, self._schemas)
        except UnfitInputs as unfit:
            raise InputsRefused(made_by, *unfit.faults) from unfit
        return Proposal(document, made_by, with_defaults(request.inputs, playbook.inputs))

    def _meant(self, asked: FromPlaybook | None, goal: str) -> tuple[Playbook, str]:
        """The playbook, and where it stands if the goal brought it along."""
        if asked is not None and asked.playbook is not None:
            return asked.playbook, "/planning/playbook"
        if asked is not None and asked.name is not None:
            return self._named(asked.name), ""
        return self._matching(goal), ""

    def _named(self, name: str) -> Playbook:
        if (playbook := self._known.get(name)) is not None:
            return playbook
        message = f"no playbook '{name}'; {self._listed()}"
        raise UnknownPlaybook(
            self.name, Fault(FaultCode.G003, "/planning/name", message, meant(name, self._known))
        )

    def _matching(self, goal: str) -> Playbook:
        found = best(goal, self._known.values())
        if not found:
            message = f"no playbook matches the goal; {self._listed()}"
            hint = "Name a playbook, word the goal like one of its phrases, or bring a plan."
            raise NoPlaybookMatches(self.name, Fault(FaultCode.G001, "/goal", message, hint))
        if len(found) > 1:
            names = ", ".join(playbook.name for playbook in found)
            message = f"several playbooks match the goal equally well: {names}"
            hint = "Name one of them."
            raise SeveralPlaybooksMatch(self.name, Fault(FaultCode.G002, "/goal", message, hint))
        return found[0]

    def _listed(self) -> str:
        """The known playbooks with their titles, for people who look for the right one."""
        if not self._known:
            return "none is known here"
        titled = [
            f"{name} ({playbook.title})" if playbook.title else name
            for name, playbook in sorted(self._known.items())
        ]
        more = f" and {len(titled) - _MOST_LISTED} more" if len(titled) > _MOST_LISTED else ""
        return f"known are: {', '.join(titled[:_MOST_LISTED])}{more}"
