"""P050 and P051: every task says what a good result is, in expressions that compile and read what is there."""

from collections.abc import Iterator, Mapping

from awe.domain.expressions import Declarations
from awe.domain.plan import environments
from awe.domain.plan.lint.findings import Code, Finding
from awe.domain.plan.lint.subject import Subject, is_task
from awe.domain.plan.mentions import mentions
from awe.domain.plan.shapes.paths import Presence
from awe.domain.plan.shapes.view import UNKNOWN, Shape


def criteria(subject: Subject) -> Iterator[Finding]:
    """Both rules, for criteria and conditions."""
    known = {} if subject.inputs is None else {"inputs": subject.inputs}
    for number, task in enumerate(subject.plan.tasks):
        if not task.acceptance_criteria:
            message = f"nothing says when the result of '{task.id}' is good"
            hint = "Add a criterion, such as `size(output.items) > 0`."
            yield Finding.of(Code.P050, f"/tasks/{number}", message, hint)
        if task.when is not None:
            yield from _expression(subject, f"/tasks/{number}/when", task.when, environments.CONDITION, known)
        result = subject.results[number]
        declarations = environments.criterion(result or UNKNOWN)
        described = known if result is None else known | {"output": result}
        for index, each in enumerate(task.acceptance_criteria):
            place = f"/tasks/{number}/acceptance_criteria/{index}/source"
            yield from _expression(subject, place, each.source, declarations, described)


def _expression(
    subject: Subject, place: str, source: str, declarations: Declarations, described: Mapping[str, Shape]
) -> Iterator[Finding]:
    """P051: the compiler's word, then whether the fields that the expression reads exist."""
    limit = subject.limits.max_expression
    if len(source) > limit:
        message = f"{len(source):,} characters; the limit is {limit:,}"
        yield Finding.of(Code.P051, place, message, "Let a tool compute what is hard to say.")
        return
    faults = subject.expressions.compile(source, declarations)
    for fault in faults:
        yield Finding.of(Code.P051, place, fault, f"It sees {', '.join(name for name, _ in declarations)}.")
    if not faults:
        yield from _fields(subject, place, source, described)


def _fields(subject: Subject, place: str, source: str, described: Mapping[str, Shape]) -> Iterator[Finding]:
    for chain in mentions(source):
        shape, path = described.get(chain[0]), chain[1:]
        if is_task(chain):
            index = subject.graph.index.get(chain[1])
            shape, path = None if index is None else subject.outputs[index], chain[2:]
        if shape is not None and subject.paths.follow(shape, path).presence is Presence.ABSENT:
            message = f"there is no '{'.'.join(chain)}'"
            yield Finding.of(Code.P051, place, message, "Read a field that the schema promises.")
