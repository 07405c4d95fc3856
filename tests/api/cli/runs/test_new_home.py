"""A home in which nothing ever ran has no runs, and that is no fault."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from awe.api.cli.exit_codes import ExitCode
from support.cli import Cli
from support.installation import Installation, installation

NOWHERE = "r-00-" + "0" * 26


@pytest.fixture(scope="module")
def here(session_homes: Path) -> Iterator[Installation]:
    with installation(session_homes) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _there(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWE_")]:
        monkeypatch.delenv(name)
    for name, value in here.variables.items():
        monkeypatch.setenv(name, value)


def test_it_has_no_runs(cli: Cli) -> None:
    listed = cli("runs", "list", "-o", "json")
    assert (listed.code, json.loads(listed.out), listed.err) == (ExitCode.OK, {"runs": []}, "")
    assert cli("runs", "list", "-o", "ndjson").out in {"", "\n"}
    assert cli("runs", "list", "--text", "x").out.split() == ["RUN", "STATUS", "SUBMITTED", "TIME", "GOAL"]


@pytest.mark.parametrize("verb", ["show", "watch", "events", "replay"])
def test_none_is_found_in_it(cli: Cli, verb: str) -> None:
    assert cli("runs", verb, NOWHERE).code is ExitCode.NOT_FOUND
