"""`awe plan`: what can be said of a plan before anything runs. No command here needs a server."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Final

import typer

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.api.cli import input_file, output, plan_text, report_output
from awe.api.cli.as_written import as_written
from awe.api.cli.drawing.svg import svg
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.input_file import Input, PlanFile
from awe.api.cli.nouns import SUMMARIES, noun
from awe.api.cli.plain import plain
from awe.api.cli.plan_outline import Outline
from awe.api.cli.report_output import ReportOutput
from awe.domain.plan.canonical import document
from awe.domain.plan.lint.catalogue import Catalogue, CatalogueError
from awe.domain.plan.lint.findings import Severity
from awe.domain.plan.lint.fixes import apply_fixes
from awe.domain.plan.lint.limits import LIMITS
from awe.domain.plan.lint.linter import lint as lint_plan
from awe.domain.plan.lint.parse import parse_plan
from awe.domain.plan.model import Plan
from awe.domain.plan.schema import plan_json_schema

app = noun(SUMMARIES["plan"])


_READ_AT_MOST: Final = 8 * LIMITS.max_bytes  # enough to tell how much too large a file is


class Drawing(StrEnum):
    TEXT = "text"
    SVG = "svg"
    JSON = "json"


@app.command()
def lint(
    file: PlanFile,
    *,
    tools: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The contracts of the tools, a JSON array; without it, calls go unchecked."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let warnings fail too, missing --tools among them.")
    ] = False,
    form: Annotated[
        ReportOutput,
        typer.Option("--output", "-o", help="'table' to read, 'json' for programs, 'sarif' for code hosts."),
    ] = ReportOutput.TABLE,
) -> ExitCode:
    """Check a plan: structure, tools, data flow, criteria.

    Every finding has a stable code, a JSON Pointer to its place and a hint. Ends with 0 when no finding is an error,
    with 2 otherwise.
    """
    given = input_file.read(file, at_most=_READ_AT_MOST)
    report = lint_plan(given.data, _catalogue(tools), CelExpressions(), JsonSchemas())
    report_output.tell(report, given, form)
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return ExitCode.INVALID if any(found.severity in failing for found in report.findings) else ExitCode.OK


@app.command()
def fix(
    file: PlanFile,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Replace FILE instead of printing the plan.")
    ] = False,
) -> ExitCode:
    """Apply every fix that is safe, and print the fixed plan.

    What was applied is listed on standard error. Fixing a fixed plan changes nothing.
    """
    if write and file == input_file.STANDARD_INPUT:
        raise CliError(ExitCode.INVALID, "usage", "Standard input cannot be replaced.", "Leave out --write.")
    given = input_file.read(file, at_most=_READ_AT_MOST)
    plan = _parsed(given)
    fixed, applied = apply_fixes(plan)
    text = json.dumps(
        as_written(json.loads(given.data), document(plan), document(fixed)), ensure_ascii=False, indent=2
    )
    if not write:
        output.data(text)
    elif applied:
        input_file.replace(file, text + "\n")
    for finding in applied:
        done = finding.fix.title if finding.fix is not None else ""
        output.note(plain(f"{finding.code.value} at {finding.path}: {finding.message}: {done}"))
    output.note(f"{given.name}: {len(applied)} fixed" if applied else f"{given.name}: nothing to fix")
    return ExitCode.OK


@app.command()
def show(
    file: PlanFile,
    *,
    form: Annotated[
        Drawing, typer.Option("--output", "-o", help="'text' to read, 'svg' to look at, 'json' for programs.")
    ] = Drawing.TEXT,
) -> ExitCode:
    """Draw a plan's graph: levels, dependencies, tools, conditions.

    The SVG stands alone: it refers to nothing outside itself and suits a light and a dark page.
    """
    given = input_file.read(file, at_most=_READ_AT_MOST)
    plan = _parsed(given)
    outline = Outline.of(plan)
    if cycle := outline.graph.cycle:
        names = [plan.tasks[task].id for task in cycle]
        raise CliError(
            ExitCode.INVALID,
            "plan_cyclic",
            f"{given.name}: tasks wait for each other: {' → '.join((*names, names[0]))}.",
            "Remove one of these dependencies; 'awe plan lint' says where they stand.",
        )
    for task, name in outline.missing:
        output.note(plain(f"warning: task {task!r} depends on {name!r}, which the plan does not have."))
    if form is Drawing.JSON:
        output.document(outline.document())
    else:
        output.data(svg(outline) if form is Drawing.SVG else plan_text.text(outline))
    return ExitCode.OK


@app.command()
def schema() -> None:
    """Print the JSON Schema of plans, for editors and for models that write plans."""
    output.document(plan_json_schema())


def _parsed(given: Input) -> Plan:
    plan = parse_plan(given.data)
    if isinstance(plan, Plan):
        return plan
    first = plan.findings[0]
    raise CliError(
        ExitCode.INVALID,
        "plan_invalid",
        f"{given.name} is no plan, at {first.path or 'its top'}: {first.message}.",
        f"{first.hint} 'awe plan lint' lists every finding.",
    )


def _catalogue(file: str | None) -> Catalogue | None:
    if file is None:
        return None
    try:
        return Catalogue.from_json(input_file.read(file, at_most=_READ_AT_MOST).data)
    except CatalogueError as error:
        raise CliError(
            ExitCode.INVALID,
            "tools_invalid",
            f"{file} is no catalogue of tools: {error}.",
            "Give a JSON array of tool contracts.",
        ) from error
