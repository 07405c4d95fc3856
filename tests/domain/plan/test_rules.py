"""Every rule has a plan that breaks it and nothing else, and a twin of that plan with which nothing is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.expressions import CelExpressions
from awe.adapters.schemas import JsonSchemas
from awe.domain.plan.canonical import document
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.lint.findings import Code, Report
from awe.domain.plan.lint.fixes import apply_fixes
from awe.domain.plan.lint.linter import lint
from awe.domain.plan.model import Plan
from awe.domain.plan.pointer import resolve, tokens_of
from support.catalogue import CATALOGUE
from support.plans import plan as random_plan

BROKEN = sorted(Path(__file__).parent.glob("broken/*.json"))
EXPRESSIONS, SCHEMAS = CelExpressions(), JsonSchemas()


def judge(plan: Any, catalogue: Catalogue | None = CATALOGUE) -> Report:
    return lint(json.dumps(plan).encode(), catalogue, EXPRESSIONS, SCHEMAS)


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_plan_breaks_one_rule_at_one_place(file: Path) -> None:
    case = json.loads(file.read_bytes())
    found = [(finding.code, finding.path, finding.severity) for finding in judge(case["plan"]).findings]
    assert found == [(file.stem.partition("-")[0], case["path"], case["severity"])]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_its_twin_or_its_mended_self_is_in_order(file: Path) -> None:
    case = json.loads(file.read_bytes())
    if "fixed" in case:
        broken = Plan.model_validate(case["plan"])
        (finding,) = judge(case["plan"]).findings
        mended, applied = apply_fixes(broken)
        assert [each.fix for each in applied] == [finding.fix]
        assert [task.id for task in mended.tasks] == [task.id for task in broken.tasks]
        assert judge(document(mended)).findings == ()
    else:
        assert judge(case["twin"]).findings == ()


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_the_path_leads_to_a_place_in_the_plan(file: Path) -> None:
    case = json.loads(file.read_bytes())
    resolve(case["plan"], tokens_of(case["path"]))


def test_no_rule_is_without_a_broken_plan() -> None:
    assert {file.stem.partition("-")[0] for file in BROKEN} == {code.value for code in Code} - {Code.P029}


def test_without_a_catalogue_that_is_said_once_and_the_rest_is_checked() -> None:
    plan = random_plan(seed=1, size=10)
    plan["tasks"][0]["deps"] = ["nobody"]
    report = judge(plan, catalogue=None)
    assert [(finding.code, finding.path) for finding in report.findings] == [
        (Code.P029, ""),
        (Code.P002, "/tasks/0/deps/0"),
    ]
    assert not report.ok


@pytest.mark.parametrize("seed", range(100))
def test_a_random_valid_plan_has_no_finding(seed: int) -> None:
    assert judge(random_plan(seed)).findings == ()
