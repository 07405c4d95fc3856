"""What documents show is what the program says today."""

import json
import re
from pathlib import Path

from awe.adapters.playbooks.library import read_playbook
from awe.adapters.schemas import JsonSchemas
from awe.api.cli.exit_codes import MEANINGS
from awe.api.settings import Settings
from awe.domain.plan.lint.findings import Code
from awe.domain.plan.playbook.rendering import render
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
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", _prose(page)):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_lists_every_setting_and_every_command(cli: Cli) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, settings = readme.partition("## Settings")
    assert set(re.findall(r"`(AWE_[A-Z_]+)`", settings.partition("## Develop")[0])) == {
        f"AWE_{name.upper()}" for name in Settings.model_fields
    }
    listed = re.findall(r"^  (\w+) +[A-Z]", cli("--help").out.partition("Commands:")[2], re.MULTILINE)
    assert listed
    assert [noun for noun in listed if f"`awe {noun}" not in readme] == []


def test_the_plan_of_the_report_looks_as_drawn(cli: Cli) -> None:
    """What is drawn is the plan that `make demo` runs; draw it again after a change, with `awe plan show -o svg`."""
    example = ROOT / "examples" / "repo-report"
    schemas = JsonSchemas()
    playbook = read_playbook(example / "playbook.yaml", schemas)
    goal = "Write a release-readiness report of this git repository"
    assert goal in (example / "goal.yaml").read_text(encoding="utf-8")
    plan = json.dumps(render(playbook, goal, {"repo": "."}, schemas)).encode()
    drawn = cli("plan", "show", "-", "--output", "svg", stdin=plan).out
    assert drawn == (ROOT / "docs" / "images" / "repo-report.svg").read_text(encoding="utf-8")


def test_the_exit_codes_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "guides" / "operating.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d+) \| (.+) \|$", page.partition("## Exit codes")[2], re.MULTILINE)
    assert told == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def _prose(page: Path) -> str:
    """The page without its code."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]+`", "", text)
