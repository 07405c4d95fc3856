"""What documents show is what the program says today."""

import re
from pathlib import Path

from awe.domain.plan.lint.findings import Code
from support.cli import Cli

ROOT = Path(__file__).resolve().parents[2]
PLANS = ROOT / "examples" / "plans"


def test_every_lint_rule_is_in_the_table() -> None:
    rows = re.findall(
        r"^\| (P\d{3}) \| (\w+) \| (.+) \|$",
        (ROOT / "docs" / "lint.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert rows == [(code.name, code.severity.value, code.meaning) for code in Code]


def test_the_readme_shows_what_lint_says(cli: Cli) -> None:
    told = cli("plan", "lint", PLANS / "release-notes-broken.json", "--tools", PLANS / "tools.json")
    shown = told.out.replace(f"{ROOT}/", "")
    assert shown.strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_plan_has_no_finding_and_looks_as_drawn(cli: Cli) -> None:
    assert (
        "no findings"
        in cli("plan", "lint", PLANS / "release-notes.json", "--tools", PLANS / "tools.json").out
    )
    drawn = cli("plan", "show", PLANS / "release-notes.json", "--output", "svg").out
    assert drawn == (ROOT / "docs" / "images" / "release-notes.svg").read_text(encoding="utf-8")


def test_documents_link_to_what_exists() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
