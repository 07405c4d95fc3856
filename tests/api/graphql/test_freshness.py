"""Who wrote something reads it, or is told why not."""

from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.domain.run.events import RunSucceeded
from awe.domain.task.events import TaskSucceeded
from support.graphql_door import Door
from support.running import running

QUERY = """query ($min: Position) { runs(minPosition: $min) { freshness survived nodes { id freshness } } }"""
ONE = """query ($id: ID!, $min: Position) { run(id: $id, minPosition: $min) { status freshness } }"""
SUBMIT = """mutation ($key: String!) { submitGoal(idempotencyKey: $key, input: {goal: "write notes"}) { __typename } }"""


async def token(room: Door) -> str:
    head = await room.tiers.log.head()
    return f"00:{head.n}:{head.epoch}"


async def test_a_query_waits_for_what_was_written(room: Door) -> None:
    run = await room.submit()
    archiver = room.tiers.archiver()
    while await archiver.step():
        pass
    async with running(room.projecting.run()):
        found = (await room.ask(QUERY, min=await token(room))).data["runs"]
    assert found == {"freshness": "CURRENT", "survived": None, "nodes": [{"id": run, "freshness": "CURRENT"}]}


async def test_the_archive_alone_is_not_enough(room: Door) -> None:
    await room.submit()
    archiver = room.tiers.archiver()
    while await archiver.step():
        pass
    answer = await room.ask(QUERY, min=await token(room))
    assert answer.data["runs"] == {"freshness": "STALE", "survived": None, "nodes": []}
    assert answer.json["extensions"]["freshness"] == [{"state": "stale"}]


async def test_i28_a_parked_run_is_stale_though_its_position_is_reached(room: Door) -> None:
    run, other = await room.submit(), await room.submit("another")
    await room.happen(run, "t", TaskSucceeded(attempt=1, output="x"))
    await room.project()
    await room.tiers.sql(
        "INSERT INTO awe.parked (name, version, partition, sequence, n, events, error) "  # noqa: S608 (a test's own)
        f"VALUES ('tasks', 1, 'awe.00', '{run}', 3, 1, 'poison')"
    )
    answer = await room.ask(ONE, id=run, min=await token(room))
    assert answer.data["run"]["freshness"] == "PARKED"
    assert answer.json["extensions"]["freshness"] == [{"state": "stale: parked", "run": run}]
    listed = await room.ask(QUERY)
    shown = {each["id"]: each["freshness"] for each in listed.data["runs"]["nodes"]}
    assert shown == {run: "PARKED", other: "CURRENT"}
    assert listed.json["extensions"]["freshness"] == [{"state": "stale: parked", "run": run}]


async def test_i16_a_position_that_did_not_survive_is_told_as_rewound(room: Door) -> None:
    run = await room.submit()
    await room.project()
    kept = await token(room)
    await RedisHotTier(room.tiers.client, room.tiers.partition).close(1)
    epoch = (await room.tiers.heal()).epoch
    lost = f"00:{int(kept.split(':')[1]) + 5}:1"
    answer = await room.ask(QUERY, min=lost)
    found = answer.data["runs"]
    assert (found["freshness"], found["survived"]) == ("REWOUND", f"00:{kept.split(':')[1]}:{epoch}")
    assert answer.json["extensions"]["freshness"][0]["state"] == "rewound"
    assert (await room.ask(QUERY, min=kept)).data["runs"]["freshness"] == "CURRENT"
    past = await room.ask(
        "query ($id: ID!, $at: Position) { run(id: $id, asOf: $at) { id } }", id=run, at=lost
    )
    assert past.codes == ["rewound"]
    assert past.json["errors"][0]["extensions"]["position"] == found["survived"]


async def test_an_ended_run_as_it_was_written(room: Door) -> None:
    run = await room.submit()
    await room.happen(run, "run", RunSucceeded(outputs={}))
    await room.project()
    answer = await room.ask(ONE, id=run, min=await token(room))
    assert answer.data["run"] == {"status": "SUCCEEDED", "freshness": "CURRENT"}
    assert "freshness" not in answer.json["extensions"]
