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
        said: Any = proposal.plan
        if said is None and proposal.digest not in self._in_use:
            said = from_json(await self._blobs.get(proposal.digest))
        return self.read(proposal.digest, said)

    def read(self, digest: str, document: Any) -> Plan:
        """The plan of a document; it is soon asked for again, and then need not be read."""
        return self._keep(digest, self._in_use.get(digest) or Plan.model_validate(document))

    async def store(self, digest: str, document: dict[str, Json]) -> None:
        """Put a plan into the blob of its digest."""
        plan = self.read(digest, document)
        # What was examined is canonical: no second document has to be made of it.
        written = canonical_json(document)
        if hashlib.sha256(written).hexdigest() != digest:
            written = canonical(plan)
        self._keep(await self._blobs.put(written), plan)

    def _keep(self, digest: str, plan: Plan) -> Plan:
        self._in_use[digest] = plan
        self._lately.put(digest, plan, len(plan.tasks))
        return plan
