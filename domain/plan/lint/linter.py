"""The linter: every rule over one plan, one report. It is pure; what it needs to know of the world it is handed."""

from collections.abc import Iterator

from awe.domain.expressions import Expressions
from awe.domain.plan.lint import structure
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.criteria import criteria
from awe.domain.plan.lint.edges import edges
from awe.domain.plan.lint.findings import Finding, Report
from awe.domain.plan.lint.flow import flow, sources
from awe.domain.plan.lint.limits import LIMITS, Limits
from awe.domain.plan.lint.parse import parse_plan
from awe.domain.plan.lint.schemas import schemas as own_schemas
from awe.domain.plan.lint.subject import Subject
from awe.domain.plan.lint.tools import tools
from awe.domain.plan.model import Plan
from awe.domain.schemas import Schemas


def lint(
    plan: Plan | bytes,
    catalogue: Catalogue | None,
    expressions: Expressions,
    schemas: Schemas,
    limits: Limits = LIMITS,
) -> Report:
    """Everything that is wrong with the plan, or with the bytes that were to be one; never an exception for either."""
    parsed = parse_plan(plan, limits) if isinstance(plan, bytes) else plan
    if isinstance(parsed, Report):
        return parsed
    subject = Subject(parsed, catalogue, expressions, schemas, limits)
    findings = list(structure.too_many(subject, limits)) or list(_findings(subject))
    return Report.of(findings, at_most=limits.max_findings)


def _findings(subject: Subject) -> Iterator[Finding]:
    yield from own_schemas(subject)
    yield from structure.duplicates(subject)
    yield from structure.dependencies(subject)
    yield from structure.cycles(subject)
    yield from structure.orphans(subject)
    yield from structure.outputs(subject)
    yield from structure.extent(subject, subject.limits)
    yield from structure.fan_out(subject, subject.limits)
    yield from edges(subject)
    yield from sources(subject)
    yield from tools(subject)
    yield from flow(subject)
    yield from criteria(subject)
