"""What planning needs in a test: planners over the small catalogue, blobs in memory, and what they find."""

from typing import Any

from awe.adapters.expressions import CelExpressions
from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.planning.given_plans import GivenPlans
from awe.commands.planning.playbooks import Playbooks
from awe.commands.planning.preview import Preview, preview
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.playbook.model import Playbook
from support.catalogue import CATALOGUE
from support.playbooks import SCHEMAS

EXPRESSIONS = CelExpressions()


def planners(*playbooks: Playbook, blobs: MemoryBlobs | None = None) -> tuple[GivenPlans, Playbooks]:
    return GivenPlans(blobs=blobs or MemoryBlobs()), Playbooks(playbooks, schemas=SCHEMAS)


async def previewed(
    *playbooks: Playbook,
    goal: str = "whatever",
    inputs: dict[str, Any] | None = None,
    tools: tuple[str, ...] | None = None,
    planning: dict[str, Any] | None = None,
    blobs: MemoryBlobs | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Preview:
    return await preview(
        goal=goal,
        inputs={"text": "long"} if inputs is None else inputs,
        tools=tools,
        planning=planning,
        planners=planners(*playbooks, blobs=blobs),
        catalogue=catalogue,
        expressions=EXPRESSIONS,
        schemas=SCHEMAS,
    )


def found(seen: Preview) -> list[tuple[str, str]]:
    assert all(finding.hint and finding.message for finding in seen.findings)
    return [(finding.code, finding.path) for finding in seen.findings]
