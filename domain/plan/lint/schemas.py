"""P000 for the JSON Schemas that a plan itself holds: a schema that cannot be used is no part of a plan."""

from collections.abc import Iterator

from awe.domain.plan.lint.findings import Code, Finding
from awe.domain.plan.lint.subject import Subject


def schemas(subject: Subject) -> Iterator[Finding]:
    """The schema of the run's inputs and those that narrow outputs."""
    held = {
        f"/tasks/{number}/output_schema": task.output_schema for number, task in enumerate(subject.plan.tasks)
    }
    for place, schema in {"/inputs": subject.plan.inputs, **held}.items():
        for fault in () if schema is None else subject.schemas.check_schema(schema):
            yield Finding.of(
                Code.P000, place, f"no usable JSON Schema: {fault}", "Draft 2020-12, without remote `$ref`."
            )
