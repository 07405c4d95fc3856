"""`awe plan lint`: the report in each of its forms, and the exit code."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli

TOOLS = json.dumps(
    [
        {
            "name": "text.write",
            "version": "1",
            "input_schema": {
                "type": "object",
                "properties": {"about": {"type": "array"}},
                "required": ["about"],
            },
            "output_schema": {
                "type": "object",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
            },
            "effect": "read",
        },
        {
            "name": "git.log",
            "version": "1",
            "input_schema": {"type": "object"},
            "output_schema": {
                "type": "object",
                "properties": {"commits": {"type": "array"}},
                "required": ["commits"],
            },
            "effect": "read",
        },
    ]
)
GOOD = """{
  "name": "notes",
  "tasks": [
    {
      "id": "collect",
      "tool_requests": [{"tool": "git.log"}],
      "acceptance_criteria": [{"id": "some", "source": "size(output.commits) > 0"}]
    },
    {
      "id": "draft",
      "deps": ["collect"],
      "tool_requests": [{"tool": "text.write", "arguments": {"about": {"$from": "collect", "path": "/commits"}}}],
      "acceptance_criteria": [{"id": "long", "source": "size(output.text) > 9"}]
    }
  ],
  "outputs": {"notes": {"$from": "draft", "path": "/text"}}
}
"""
BAD = GOOD.replace('"deps": ["collect"]', '"deps": ["collect", "review"]')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.json").write_text(GOOD)
    (tmp_path / "bad.json").write_text(BAD)
    (tmp_path / "tools.json").write_text(TOOLS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
class TestLint:
    def test_a_good_plan(self, cli: Cli) -> None:
        assert cli("plan", "lint", "good.json", "--tools", "tools.json", "--strict") == (
            ExitCode.OK,
            "good.json: no findings\n",
            "",
        )

    def test_a_bad_plan(self, cli: Cli) -> None:
        assert cli("plan", "lint", "bad.json", "--tools", "tools.json") == (
            ExitCode.INVALID,
            (
                "bad.json:11:27: error P002 at /tasks/1/deps/1\n"
                "  no task 'review'\n"
                "  hint: Name one that exists.\n"
                "\n"
                "bad.json: 1 error\n"
            ),
            "",
        )

    def test_a_plan_from_standard_input(self, cli: Cli) -> None:
        ended = cli("plan", "lint", "-", "--tools", "tools.json", stdin=GOOD.encode())
        assert ended == (ExitCode.OK, "stdin: no findings\n", "")

    def test_warnings_fail_only_when_strict(self, cli: Cli) -> None:
        lenient, strict = cli("plan", "lint", "good.json"), cli("plan", "lint", "good.json", "--strict")
        assert (lenient.code, strict.code) == (ExitCode.OK, ExitCode.INVALID)
        assert lenient.out == strict.out
        assert "warning P029 at the top" in lenient.out

    def test_the_report_for_programs(self, cli: Cli) -> None:
        ended = cli("plan", "lint", "bad.json", "--tools", "tools.json", "--output", "json")
        assert (ended.code, ended.err) == (ExitCode.INVALID, "")
        assert json.loads(ended.out) == {
            "file": "bad.json",
            "ok": False,
            "summary": {"error": 1, "warning": 0, "info": 0, "fixable": 0, "omitted": 0},
            "findings": [
                {
                    "code": "P002",
                    "severity": "error",
                    "path": "/tasks/1/deps/1",
                    "line": 11,
                    "column": 27,
                    "message": "no task 'review'",
                    "hint": "Name one that exists.",
                    "fix": None,
                }
            ],
        }

    @pytest.mark.parametrize("file", ["bad.json", "good.json", "-"])
    def test_sarif_is_of_the_published_structure(self, cli: Cli, file: str) -> None:
        log = json.loads(cli("plan", "lint", file, "-o", "sarif", stdin=BAD.encode()).out)
        schema = json.loads((Path(__file__).parent / "sarif_2_1_0.json").read_text())
        validator: Any = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
        validator.validate(log)

    def test_sarif_names_rule_place_and_pointer(self, cli: Cli) -> None:
        log = json.loads(cli("plan", "lint", "bad.json", "--tools", "tools.json", "-o", "sarif").out)
        (run,) = log["runs"]
        (result,) = run["results"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "P002"
        assert result["level"] == "error"
        assert result["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "bad.json", "index": 0},
                    "region": {"startLine": 11, "startColumn": 27},
                },
                "logicalLocations": [{"fullyQualifiedName": "/tasks/1/deps/1", "kind": "value"}],
            }
        ]

    def test_sarif_takes_any_path(self, cli: Cli, folder: Path) -> None:
        odd = folder / "a b:ü.json"
        odd.write_text(GOOD)

        def uri(path: object) -> Any:
            return json.loads(cli("plan", "lint", path, "-o", "sarif").out)["runs"][0]["artifacts"][0][
                "location"
            ]["uri"]

        assert uri(odd.name) == "a%20b%3A%C3%BC.json"
        assert uri(odd) == odd.as_uri()

    def test_wrong_tools(self, cli: Cli, folder: Path) -> None:
        (folder / "tools.json").write_text('[{"name": "x"}]')
        ended = cli("plan", "lint", "good.json", "--tools", "tools.json")
        assert ended.code is ExitCode.INVALID
        message, hint = ended.err.splitlines()
        assert message.startswith("error: tools.json is no catalogue of tools: ")
        assert hint == "hint: Give a JSON array of tool contracts."

    def test_missing_tools(self, cli: Cli) -> None:
        assert cli("plan", "lint", "good.json", "--tools", "none.json").code is ExitCode.NOT_FOUND

    def test_a_fix_is_offered(self, cli: Cli) -> None:
        redundant = json.loads(GOOD)
        third = {**redundant["tasks"][1], "id": "last", "deps": ["collect", "draft"], "order_only": []}
        third["tool_requests"] = [
            {"tool": "git.log", "arguments": {"text": {"$from": "draft", "path": "/text"}}}
        ]
        redundant["tasks"].append(third)
        shown = cli("plan", "lint", "-", stdin=json.dumps(redundant).encode()).out
        assert "  fix: remove the dependency\n" in shown
        assert shown.endswith("fixable with 'awe plan fix'\n")

    def test_what_is_left_out_of_a_long_report_is_counted(self, cli: Cli) -> None:
        tasks = [{"id": f"t{number}", "tool_requests": [{"tool": "git.log"}]} for number in range(1_500)]
        shown = cli("plan", "lint", "-", stdin=json.dumps({"name": "notes", "tasks": tasks}).encode())
        assert shown.code is ExitCode.OK
        assert shown.out.endswith("\nstdin: 1000 warnings, 501 more not shown\n")
