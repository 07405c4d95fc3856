"""What the pages on playbooks and goals show works, and says what the code says."""

import re
from pathlib import Path
from typing import Any, cast

from awe.adapters.playbooks.goal_model import GoalFile
from awe.adapters.playbooks.goals import read_goal
from awe.commands.planning.playbooks import Playbooks
from awe.commands.planning.preview import preview
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.playbook.faults import FaultCode
from awe.domain.plan.playbook.model import Playbook
from support.planning import EXPRESSIONS
from support.playbooks import SCHEMAS

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = (ROOT / "docs" / "playbooks.md").read_text(encoding="utf-8")
GOALS = (ROOT / "docs" / "goals.md").read_text(encoding="utf-8")


def shown(page: str) -> list[str]:
    return re.findall(r"^```yaml\n(.+?)^```$", page, re.MULTILINE | re.DOTALL)


async def test_the_playbook_makes_a_plan_without_a_finding(tmp_path: Path) -> None:
    playbook, goal = shown(PLAYBOOKS)
    (tmp_path / "playbook.yaml").write_text(playbook, encoding="utf-8")
    (tmp_path / "goal.yaml").write_text(goal, encoding="utf-8")
    read = read_goal(tmp_path, SCHEMAS)
    brought = cast("dict[str, Any]", read.planning)["playbook"]
    library = Playbooks([Playbook.model_validate(brought)], schemas=SCHEMAS)
    for planning in (read.planning, None):
        seen = await preview(
            goal=read.goal,
            inputs=read.inputs,
            planning=planning,
            planners=[library],
            catalogue=Catalogue.from_json((ROOT / "examples/plans/tools.json").read_bytes()),
            expressions=EXPRESSIONS,
            schemas=SCHEMAS,
        )
        assert seen.findings == ()
        assert seen.plan is not None
        assert cast("Any", seen.plan)["tasks"][1]["for_each"]["max_items"] == 50


def test_the_goal_file_of_the_page_is_one(tmp_path: Path) -> None:
    (goal,) = shown(GOALS)
    (tmp_path / "goal.yaml").write_text(goal, encoding="utf-8")
    assert read_goal(tmp_path, SCHEMAS).deadline_ms == 600_000


def test_the_tables_name_every_code_and_every_key() -> None:
    codes = re.findall(r"^\| ([GP]\d{3}) \| (.+) \|$", PLAYBOOKS, re.MULTILINE)
    assert codes == [(code.name, code.meaning) for code in FaultCode]
    keys = re.findall(r"^\| `(\w+)` \| ", GOALS, re.MULTILINE)
    assert keys == [*GoalFile.model_fields, "planning"]  # the head of the second table
    named = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ", PLAYBOOKS, re.MULTILINE)
    assert re.findall(r"\w+", " ".join(named)) == [*Playbook.model_fields]
