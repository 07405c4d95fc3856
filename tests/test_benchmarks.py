"""The benchmarks stay runnable: each shape once at its smallest, and the command line end to end."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.catalogue import SHAPES
from benchmarks.report import table
from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread

SMALLEST = Settings(share=0.0, repeats=1, on_disk=False)


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_measures_something(name: str) -> None:
    rows = asyncio.run(_measured(name))
    assert rows
    for row in rows:
        assert row.measured.median > 0
        assert row.judged.least > 0


def test_the_command_line_prints_a_table_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--only", "start_up", "--quick", "--json", str(tmp_path / "figures.json")]) == 0
    assert "awe --help" in capsys.readouterr().out
    written = json.loads((tmp_path / "figures.json").read_text())
    assert [row["name"] for row in written["rows"]] == ["awe --help"]
    assert written["settings"]["server"] == "valkey"


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (Target(2.0), "met"),
        (Target(1.9), "MISSED"),
        (Target(2.0, least=True), "met"),
        (Target(2.1, least=True), "MISSED"),
        (None, "-"),
    ],
)
def test_the_table_holds_the_median_against_the_target(target: Target | None, verdict: str) -> None:
    figure = Spread.of([1.0, 2.0, 9.0])
    assert table([Row("any", "us", figure, figure, target=target)]).endswith(verdict)


async def _measured(name: str) -> Sequence[Row]:
    return await SHAPES[name](SMALLEST)
