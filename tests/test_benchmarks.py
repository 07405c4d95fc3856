"""The benchmarks stay runnable: each shape once at its smallest, and the command line end to end."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from benchmarks.__main__ import main
from benchmarks.catalogue import SHAPES
from benchmarks.engine.driving import client
from benchmarks.engine.installation import installation
from benchmarks.engine.plans import chain
from benchmarks.engine.workloads import BULK, Workload, small
from benchmarks.report import table, write_json
from benchmarks.row import Entry, Row, Target
from benchmarks.settings import Settings
from benchmarks.spread import Spread
from support.server_process import ValkeyProcess

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


async def test_what_was_not_done_ends_the_benchmark(
    own_valkey: ValkeyProcess, postgres_database: str
) -> None:
    load = Workload(chain(2), runs=2, in_flight=1, steps=2)
    async with installation(own_valkey.url, postgres_database, 2) as at, client(at) as asking:
        assert (await asking.drive(load)).steps == 4
        with pytest.raises(RuntimeError, match="38 events more in the log, not 48"):
            await asking.drive(load._replace(steps=3))
        with psycopg.connect(postgres_database, autocommit=True) as connection:
            connection.execute("UPDATE awe.projection SET stopped = 'broken' WHERE name = 'tasks'")
            with pytest.raises(RuntimeError, match="read models that do not hold all events: tasks"):
                await asking.drive(load)
            connection.execute("UPDATE awe.projection SET stopped = NULL")
        with pytest.raises(ExceptionGroup) as failed:
            await asking.drive(load._replace(plan=chain(2) | {"outputs": {"end": {"$from": "nobody"}}}))
        assert failed.group_contains(RuntimeError, match="awe.run.failed")


def test_the_json_has_the_figures_by_the_names_that_others_compare(tmp_path: Path) -> None:
    figure = Spread.exactly(2.0)
    rows = [
        Row("F50", "ms", figure, figure, entry=Entry("floors", "f50", {"cpu_s_per_1000": figure})),
        Row("chain", "ms", figure, figure, entry=Entry("shapes", "chain", {"ratio": figure})),
    ]
    write_json(tmp_path / "figures.json", SMALLEST, figure, rows)
    written = json.loads((tmp_path / "figures.json").read_text())
    assert written["floors"]["f50"]["cpu_s_per_1000"]["median"] == 2.0
    assert written["shapes"]["chain"]["ratio"] == {"median": 2.0, "least": 2.0, "most": 2.0}
    assert [row["name"] for row in written["rows"]] == ["F50", "chain"]


def test_a_small_part_of_a_workload_is_one_of_the_same_shape() -> None:
    parts = {name: small(load, SMALLEST) for name, load in BULK.items()}
    assert {name: part.plan["name"] for name, part in parts.items()} == {
        "chain": "chain-10",
        "fan_out": "fan-out-10",
        "layered": "layered-3-by-4",
    }
    assert all(len(part.plan["tasks"]) == part.steps for part in parts.values())
    assert small(BULK["layered"], Settings()) == BULK["layered"]
