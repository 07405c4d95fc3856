"""The example that reports on a git repository: on real ones, from the command line to the files."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import docx
import pytest

from awe.adapters.expressions import CelExpressions
from awe.adapters.playbooks.goals import read_goal
from awe.adapters.schemas import JsonSchemas
from awe.adapters.tools.builtin import MODULES
from awe.adapters.tools.registry import Registry
from awe.commands.planning.playbooks import Playbooks
from awe.commands.planning.preview import preview
from support.git_repository import GitRepository, long_history
from support.installation import Ran, installation
from support.tool_pages.sample import FOLDER, make_sample

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLE: Final = ROOT / "examples" / "repo-report"
LONG: Final = 2_500
REPORTED: Final = ("sample", "single", "long", "checkout")


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("repositories")
    make_sample(folder)
    long_history(folder / "long", LONG)
    with GitRepository(folder / "single") as single:
        single.commit({"empty": ""})
    with GitRepository(folder / "unborn"):
        pass
    (folder / "none").mkdir()
    named = {name: folder / name for name in ("long", "single", "unborn", "none")}
    return {**named, "sample": folder / FOLDER, "checkout": ROOT}


@pytest.fixture(scope="module")
def ran(repositories: Mapping[str, Path], session_homes: Path) -> Iterator[Mapping[str, Ran]]:
    """The example, run on each of the repositories."""
    with installation(session_homes) as installed, ThreadPoolExecutor(3) as pool:

        def run(repository: Path) -> Ran:
            return installed.awe("run", EXAMPLE, "-i", f"repo={repository}", "--output", "json")

        yield dict(zip(repositories, pool.map(run, repositories.values()), strict=True))


def files(ran: Ran) -> dict[str, Path]:
    return {each["name"]: Path(each["path"]) for each in ran.document["artifacts"]}


def test_the_plan_has_no_error() -> None:
    schemas = JsonSchemas()
    goal = read_goal(EXAMPLE, schemas)
    assert goal.tools_file is not None
    with CelExpressions() as expressions:
        found = asyncio.run(
            preview(
                goal=goal.goal,
                inputs=goal.inputs,
                planning=goal.planning,
                planners=[Playbooks(schemas=schemas)],
                catalogue=Registry.load(MODULES, [goal.tools_file]).catalogue,
                expressions=expressions,
                schemas=schemas,
            )
        )
    assert found.ok
    assert found.plan is not None
    assert len(json.loads(json.dumps(found.plan))["tasks"]) == 17
    assert list(found.findings) == []


@pytest.mark.parametrize("name", REPORTED)
def test_a_report_cites_what_is_there(ran: Mapping[str, Ran], name: str) -> None:
    if name == "checkout" and not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert ran[name].code == 0, ran[name].err
    outputs = ran[name].document["outputs"]
    assert outputs["verification"]["missing"] == []
    assert outputs["verification"]["commits_agree"]
    assert all(each["evidence"] for each in outputs["findings"])
    assert {"release-readiness.docx", "release-readiness.md", "activity.png"} <= files(ran[name]).keys()


@pytest.mark.parametrize("name", REPORTED[:-1])
def test_both_files_say_the_same(ran: Mapping[str, Ran], name: str) -> None:
    made: Any = docx.Document(str(files(ran[name])["release-readiness.docx"]))
    markdown = files(ran[name])["release-readiness.md"].read_text(encoding="utf-8")
    headings = [each.text for each in made.paragraphs if each.style.name == "Heading 1"]
    assert headings == [line[3:] for line in markdown.splitlines() if line.startswith("## ")]
    assert len(headings) == 9
    for finding in ran[name].document["outputs"]["findings"]:
        assert finding["id"] in markdown
        assert any(each.text == f"{finding['id']}: {finding['statement']}" for each in made.paragraphs)


def test_what_a_report_says_of_the_sample(ran: Mapping[str, Ran]) -> None:
    said = {each["area"]: each for each in ran["sample"].document["outputs"]["findings"]}
    assert said["extent"]["statement"].startswith("3 commits from 2026-01-05 to 2026-02-02")
    assert said["people"]["weight"] == "risk"
    assert said["release"]["statement"] == "The newest tag is v1.0.0 of 2026-01-21; 1 commit came after it."
    assert said["marks"]["evidence"] == [{"kind": "file", "ref": "calculator/add.py", "line": 6}]
    assert said["licence"]["statement"] == "Licences: MIT."
    assert ran["long"].document["outputs"]["verification"]["commits"] == LONG


def test_a_hot_spot_is_looked_at_only_where_there_is_one(ran: Mapping[str, Ran]) -> None:
    assert "hot-spots.png" in files(ran["sample"])
    assert "hot-spots.png" not in files(ran["single"])


def test_a_folder_without_a_repository_fails_in_the_first_task(ran: Mapping[str, Ran]) -> None:
    error = ran["none"].document["error"]
    assert ran["none"].code == 7
    assert (error["code"], error["tasks"]) == ("invalid_input", ["history"])
    assert "is no git repository; name the folder that has its .git" in error["message"]


def test_a_repository_without_a_commit_has_nothing_to_report(ran: Mapping[str, Ran]) -> None:
    error = ran["unborn"].document["error"]
    assert ran["unborn"].code == 7
    assert (error["code"], error["tasks"]) == ("acceptance_failed", ["history"])
