# ruff: noqa: INP001 (the folder of a goal is no package)
"""What this report needs beside the built-in tools: from facts to findings, from findings to a document, and a check."""

from facts import Evidence, FileFacts, Findings, Totals, Verification
from rules import Sources, findings
from sections import document
from typing_extensions import TypedDict

from awe import tool
from awe.adapters.tools.builtin.chart.data import Chart
from awe.adapters.tools.builtin.document.model import Document
from awe.adapters.tools.builtin.git.churn import Churn, FileChurn
from awe.adapters.tools.builtin.git.contributors import Contributors
from awe.adapters.tools.builtin.git.log import Log
from awe.adapters.tools.builtin.git.marks import Marks
from awe.adapters.tools.builtin.git.parameters import At, Repository
from awe.adapters.tools.builtin.git.show import Shown
from awe.adapters.tools.builtin.git.summary import Summary
from awe.adapters.tools.builtin.git.tags import Tags
from awe.adapters.tools.builtin.project.dependencies import Dependencies
from awe.adapters.tools.builtin.project.licences import Licences


class Composed(TypedDict):
    document: Document


@tool(name="report.file_facts", effect="read", output_cap_bytes=8_192)
def file_facts(file: FileChurn, shown: Shown) -> FileFacts:
    """Put the history of a file beside its present size."""
    return FileFacts(
        path=file["path"],
        commits=file["commits"],
        authors=file["authors"],
        lines=shown["lines"],
        bytes=shown["bytes"],
        changed=round((file["added"] + file["removed"]) / max(1, shown["lines"]), 2),
        last_time=file["last_time"],
        last_commit=file["last_commit"],
    )


@tool(name="report.findings", effect="read")
def report_findings(
    history: Summary,
    log: Log,
    contributors: Contributors,
    churn: Churn,
    tags: Tags,
    marks: Marks,
    dependencies: Dependencies,
    licences: Licences,
    files: list[FileFacts],
) -> Findings:
    """Judge the facts; every finding cites commits or files."""
    found = list(
        findings(Sources(history, log, contributors, churn, tags, marks, dependencies, licences, files))
    )
    return Findings(
        findings=found,
        risks=sum(each["weight"] == "risk" for each in found),
        totals=Totals(
            commits=history["commits"],
            by_author=contributors["commits"],
            by_month=sum(each["commits"] for each in churn["months"]),
        ),
    )


@tool(name="report.verify", effect="read", timeout_s=300, heavy=True)
def report_verify(repo: Repository, at: At, findings: Findings) -> Verification:
    """Read the repository again, by another way, and look for everything that the findings cite."""
    from dulwich.objects import Commit, ObjectID  # noqa: PLC0415 (loaded where it is called only)

    from awe.adapters.tools.builtin.git import repository, tree_files  # noqa: PLC0415 (likewise)

    cited = [evidence for finding in findings["findings"] for evidence in finding["evidence"]]
    with repository.opened(repo) as opened:
        tip = repository.commit_at(opened, at)
        commits = sum(1 for _ in opened.get_walker(include=[tip.id])) if tip else 0
        paths = {file.path for file in tree_files.files_of(opened, tip)}

        def is_there(evidence: Evidence) -> bool:
            if evidence["kind"] == "file":
                return evidence["ref"] in paths
            sha = ObjectID(evidence["ref"].encode())
            return sha in opened.object_store and isinstance(opened.object_store[sha], Commit)

        missing = [each["ref"] for each in cited if not is_there(each)]
    return Verification(
        commits=commits,
        cited=len(cited),
        missing=missing,
        commits_agree={commits} == set(findings["totals"].values()),
    )


@tool(name="report.compose", effect="read")
def report_compose(
    history: Summary,
    log: Log,
    contributors: Contributors,
    churn: Churn,
    tags: Tags,
    marks: Marks,
    dependencies: Dependencies,
    licences: Licences,
    files: list[FileFacts],
    findings: Findings,
    verification: Verification,
    activity: Chart,
    hot_spots: Chart | None = None,
) -> Composed:
    """Write the report as a document, which other tools make files of."""
    sources = Sources(history, log, contributors, churn, tags, marks, dependencies, licences, files)
    return Composed(document=document(sources, findings, verification, activity, hot_spots))
