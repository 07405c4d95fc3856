"""P030 and P032-P034, P036: every reference names something that is there, and what is there fits where it goes."""

from collections.abc import Iterator

from awe.domain.plan.bindings import ITEM
from awe.domain.plan.lint.findings import Code, Finding, Severity
from awe.domain.plan.lint.structure import meant
from awe.domain.plan.lint.subject import Structure, Subject, Used
from awe.domain.plan.pointer import join, tokens_of
from awe.domain.plan.shapes.fit import Fit
from awe.domain.plan.shapes.paths import Found, Presence
from awe.domain.plan.shapes.size import size_bound
from awe.domain.plan.shapes.types import common_types
from awe.domain.plan.shapes.view import Shape, shape_of

_ARRAY = shape_of({"type": "array"})


def sources(structure: Structure) -> Iterator[Finding]:
    """P030."""
    known = structure.graph.index
    for reads in structure.reads:
        for read in reads:
            if read.name not in known:
                yield Finding.of(Code.P030, read.place, f"no task '{read.name}'", meant(read.name, known))
    for used in structure.references:
        if (fault := _misplaced(structure, used)) is not None:
            message, hint = fault
            yield Finding.of(Code.P030, f"{used.place}/$from", message, hint)


def _misplaced(structure: Structure, used: Used) -> tuple[str, str] | None:
    """What is wrong with a source that is no task, and what to do about it."""
    source, request = used.reference.source, used.reference.request
    if source == ITEM and (structure.plan.tasks[used.task].for_each is None or used.request is None):
        return "there is no item here", "`item` is the item at hand in a task with `for_each`."
    if request is not None and (used.request is None or request >= used.request):
        return (
            f"'{source}' does not come before",
            "`requests/N` names an earlier tool request of the same task.",
        )
    return None


def flow(subject: Subject) -> Iterator[Finding]:
    """P032, P033, P034 and P036, as far as the schemas on both sides are known."""
    for used in subject.references:
        source = subject.source(used.task, used.reference)
        if source is None or _misplaced(subject, used) is not None:
            continue
        found = subject.paths.follow(source, tokens_of(used.reference.path))
        consumer = _consumer(subject, used)
        if found.presence is Presence.ABSENT:
            yield _absent(f"{used.place}/path", used.reference.source, used.reference.path)
        elif consumer is not None:
            yield from _fits(subject, used, found, consumer)
        yield from _size(subject, used, found)
    yield from _plan_outputs(subject)
    yield from _narrowed(subject)


def _consumer(subject: Subject, used: Used) -> Found | None:
    """What the place of the reference accepts, and whether something must be there; `None` where nobody says."""
    if used.request is None:
        return Found(Presence.PRESENT, _ARRAY)
    contract = subject.contracts[used.task][used.request]
    if contract is None:
        return None
    shape = shape_of(contract.input_schema)
    if not used.at:
        return Found(Presence.PRESENT, shape)
    *around, last = map(str, used.at)
    holder = subject.paths.follow(shape, tuple(around))
    place = subject.paths.follow(holder.shape, (last,)) if holder.described else holder
    return place if place.described else None


def _absent(place: str, source: str, path: str) -> Finding:
    message = f"the schema of '{source}' has nothing at '{path}'"
    return Finding.of(Code.P032, place, message, "Bind to a field that the producer promises.")


def _fits(subject: Subject, used: Used, found: Found, consumer: Found) -> Iterator[Finding]:
    """P033 and P034."""
    answer = subject.comparison.fit(found.shape, consumer.shape)
    if answer is Fit.NO:
        message = f"'{_where(used)}' is {_named(found.shape)}, but here goes {_named(consumer.shape)}"
        yield Finding.of(Code.P033, used.place, message, "Bind to something of the type that is wanted.")
    elif answer is Fit.MAYBE:
        message = f"whether '{_where(used)}' fits cannot be told: it is {_named(found.shape)}, here goes {_named(consumer.shape)}"
        hint = "Narrow the producer with an `output_schema`, which is checked when the output is there."
        yield Finding.of(Code.P033, used.place, message, hint, severity=Severity.WARNING)
    needed = consumer.presence is Presence.PRESENT and not (used.at and isinstance(used.at[-1], int))
    if found.presence is Presence.OPTIONAL and needed and not used.reference.has_default:
        message = f"'{_where(used)}' may be absent, but something must be here"
        yield Finding.of(
            Code.P034, used.place, message, "Add a `default`, or bind to a field that is always there."
        )


def _where(used: Used) -> str:
    return f"{used.reference.source}{used.reference.path}"


def _named(shape: Shape) -> str:
    """The types of a shape in words."""
    return " or ".join(sorted(common_types(shape) or ())) or "of an unknown type"


def _size(subject: Subject, used: Used, found: Found) -> Iterator[Finding]:
    """P036: the output cap of the tool counts, unless the schema has a lower bound."""
    cap, limit = _cap(subject, used), subject.limits.max_binding_bytes
    if cap is None or cap <= limit:
        return
    bound = size_bound(found.shape)
    largest = cap if bound is None else min(cap, bound)
    if largest > limit:
        message = f"up to {largest:,} bytes may be bound here; the limit is {limit:,}"
        hint = "Bind to the part that is needed, lower `max_items`, or have the producer write an artifact."
        yield Finding.of(Code.P036, used.place, message, hint)


def _cap(subject: Subject, used: Used) -> int | None:
    """The most bytes that the source of a reference may have; `None` where nobody caps it."""
    if (request := used.reference.request) is not None:
        contract = subject.contracts[used.task][request]
        return None if contract is None else contract.output_cap_bytes
    index = subject.graph.index.get(used.reference.task or "")
    if index is None or (contract := subject.contracts[index][-1]) is None:
        return None
    each = subject.plan.tasks[index].for_each
    many = 1 if each is None or used.reference.path else (each.max_items or 1)
    return contract.output_cap_bytes * many


def _plan_outputs(subject: Subject) -> Iterator[Finding]:
    """P032 for what the plan returns."""
    for name, reference in subject.plan.outputs.items():
        index = subject.graph.index.get(reference.source)
        shape = None if index is None else subject.outputs[index]
        if (
            shape is not None
            and subject.paths.follow(shape, tokens_of(reference.path)).presence is Presence.ABSENT
        ):
            yield _absent(join("outputs", name, "path"), reference.source, reference.path)


def _narrowed(subject: Subject) -> Iterator[Finding]:
    """P033 for an `output_schema` that no output of the tool can meet."""
    for number, (task, contracts) in enumerate(zip(subject.plan.tasks, subject.contracts, strict=True)):
        contract, schema = contracts[-1], task.output_schema
        if contract is None or schema is None or subject.schemas.check_schema(schema):
            continue
        if subject.comparison.fit(shape_of(contract.output_schema), shape_of(schema)) is Fit.NO:
            message = f"no output of '{contract.name}' meets this schema"
            hint = "Demand what the contract of the last tool request promises, or less."
            yield Finding.of(Code.P033, join("tasks", number, "output_schema"), message, hint)
