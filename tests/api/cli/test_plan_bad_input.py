"""Whatever a plan file holds, the end is a report or two lines with a hint: never a traceback, never a hang."""

import json

import pytest

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli

TASK = {"id": "a", "tool_requests": [{"tool": "x"}]}


def plan(*tasks: object, **more: object) -> bytes:
    return json.dumps({"name": "notes", "tasks": tasks, **more}).encode()


def reading(reference: object) -> dict[str, object]:
    return {"id": "b", "tool_requests": [{"tool": "x", "arguments": {"y": reference}}]}


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "P000", ""),
    "not JSON": (b"name: notes", "P000", ""),
    "cut off": (plan(TASK)[:-5], "P000", ""),
    "binary": (bytes(range(256)), "P000", ""),
    "an array": (b"[]", "P000", ""),
    "null": (b"null", "P000", ""),
    "wrong type": (plan({**TASK, "deps": 7}), "P000", "/tasks/0/deps"),
    "unknown key": (plan({**TASK, "depends": []}), "P000", "/tasks/0/depends"),
    "missing key": (b'{"name": "notes"}', "P000", "/tasks"),
    "twice the same key": (b'{"name": "a", "name": "b", "tasks": []}', "P000", ""),
    "not a number": (b'{"name": "a", "tasks": NaN}', "P000", ""),
    "lone surrogate": (b'{"name": "\\ud800", "tasks": []}', "P000", "/name"),
    "deep": (b"[" * 100_000, "P000", ""),
    "deep inside": (
        plan({**TASK, "output_schema": json.loads("[" * 80 + "]" * 80)}),
        "P000",
        "",
    ),
    "50 MB": (b" " * 50 * 1024 * 1024, "P000", ""),
    "bad pointer": (
        plan(TASK, reading({"$from": "a", "path": "no"})),
        "P000",
        "/tasks/1/tool_requests/0/arguments/y/path",
    ),
    "unknown source": (
        plan(TASK, reading({"$from": "nobody"})),
        "P030",
        "/tasks/1/tool_requests/0/arguments/y",
    ),
    "cycle": (plan({**TASK, "deps": ["b"]}, {**TASK, "id": "b", "deps": ["a"]}), "P004", "/tasks/0"),
    "10,000 tasks": (plan(*({**TASK, "id": f"t{number}"} for number in range(10_000))), "P007", "/tasks"),
    "no expression": (plan({**TASK, "when": "inputs.("}), "P051", "/tasks/0/when"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_report_names_place_and_hint(cli: Cli, name: str) -> None:
    data, code, path = BROKEN[name]
    ended = cli("plan", "lint", "-", "--output", "json", stdin=data)
    assert (ended.code, ended.err) == (ExitCode.INVALID, "")
    errors = [found for found in json.loads(ended.out)["findings"] if found["severity"] == "error"]
    found = next(found for found in errors if found["code"] == code)
    assert found["path"].startswith(path)
    assert found["message"]
    assert found["hint"]


@pytest.mark.parametrize("name", ["not JSON", "binary", "deep", "unknown key"])
@pytest.mark.parametrize("verb", ["fix", "show"])
def test_what_is_no_plan_is_neither_fixed_nor_drawn(cli: Cli, name: str, verb: str) -> None:
    ended = cli("plan", verb, "-", stdin=BROKEN[name][0])
    assert (ended.code, ended.out) == (ExitCode.INVALID, "")
    message, hint = ended.err.splitlines()
    assert message.startswith("error: stdin is no plan, at ")
    assert hint.endswith(" 'awe plan lint' lists every finding.")


def test_a_plan_cannot_give_orders_to_the_terminal(cli: Cli) -> None:
    hostile = plan({**TASK, "title": "\x1b[2J", "when": "\x1b]0;owned\x07"}, goal="\x9b2J\u2028")
    for verb in ("lint", "show"):
        shown = cli("plan", verb, "-", stdin=hostile)
        assert not {"\x1b", "\x07", "\x9b", "\u2028"} & set(shown.out + shown.err)
