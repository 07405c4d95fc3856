"""A run calls the contracts that its plan was checked against, whatever is installed later: they are pinned by digest."""

from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.model import Plan


def pin_key(tool: str, version: str | None) -> str:
    """How a tool request names its contract among the pins: `git.log`, or `git.log@2` where it asks for a version."""
    return tool if version is None else f"{tool}@{version}"


def pins(plan: Plan, catalogue: Catalogue) -> dict[str, str]:
    """The digest of each contract that the plan's requests mean; what the catalogue does not have is left out."""
    found: dict[str, str] = {}
    for task in plan.tasks:
        for request in task.tool_requests:
            contract = catalogue.find(request.tool, request.version)
            if contract is not None:
                found[pin_key(request.tool, request.version)] = contract.digest
    return found
