# ruff: noqa: INP001 (the folder of a goal is no package)
"""What the tools of this report hand to one another."""

from typing import Literal

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.nullable import NullableNumber


class FileFacts(TypedDict):
    """A file that changes often: `changed` is how many times its own length was added and removed in all."""

    path: str
    commits: int
    authors: int
    lines: int
    bytes: int
    changed: float
    last_time: str
    last_commit: str


class Evidence(TypedDict):
    """Where a statement can be checked: a commit by its id, or a file by its path and, where it has one, a line."""

    kind: Literal["commit", "file"]
    ref: str
    line: NullableNumber


class Finding(TypedDict):
    id: str
    area: str
    weight: Literal["fine", "note", "risk"]
    statement: str
    evidence: list[Evidence]


class Totals(TypedDict):
    """The number of commits, counted in three ways."""

    commits: int
    by_author: int
    by_month: int


class Findings(TypedDict):
    findings: list[Finding]
    risks: int
    totals: Totals


class Verification(TypedDict):
    """What a fresh reading of the repository says to the findings."""

    commits: int
    cited: int
    missing: list[str]
    commits_agree: bool
