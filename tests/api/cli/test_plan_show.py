"""`awe plan show` and `awe plan schema`: the plan drawn in three forms, and the language itself."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli

PLAN = json.dumps(
    {
        "name": "notes",
        "tasks": [
            {"id": "collect", "tool_requests": [{"tool": "git.log"}]},
            {"id": "draft", "deps": ["collect"], "tool_requests": [{"tool": "text.write"}]},
        ],
    }
).encode()


def test_text(cli: Cli) -> None:
    assert cli("plan", "show", "-", stdin=PLAN) == (
        ExitCode.OK,
        (
            "notes, version 1: 2 tasks in 2 levels\n"
            "\n"
            "LEVEL  TASK     AFTER    TOOLS       NOTES\n"
            "0      collect           git.log\n"
            "1      draft    collect  text.write\n"
        ),
        "",
    )


def test_svg(cli: Cli) -> None:
    ended = cli("plan", "show", "-", "--output", "svg", stdin=PLAN)
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert ended.out.startswith("<svg ")
    assert ended.out.endswith("</svg>\n")


def test_json(cli: Cli) -> None:
    ended = cli("plan", "show", "-", "-o", "json", stdin=PLAN)
    assert json.loads(ended.out)["levels"] == [["collect"], ["draft"]]


@pytest.mark.parametrize("form", ["text", "svg", "json"])
def test_a_cycle_cannot_be_drawn(cli: Cli, form: str) -> None:
    cyclic = PLAN.replace(b'{"id": "collect",', b'{"id": "collect", "deps": ["draft"],')
    ended = cli("plan", "show", "-", "-o", form, stdin=cyclic)
    assert ended.code is ExitCode.INVALID
    assert ended.err == (
        "error: stdin: tasks wait for each other: collect → draft → collect.\n"
        "hint: Remove one of these dependencies; 'awe plan lint' says where they stand.\n"
    )
    assert bool(ended.out) is (form == "json")


def test_what_cannot_be_drawn_is_told(cli: Cli) -> None:
    ended = cli("plan", "show", "-", stdin=PLAN.replace(b'["collect"]', b'["collect", "review"]'))
    assert ended.code is ExitCode.OK
    assert ended.err == "warning: task 'draft' depends on 'review', which the plan does not have.\n"


def test_the_schema_is_the_published_one(cli: Cli) -> None:
    ended = cli("plan", "schema")
    assert ended.code is ExitCode.OK
    assert json.loads(ended.out) == json.loads((files("awe.domain.plan") / "plan.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(json.loads(ended.out))
    validator: Any = jsonschema.Draft202012Validator(json.loads(ended.out))
    validator.validate(json.loads(PLAN))
