# ruff: noqa: INP001 (the folder of a goal is no package)
"""The report as a document: what was found first, what it was found in after it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facts import Evidence, FileFacts, Findings, Verification
from rules import Sources, many

from awe.adapters.tools.builtin.chart.data import Chart
from awe.adapters.tools.builtin.document.model import (
    Block,
    Document,
    Image,
    Paragraph,
    Section,
    Statement,
    Table,
    TableColumn,
)
from awe.adapters.tools.builtin.document.model import Evidence as EvidenceBlock

MOST_ROWS = 25
SHORT = 10


def document(
    sources: Sources, findings: Findings, verification: Verification, activity: Chart, hot_spots: Chart | None
) -> Document:
    told = sources.history
    return Document(
        title=f"Release readiness of {told['name']}",
        subtitle=f"Commit {(told['head'] or '')[:SHORT]} of {(told['last_time'] or '')[:10]}"
        + (f", branch {told['branch']}" if told["branch"] else ""),
        sections=[
            Section(heading="Findings", blocks=list(_findings(findings))),
            Section(heading="Activity", blocks=list(_activity(sources, activity))),
            Section(heading="Hot spots", blocks=list(_hot_spots(sources.files, hot_spots))),
            Section(heading="People", blocks=[_people(sources)]),
            Section(
                heading="Open marks",
                blocks=[_table(sources.marks["marks"], mark="Mark", path="File", line="Line", text="Text")],
            ),
            Section(
                heading="Dependencies",
                blocks=[
                    _table(
                        sources.dependencies["dependencies"],
                        name="Package",
                        constraint="Versions",
                        group="Group",
                        source="Declared in",
                    )
                ],
            ),
            Section(
                heading="Licences",
                blocks=[_table(sources.licences["licences"], licence="Licence", kind="Kind", source="File")],
            ),
            Section(
                heading="Releases",
                blocks=[_table(sources.tags["tags"], name="Tag", time="Time", commit="Commit")],
            ),
            Section(heading="How this was checked", blocks=[_checked(findings, verification)]),
        ],
    )


def _findings(findings: Findings) -> Iterator[Block]:
    found, risks = many(len(findings["findings"]), "finding"), many(findings["risks"], "risk")
    yield Paragraph(text=f"{found}, {risks} among them. Each names where it can be checked.")
    yield _table(findings["findings"], id="No.", area="Area", weight="Weight", statement="Finding")
    yield EvidenceBlock(
        statements=[
            Statement(
                text=f"{each['id']}: {each['statement']}",
                sources=[_source(found) for found in each["evidence"]],
            )
            for each in findings["findings"]
        ]
    )


def _source(evidence: Evidence) -> str:
    if evidence["kind"] == "commit":
        return f"commit {evidence['ref']}"
    return evidence["ref"] if evidence["line"] is None else f"{evidence['ref']}, line {evidence['line']}"


def _activity(sources: Sources, activity: Chart) -> Iterator[Block]:
    yield Image(artifact=activity["png"], alt="Commits by month", caption="Commits by month")
    yield _table(
        sources.churn["months"][-12:],
        month="Month",
        commits="Commits",
        added="Lines added",
        removed="Lines removed",
    )


def _hot_spots(files: list[FileFacts], hot_spots: Chart | None) -> Iterator[Block]:
    if hot_spots is not None:
        yield Image(
            artifact=hot_spots["png"], alt="Commits by file", caption="The files that most commits changed"
        )
    yield _table(
        files, path="File", commits="Commits", authors="Authors", lines="Lines", changed="Times rewritten"
    )


def _people(sources: Sources) -> Block:
    return _table(
        sources.contributors["contributors"],
        name="Name",
        commits="Commits",
        first_time="First",
        last_time="Last",
    )


def _checked(findings: Findings, verification: Verification) -> Paragraph:
    return Paragraph(
        text=f"The repository was read again, by another way: it has {many(verification['commits'], 'commit')}, as "
        f"many as all authors ({findings['totals']['by_author']:,}) and all months "
        f"({findings['totals']['by_month']:,}) together; the {verification['cited']:,} commits and files that the "
        "findings cite are there."
    )


def _table(rows: Sequence[Mapping[str, Any]], **columns: str) -> Table | Paragraph:
    if not rows:
        return Paragraph(text="None.")
    shown = [{key: row[key] for key in columns} for row in rows[:MOST_ROWS]]
    more = len(rows) - len(shown)
    return Table(
        columns=[TableColumn(key=key, title=title) for key, title in columns.items()],
        rows=shown,
        caption=f"{more:,} more are not shown." if more else "",
    )
