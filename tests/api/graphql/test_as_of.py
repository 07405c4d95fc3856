"""A run of the past is what its events up to there come to."""

import random

import pytest

from awe.api.reading.entries import entry
from awe.domain.run.events import CancelRequested
from awe.domain.task.events import TaskSucceeded
from awe.projections.views.run import RunView
from support.graphql_door import Door
from support.task_events import claimed, did, ready, started

QUERY = """query ($id: ID!, $at: Position) { run(id: $id, asOf: $at) {
  status freshness tasks(first: 100) { nodes { key status attempt worker } } } }"""


async def test_200_positions_equal_a_fold_up_to_there(room: Door) -> None:
    dice, run, other = random.Random(7), await room.submit(), await room.submit("another")
    for n in range(60):
        await room.happen(run, f"t{n}", ready(), claimed())
        await room.happen(other, f"t{n}", ready())
        await room.happen(run, f"t{n}", started(), did("x"), TaskSucceeded(attempt=1, output="x"))
        if n == 20:
            await room.project()  # the past is read from both tiers
    await room.happen(run, "run", CancelRequested(reason="enough"))
    events = (await room.tiers.log.history(run)).events
    head = (await room.tiers.log.head()).n
    for _ in range(200):
        at = dice.randint(1, head)
        found = (await room.ask(QUERY, id=run, at=f"00:{at}:1")).data["run"]
        view = RunView.of(run, [entry(each) for each in events if each.n <= at])
        assert found["status"] == view.status.value.upper()
        assert found["freshness"] == "CURRENT"
        assert [(t["key"], t["status"], t["attempt"], t["worker"]) for t in found["tasks"]["nodes"]] == [
            (key, task.status.value, task.state.attempt, task.worker or None)
            for key, task in view.tasks.items()
        ]


async def test_i28_a_run_that_cannot_be_folded_is_not_shown_as_current(
    room: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(*_: object) -> None:
        raise RuntimeError("a secret")

    run = await room.submit()
    await room.happen(run, "t", ready())
    monkeypatch.setattr("awe.projections.read_models.tasks.Tasks.apply", poisoned)
    answer = await room.ask(QUERY, id=run, at="00:2:1")
    assert answer.data["run"]["freshness"] == "PARKED"
    assert "secret" not in answer.body.decode()
