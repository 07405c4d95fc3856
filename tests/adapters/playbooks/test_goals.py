"""A goal from a file or a folder; whatever is wrong has a file, a line, a place and a hint."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import awe.adapters.playbooks
from awe.adapters.playbooks.durations import PATTERN, milliseconds
from awe.adapters.playbooks.faults import GoalFileError
from awe.adapters.playbooks.goal_model import goal_json_schema
from awe.adapters.playbooks.goals import is_goal, read_goal
from support.playbooks import SCHEMAS, SUMMARY

Lay = Callable[..., Path]

FULL = """\
goal: Write it
inputs:
  repo: .
  since: 2024-05-01
tools: [git.log, text.render]
deadline: 1h30m
queue: tools-abc
priority: -5
"""
PLAN = '{"name": "x", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]}'


def refused(path: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(GoalFileError) as error:
        read_goal(path, SCHEMAS)
    assert all(fault.message and fault.hint for fault in error.value.findings)
    assert error.value.findings[0].file in str(error.value)
    return [(Path(fault.file).name, fault.line, fault.path) for fault in error.value.findings]


def test_a_goal_with_everything(lay: Lay) -> None:
    folder = lay(goal_yaml=FULL, tools_py="raise SystemExit")
    goal = read_goal(folder, SCHEMAS)
    assert goal == read_goal(folder / "goal.yaml", SCHEMAS)
    assert (goal.goal, goal.inputs) == ("Write it", {"repo": ".", "since": "2024-05-01"})
    assert (goal.tools, goal.deadline_ms) == (("git.log", "text.render"), 5_400_000)
    assert (goal.queue, goal.priority, goal.planning) == ("tools-abc", -5, None)
    assert (goal.file, goal.tools_file) == (folder / "goal.yaml", folder / "tools.py")


def test_a_goal_with_nothing_but_words(lay: Lay) -> None:
    goal = read_goal(lay(goal_json='{"goal": "x"}'), SCHEMAS)
    assert (goal.goal, goal.inputs, goal.tools, goal.deadline_ms) == ("x", {}, None, None)
    assert (goal.queue, goal.priority, goal.planning, goal.tools_file) == (None, None, None, None)


@pytest.mark.parametrize("plan", ["plan.json", "plan.yaml", "plan.yml"])
def test_the_plan_beside_the_goal(lay: Lay, plan: str) -> None:
    folder = lay(goal_yml="goal: x", **{plan.replace(".", "_"): PLAN})
    assert read_goal(folder, SCHEMAS).planning == {"planner": "given", "plan": json.loads(PLAN)}


def test_the_playbook_beside_the_goal(lay: Lay) -> None:
    folder = lay(goal_yaml="goal: x", playbook_yaml=json.dumps(SUMMARY))
    assert read_goal(folder, SCHEMAS).planning == {"planner": "playbook", "playbook": SUMMARY}


@pytest.mark.parametrize(
    ("said", "planning"),
    [
        ("plan: plans/p.json", {"planner": "given", "plan": json.loads(PLAN)}),
        ("playbook: books/s.json", {"planner": "playbook", "playbook": SUMMARY}),
        ("playbook: summary", {"planner": "playbook", "name": "summary"}),
        ("planning: {planner: playbook}", {"planner": "playbook"}),
        ("", None),
    ],
)
def test_what_the_goal_file_says_goes_before_its_neighbours(lay: Lay, said: str, planning: object) -> None:
    folder = lay(
        other_yaml=f"goal: x\n{said}\n",
        plan_json="{}",
        plans__p_json=PLAN,
        books__s_json=json.dumps(SUMMARY),
    )
    assert read_goal(folder / "other.yaml", SCHEMAS).planning == planning


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("inputs: {}", [(1, "/goal")]),
        ("goal: x\ninputs: []", [(2, "/inputs")]),
        ("goal: x\ngaol: y", [(2, "/gaol")]),
        ("goal: x\n\ndeadline: soon\npriority: 200", [(3, "/deadline"), (4, "/priority")]),
        ("goal: x\ndeadline: 600", [(2, "/deadline")]),
        ("goal: x\nqueue: No Queue", [(2, "/queue")]),
        ("goal: x\ntools: git.log", [(2, "/tools")]),
        ("goal: x\nplan: a.json\nplaybook: b", [(1, "")]),
        ("goal: x\nplan: ../a.json", [(2, "/plan")]),
        ("goal: x\nplan: /etc/passwd", [(2, "/plan")]),
        ("goal: x\nplaybook: 'c:\\b.yaml'", [(2, "/playbook")]),
        ("goal: x\nplan: missing.json", [(2, "/plan")]),
        ("goal: x\nplaybook: missing.yaml", [(2, "/playbook")]),
        ("goal: x\nplanning:\n  planner: oracle", [(3, "/planning/planner")]),
        ("goal: x\nplanning: {planner: given}", [(2, "/planning")]),
        ("goal: x\n goal: y", [(2, "")]),
        ("[]", [(1, "")]),
        ("", [(None, "")]),
    ],
)
def test_a_broken_goal_file(lay: Lay, text: str, faults: list[tuple[int | None, str]]) -> None:
    assert refused(lay(goal_yaml=text)) == [("goal.yaml", *fault) for fault in faults]


def test_a_hint_about_a_misspelt_key(lay: Lay) -> None:
    with pytest.raises(GoalFileError, match=r"goal.yaml:2 at /input: .*Did you mean 'inputs'\?"):
        read_goal(lay(goal_yaml="goal: x\ninput: {}"), SCHEMAS)


def test_broken_json_names_its_line_in_words(lay: Lay) -> None:
    folder = lay(goal_json='{"goal":\n x}')
    assert refused(folder) == [("goal.json", None, "")]
    with pytest.raises(GoalFileError, match="line 2, column 2"):
        read_goal(folder, SCHEMAS)


@pytest.mark.parametrize("plan", ["[]", "{", "[1, 2"])
def test_a_plan_that_is_none(lay: Lay, plan: str) -> None:
    assert refused(lay(goal_yaml="goal: x", plan_json=plan))[0][0] == "plan.json"


def test_a_broken_playbook_beside_the_goal(lay: Lay) -> None:
    folder = lay(goal_yaml="goal: x", playbook_yaml="name: p\nplan:\n  tasks:\n    - {$param: repo}\n")
    assert refused(folder) == [("playbook.yaml", 4, "/plan/tasks/0/$param")]


def test_files_of_which_one_would_have_to_be_guessed(lay: Lay) -> None:
    folder = lay(goal_yaml="goal: x", plan_json=PLAN, playbook_json="{}")
    assert refused(folder) == [("goal.yaml", 1, "")]
    lay(plan_yaml=PLAN)
    assert refused(folder) == [(folder.name, None, "")]
    lay(goal_json="{}")
    assert refused(folder) == [(folder.name, None, "")]


def test_where_there_is_no_goal(tmp_path: Path) -> None:
    assert refused(tmp_path) == [(tmp_path.name, None, "")]
    assert refused(tmp_path / "goal.yaml") == [("goal.yaml", None, "")]
    assert refused(tmp_path / "a\0b.yaml") == [("a\0b.yaml", None, "")]


def test_what_is_meant_as_a_file(lay: Lay) -> None:
    folder = lay(goal_yaml="goal: x")
    lay(**{"with words_json": "{}"})
    for path in (folder, folder / "goal.yaml", folder / "missing.yml", folder / "with words.json"):
        assert is_goal(str(path))
    for words in ("Write a report", "Look into data.json", "x" * 100_000, "a\0b", ""):
        assert not is_goal(words)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("5ms", 5),
        ("1m500ms", 60_500),
    ],
)
def test_durations(text: str, ms: int) -> None:
    assert milliseconds(text) == ms
    assert SCHEMAS.validate(text, {"pattern": PATTERN}) == ()


@pytest.mark.parametrize("text", ["", "0s", "10", "10 m", "m", "-1s", "1.5h", "30m1h", "1h1h", "9999999999s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        milliseconds(text)


def test_the_published_schema_is_that_of_the_model_and_accepts_goals() -> None:
    published = json.loads((Path(awe.adapters.playbooks.__path__[0]) / "goal.schema.json").read_bytes())
    assert published == goal_json_schema()
    assert SCHEMAS.validate({"goal": "x", "deadline": "10m", "tools": ["a"]}, published) == ()
    assert len(SCHEMAS.validate({"deadline": "soon", "gaol": 1}, published)) == 3
