"""P050-P052: every task says what a good result is, in expressions that compile, read what is there, and depend on it.

P052 is certain: a source that compiles without a variable does not read it. It is a warning since it weighs what P050
weighs: were it an error, leaving the criterion out would pass where an idle one does not.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from awe.domain.expressions import Declarations
from awe.domain.plan import environments
from awe.domain.plan.lint.findings import Code, Finding
from awe.domain.plan.lint.subject import Subject, is_task
from awe.domain.plan.mentions import mentions
from awe.domain.plan.settled import settled
from awe.domain.plan.shapes.paths import Presence
from awe.domain.plan.shapes.view import UNKNOWN, Shape

_CONDITION = tuple(name for name, _ in environments.CONDITION)


class _Expression(NamedTuple):
    """An expression and its place, the variables it sees, their shapes where known, and those it must depend on."""

    place: str
    source: str
    sees: Declarations
    described: Mapping[str, Shape]
    about: Collection[str]


def criteria(subject: Subject) -> Iterator[Finding]:
    """All three rules, for criteria and conditions."""
    for number, task in enumerate(subject.plan.tasks):
        if not task.acceptance_criteria:
            message = f"nothing says when the result of '{task.id}' is good"
            hint = "Add a criterion, such as `size(output.items) > 0`."
            yield Finding.of(Code.P050, f"/tasks/{number}", message, hint)
    expressions = list(_expressions(subject))
    # in one go: between other work, the compiler takes a quarter longer
    faults = [_faults(subject, expression) for expression in expressions]
    for expression, wrong in zip(expressions, faults, strict=True):
        yield from _refused(subject, expression, wrong) if wrong else _compiled(subject, expression)


def _expressions(subject: Subject) -> Iterator[_Expression]:
    known = {} if subject.inputs is None else {"inputs": subject.inputs}
    for number, task in enumerate(subject.plan.tasks):
        at = f"/tasks/{number}"
        if task.when is not None:
            yield _Expression(f"{at}/when", task.when, environments.CONDITION, known, _CONDITION)
        result = subject.results[number]
        sees = environments.criterion(result or UNKNOWN)
        described = known if result is None else known | {"output": result}
        for index, each in enumerate(task.acceptance_criteria):
            place = f"{at}/acceptance_criteria/{index}/source"
            yield _Expression(place, each.source, sees, described, environments.MADE_BY_THE_TASK)


def _too_long(subject: Subject, expression: _Expression) -> bool:
    return len(expression.source) > subject.limits.max_expression


def _faults(subject: Subject, expression: _Expression) -> tuple[str, ...]:
    if _too_long(subject, expression):
        limit = subject.limits.max_expression
        return (f"{len(expression.source):,} characters; the limit is {limit:,}",)
    return subject.expressions.compile(expression.source, expression.sees)


def _refused(subject: Subject, expression: _Expression, faults: tuple[str, ...]) -> Iterator[Finding]:
    """P051: the compiler's word."""
    hint = f"It sees {', '.join(name for name, _ in expression.sees)}."
    if _too_long(subject, expression):
        hint = "Let a tool compute what is hard to say."
    for fault in faults:
        yield Finding.of(Code.P051, expression.place, fault, hint)


def _compiled(subject: Subject, expression: _Expression) -> Iterator[Finding]:
    """P051 for what is read, and P052."""
    yield from _fields(subject, expression)
    if settled(expression.source) or not _depends(subject, expression):
        names = ", ".join(expression.about)
        message = f"it comes to the same whatever it is given as {names}"
        hint = "Let it depend on one of these, or leave it out."
        yield Finding.of(Code.P052, expression.place, message, hint)


def _depends(subject: Subject, expression: _Expression) -> bool:
    """Whether the source reads one of the variables that it is about: without them it would not compile.

    The compiler need not be asked where the text tells: a name that a macro binds stands alone at that place, so one
    that only ever stands before a field is the variable.
    """
    chains, about = mentions(expression.source), expression.about
    if any(chain[0] in about and chain[:1] not in chains for chain in chains):
        return True
    others = tuple(declared for declared in expression.sees if declared[0] not in about)
    return bool(subject.expressions.compile(expression.source, others))


def _fields(subject: Subject, expression: _Expression) -> Iterator[Finding]:
    """P051 for fields that no schema promises."""
    for chain in mentions(expression.source):
        shape, path = expression.described.get(chain[0]), chain[1:]
        if is_task(chain):
            index = subject.graph.index.get(chain[1])
            shape, path = None if index is None else subject.outputs[index], chain[2:]
        if shape is not None and subject.paths.follow(shape, path).presence is Presence.ABSENT:
            message = f"there is no '{'.'.join(chain)}'"
            yield Finding.of(Code.P051, expression.place, message, "Read a field that the schema promises.")
