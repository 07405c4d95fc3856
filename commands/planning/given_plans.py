"""The planner of those who bring their plan along."""

from typing import Final

from awe.commands.blobs import Blobs
from awe.commands.planning.planner import NotAsked, PlanningRequest, Proposal
from awe.commands.planning.request import Given


class GivenPlans:
    """Hands over the plan in the request, or the bytes of the blob that it names."""

    name: Final = "given"

    def __init__(self, *, blobs: Blobs) -> None:
        self._blobs = blobs

    async def plan(self, request: PlanningRequest) -> Proposal:
        """Hand over the plan.

        Raises:
            NotAsked: the request brings no plan.
            BlobMissing: the plan's blob is gone.
        """
        asked = request.planning
        if not isinstance(asked, Given):
            raise NotAsked(self.name)
        if asked.plan is not None:
            return Proposal(asked.plan, self.name, request.inputs)
        return Proposal(await self._blobs.get(asked.plan_blob or ""), self.name, request.inputs)
