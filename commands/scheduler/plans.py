"""Plans as objects: each is read once for all runs of it, since nothing in a plan ever changes."""

import hashlib
from typing import Any, Final
from weakref import WeakValueDictionary

from pydantic_core import from_json

from awe.commands.blobs import Blobs
from awe.commands.planning.recent import Recent
from awe.domain.events import Json
from awe.domain.plan.canonical import canonical, canonical_json
from awe.domain.plan.model import Plan
from awe.domain.run.events import PlanProposed

_LATELY: Final = 16
_LATELY_TASKS: Final = 5_000
"""One plan of the largest kind; a task takes 5 KB."""


class Plans:
    """By digest, those in use by any run and the last ones beside: soon there may be another run of the same plan."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._in_use: WeakValueDictionary[str, Plan] = WeakValueDictionary()
        self._lately: Recent[str, Plan] = Recent(most=_LATELY, heaviest=_LATELY_TASKS)

    async def of(self, proposal: PlanProposed) -> Plan:
        """The plan that was proposed.

        Raises:
            BlobMissing: it lay in a blob that is gone.
        """
        plan = self._in_use.get(proposal.digest)
        if plan is None:
            said: Any = proposal.plan
            if said is None:
                said = from_json(await self._blobs.get(proposal.digest))
            plan = Plan.model_validate(said)
        return self._keep(proposal.digest, plan)

    async def store(self, digest: str, document: dict[str, Json]) -> None:
        """Put a plan into the blob of its digest; it is soon asked for, and then need not be read again."""
        plan = self._in_use.get(digest) or Plan.model_validate(document)
        # What was examined is canonical: no second document has to be made of it.
        written = canonical_json(document)
        if hashlib.sha256(written).hexdigest() != digest:
            written = canonical(plan)
        self._keep(await self._blobs.put(written), plan)

    def _keep(self, digest: str, plan: Plan) -> Plan:
        self._in_use[digest] = plan
        self._lately.put(digest, plan, len(plan.tasks))
        return plan
