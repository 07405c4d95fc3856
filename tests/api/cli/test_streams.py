"""What happens when the far end of standard output is closed or full, or the user interrupts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awe.api.cli.exit_codes import ExitCode

PLAN = json.dumps(
    {"name": "notes", "goal": "x" * 200_000, "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]}
)
COMMAND = (sys.executable, "-m", "awe", "plan", "show")


@pytest.fixture
def plan(tmp_path: Path) -> str:
    (tmp_path / "plan.json").write_text(PLAN)
    return str(tmp_path / "plan.json")


@pytest.fixture
def environment() -> dict[str, str]:
    """An unbuffered stream would not tell that its far end has been closed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_reader_that_has_read_enough_is_no_fault_to_tell(plan: str, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        (*COMMAND, plan), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(5) == b"notes"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == ExitCode.ERROR


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk(plan: str, form: str, environment: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            (*COMMAND, plan, "-o", form), stdout=full, stderr=subprocess.PIPE, env=environment, check=False
        )
    assert ended.returncode == ExitCode.ERROR
    assert ended.stderr.decode() == (
        "error: The output could not be written: No space left on device.\n"
        "hint: Free some space there, or write it somewhere else.\n"
    )


def test_every_character_is_written_whatever_the_locale(plan: str, environment: dict[str, str]) -> None:
    Path(plan).write_text(PLAN.replace("x" * 200_000, "Zürich → 東京"), encoding="utf-8")
    latin = {**environment, "LC_ALL": "C", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    ended = subprocess.run((*COMMAND, plan), capture_output=True, env=latin, check=True)
    assert "Zürich → 東京" in ended.stdout.decode()
