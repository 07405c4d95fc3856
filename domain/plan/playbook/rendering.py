"""From a playbook and inputs to an ordinary plan: the same inputs always make the same plan.

The plan's `inputs` schema stands beside the playbook's: whoever accepts the plan checks the run's inputs against it.
"""

from pydantic import JsonValue

from awe.domain.plan.bindings import KEY, candidates
from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.inputs import input_faults, with_defaults
from awe.domain.plan.playbook.model import Playbook
from awe.domain.plan.playbook.placeholders import PARAM, Placeholder, placeholders, substituted
from awe.domain.plan.pointer import join, resolve, tokens_of
from awe.domain.schemas import Schemas


class UnfitInputs(ValueError):  # noqa: N818 (named for the fact, like the rejections)
    """The playbook makes no plan out of these inputs; `faults` say why, with places like `/inputs/repo`."""

    def __init__(self, playbook: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"the playbook '{playbook}' refuses the inputs: {faults[0].message}")
        self.faults = faults


def render(
    playbook: Playbook, goal: str, inputs: dict[str, JsonValue], schemas: Schemas
) -> dict[str, JsonValue]:
    """The plan's document, of which nobody has said yet that it is a good plan.

    Raises:
        UnfitInputs: the inputs are not what the playbook, in which nothing else is wrong, takes.
    """
    filled = with_defaults(inputs, playbook.inputs)
    refusals = [
        fault.under("/inputs")
        for fault in input_faults(filled, playbook.inputs, schemas)
        if fault.severity is Severity.ERROR
    ]
    faults = tuple(refusals or _misplaced(playbook, filled))
    if faults:
        raise UnfitInputs(playbook.name, faults)
    own: dict[str, JsonValue] = {
        "name": playbook.name,
        "version": playbook.version,
        "goal": goal,
        "inputs": playbook.inputs,
    }
    return own | {
        name: substituted(member, lambda placeholder: _value(placeholder, filled))
        for name, member in playbook.plan.items()
    }


def _misplaced(playbook: Playbook, inputs: dict[str, JsonValue]) -> list[Fault]:
    faults: list[Fault] = []
    for at, written in placeholders(playbook.plan):
        placeholder = Placeholder.model_validate(written)
        place = join("inputs", placeholder.name) + placeholder.path
        try:
            value = _value(placeholder, inputs)
        except LookupError:
            message = f"the playbook's plan needs what is here, at {join('plan', *at)}, and there is nothing"
            faults.append(Fault(FaultCode.G013, place, message, "Give the input this member."))
            continue
        if any(True for _ in candidates(value)):
            message = f"an input with the key '{KEY}' would become part of the plan's data flow"
            hint = f'Give it without that key; the author can pass it on by {{"{KEY}": "inputs"}} instead of {PARAM}.'
            faults.append(Fault(FaultCode.G013, place, message, hint))
    return list(dict.fromkeys(faults))


def _value(placeholder: Placeholder, inputs: dict[str, JsonValue]) -> JsonValue:
    return resolve(inputs, (placeholder.name, *tokens_of(placeholder.path)))
