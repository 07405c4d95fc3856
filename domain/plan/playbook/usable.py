"""What makes a playbook unusable, found before any goal comes: G004, with places in the playbook."""

from collections.abc import Iterator

from awe.domain.plan.bindings import INPUTS, KEY, candidates
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.inputs import declared
from awe.domain.plan.playbook.model import Playbook
from awe.domain.plan.playbook.placeholders import PARAM, placeholders
from awe.domain.plan.pointer import join, tokens_of
from awe.domain.schemas import Schemas


def playbook_faults(playbook: Playbook, schemas: Schemas) -> tuple[Fault, ...]:
    """Everything that can be said against the playbook without inputs; none: every fault later is one of the inputs."""
    if broken := schemas.check_schema(playbook.inputs):
        hint = "Draft 2020-12, without remote `$ref`."
        return tuple(_fault("/inputs", f"no usable JSON Schema: {fault}", hint) for fault in broken)
    return (*_defaults(playbook, schemas), *_parameters(playbook), *_references(playbook))


def _required(playbook: Playbook) -> frozenset[str]:
    names = playbook.inputs.get("required")
    return frozenset(str(name) for name in names) if isinstance(names, list) else frozenset()


def _with_default(playbook: Playbook) -> frozenset[str]:
    return frozenset(
        name
        for name, member in declared(playbook.inputs).items()
        if isinstance(member, dict) and "default" in member
    )


def _defaults(playbook: Playbook, schemas: Schemas) -> Iterator[Fault]:
    """An input that is required has no use for a default; a default has to be what the schema wants."""
    for name, member in declared(playbook.inputs).items():
        if not isinstance(member, dict) or "default" not in member:
            continue
        place = join("inputs", "properties", name, "default")
        if name in _required(playbook):
            yield _fault(place, f"'{name}' is required and has a default", "Keep one of them.")
        for violation in schemas.validate({name: member["default"]}, playbook.inputs):
            if violation.at[:1] == (name,):
                message = f"the default of '{name}' is not what its schema allows: {violation.message}"
                yield _fault(place + join(*violation.at[1:]), message, "Mend the default or the schema.")


def _parameters(playbook: Playbook) -> Iterator[Fault]:
    known, always = declared(playbook.inputs), _required(playbook) | _with_default(playbook)
    for at, value in placeholders(playbook.plan):
        name, place = str(value[PARAM]), join("plan", *at, PARAM)
        if name not in known:
            yield _fault(place, f"no input '{name}' is declared under /inputs/properties", meant(name, known))
        elif name not in always:
            message = f"the input '{name}' may be missing: it is neither required nor has a default"
            yield _fault(place, message, "Require it, or give it a default (`null` is one).")


def _references(playbook: Playbook) -> Iterator[Fault]:
    """A run keeps its inputs as they were given: what binds to one at run time does not see the playbook's default."""
    defaulted = _with_default(playbook)
    for at, value in candidates(playbook.plan):
        path = value.get("path")
        if value[KEY] != INPUTS or "default" in value or not isinstance(path, str):
            continue
        name = next(iter(tokens_of(path)), None)
        if name in defaulted:
            message = f"the run's inputs may lack '{name}', whose default only the playbook knows"
            yield _fault(join("plan", *at), message, f'Write {{"{PARAM}": "{name}"}}, or add a "default".')


def _fault(path: str, message: str, hint: str) -> Fault:
    return Fault(FaultCode.G004, path, message, hint)
