"""Lists and single runs: what is asked for is shown, page by page, in as many statements as there are kinds of rows."""

from typing import Any

from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.domain.artifacts import Artifact
from awe.domain.failures import FailureClass
from awe.domain.run.events import PlanAccepted, PlanProposed, RunFailed, RunSucceeded
from awe.domain.task.events import OperationSucceeded, TaskSucceeded
from support.graphql_door import Door
from support.task_events import claimed, ready, started

DIGEST = "d" * 64


def worked(text: str = "done") -> list[Any]:
    """A task that was done by one call, which made a file."""
    made = Artifact(name="n.txt", media_type="text/plain", bytes=3, sha256="e" * 64)
    done = OperationSucceeded(attempt=1, index=0, generation=1, output=text, artifacts=(made,))
    return [ready(), claimed(), started(), done, TaskSucceeded(attempt=1, output=text)]


async def planned(room: Door, run: str, *tasks: str) -> None:
    plan: dict[str, Any] = {"name": "notes", "tasks": [{"id": each} for each in tasks]}
    await room.happen(
        run, "run", PlanProposed(number=1, digest=DIGEST, plan=plan), PlanAccepted(number=1, digest=DIGEST)
    )
    for each in tasks:
        await room.happen(run, each, *worked(each))


PAGE = """query ($after: String, $filter: RunsFilter, $first: Int! = 2) {
  runs(first: $first, after: $after, filter: $filter) {
    totalCount freshness
    edges { cursor node { id goal status } }
    pageInfo { hasNextPage endCursor }
  }
}"""


async def test_pages_show_each_run_once_and_the_newest_first(room: Door) -> None:
    made = [await room.submit(f"goal {n}") for n in range(5)]
    await room.project()
    seen, after = list[str](), None
    while True:
        page = (await room.ask(PAGE, after=after)).data["runs"]
        assert page["totalCount"] == 5
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if seen and len(seen) == 2:
            await room.submit("a newer one")  # changes nothing behind the cursor
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == 5


async def test_filters(room: Door) -> None:
    notes = await room.submit("write the release notes", tenant="a")
    report = await room.submit("report on the repository", tenant="b")
    ended = await room.submit("write a poem", tenant="b")
    await room.happen(ended, "run", RunSucceeded(outputs={"x": 1}))
    await room.project()

    async def found(**wanted: Any) -> set[str]:
        page = (await room.ask(PAGE, first=10, filter=wanted)).data["runs"]
        assert page["totalCount"] == len(page["edges"])
        return {edge["node"]["id"] for edge in page["edges"]}

    assert await found(text="write") == {notes, ended}
    assert await found(text='"release notes" or repository') == {notes, report}
    assert await found(text="write -poem") == {notes}
    assert await found(status=["SUCCEEDED"]) == {ended}
    assert await found(status=["SUCCEEDED", "PLANNING"]) == {notes, report, ended}
    assert await found(status=["SUCCEEDED", "PLANNING"], text="write", tenant="b") == {ended}
    assert await found(status=["SUCCEEDED", "FAILED"], tenant="a") == set()
    assert await found(tenant="b") == {report, ended}
    assert await found(playbook="none") == set()
    assert await found(submittedFrom="2020-01-01T00:00:00Z") == {notes, report, ended}
    assert await found(submittedBefore="2020-01-01T00:00:00Z") == set()
    assert await found(text="") == {notes, report, ended}


RUN = """query ($id: ID!, $asOf: Position) { run(id: $id, asOf: $asOf) {
  id status goal tenant actor planner playbook planName queue priority submittedAt endedAt lastEventAt failure message
  position freshness inputs tools planning deadlineMs cancelReason outputs outputsBlob failing
  tasksCounted { begun succeeded dead skipped }
  plan { number digest acceptedAt document }
  findings { code path message hint severity }
  artifacts { nodes { task name mediaType bytes sha256 attempt madeAt } pageInfo { hasNextPage endCursor } }
  tasks(first: 100) { nodes { key status attempt worker readyAt begunAt endedAt dueAt failure message output outputBlob
      operations { call generation status tool contract effect attempt calls argumentsDigest arguments startedAt endedAt
        output outputBlob failure message late }
      artifacts { name sha256 } }
    pageInfo { hasNextPage } } } }"""


async def test_a_run_with_all_that_is_in_it(room: Door) -> None:
    run = await room.submit(inputs={"a": 1})
    await planned(room, run, "one", "two")
    await room.happen(run, "run", RunSucceeded(outputs={"answer": 42}))
    await room.project()
    found = (await room.ask(RUN, id=run)).data["run"]
    assert found["status"] == "SUCCEEDED"
    assert found["freshness"] == "CURRENT"
    assert found["inputs"] == {"a": 1}
    assert found["outputs"] == {"answer": 42}
    assert found["plan"]["document"]["name"] == "notes"
    assert found["tasksCounted"] == {"begun": 2, "succeeded": 2, "dead": 0, "skipped": 0}
    assert [task["key"] for task in found["tasks"]["nodes"]] == ["one", "two"]
    assert found["tasks"]["nodes"][0]["operations"][0]["tool"] == "tool"
    assert found["tasks"]["nodes"][1]["artifacts"] == [{"name": "n.txt", "sha256": "e" * 64}]
    assert [each["task"] for each in found["artifacts"]["nodes"]] == ["one", "two"]


async def test_a_run_of_its_last_position_is_the_run(room: Door) -> None:
    run = await room.submit(inputs={"a": 1})
    await planned(room, run, "one", "two")
    await room.happen(run, "run", RunFailed(failure=FailureClass.TOOL_ERROR, message="m"))
    await room.project()
    now = (await room.ask(RUN, id=run)).data["run"]
    then = (await room.ask(RUN, id=run, asOf=now["position"])).data["run"]
    assert then == now


async def test_many_runs_need_no_query_for_each(room: Door) -> None:
    for n in range(6):
        await planned(room, await room.submit(f"goal {n}"), "one", "two", "three")
    await room.project()
    query = """{ runs(first: %d) { nodes { id inputs tasks(first: 3) { nodes { key operations { tool } } }
        artifacts(first: 3) { nodes { name } } } } }"""
    lent: list[int] = []
    for first in (1, 6):
        before = room.pool.lent
        assert len((await room.ask(query % first)).data["runs"]["nodes"]) == first
        lent.append(room.pool.lent - before)
    assert lent[0] == lent[1] <= 4


async def test_pages_of_tasks_and_artifacts(room: Door) -> None:
    run = await room.submit()
    names = [f"t{n}" for n in range(5)]
    await planned(room, run, *names)
    await room.project()
    query = """query ($id: ID!, $asOf: Position, $t: String, $a: String) { run(id: $id, asOf: $asOf) { position
      tasks(first: 2, after: $t) { nodes { key } pageInfo { hasNextPage endCursor } }
      artifacts(first: 2, after: $a) { edges { node { task } } pageInfo { hasNextPage endCursor } } } }"""
    at = (await room.ask(query, id=run)).data["run"]["position"]
    for as_of in (None, at):
        tasks: list[str] = []
        artifacts: list[str] = []
        t = a = None
        for _ in range(3):
            found = (await room.ask(query, id=run, asOf=as_of, t=t, a=a)).data["run"]
            tasks += [node["key"] for node in found["tasks"]["nodes"]]
            artifacts += [edge["node"]["task"] for edge in found["artifacts"]["edges"]]
            t, a = found["tasks"]["pageInfo"]["endCursor"], found["artifacts"]["pageInfo"]["endCursor"]
        assert tasks == artifacts == names


async def test_what_lies_in_blobs_is_fetched(room: Door) -> None:
    run = await room.submit()
    digest = await room.services.blobs.put(b'{"name": "large"}')
    await room.happen(
        run, "run", PlanProposed(number=1, digest=digest), PlanAccepted(number=1, digest=digest)
    )
    await room.happen(run, "run", RunSucceeded(outputs_blob=digest))
    await room.project()
    query = "query ($id: ID!) { run(id: $id) { outputs outputsBlob plan { digest document } } }"
    found = (await room.ask(query, id=run)).data["run"]
    assert found["outputs"] == found["plan"]["document"] == {"name": "large"}
    missing = await room.submit()
    await room.happen(missing, "run", RunSucceeded(outputs_blob="f" * 64))
    await room.project()
    found = (await room.ask(query, id=missing)).data["run"]
    assert found == {"outputs": None, "outputsBlob": "f" * 64, "plan": None}


async def test_there_is_no_such_run(room: Door) -> None:
    none = "r-00-" + "0" * 26
    assert (await room.ask("query ($id: ID!) { run(id: $id) { id } }", id=none)).data == {"run": None}
    asked = 'query ($id: ID!) { run(id: $id, asOf: "00:0:1") { id } events(run: $id) { hasMore } }'
    assert (await room.ask(asked, id=none)).data == {"run": None, "events": None}
    for wrong in ("nonsense", "r-77-" + "0" * 26):
        assert (await room.ask("query ($id: ID!) { run(id: $id) { id } }", id=wrong)).codes == [
            "invalid_argument"
        ]


async def test_events_page_by_page(room: Door) -> None:
    run = await room.submit()
    await planned(room, run, "one")
    await room.project()
    query = """query ($run: ID!, $after: Position) { events(run: $run, after: $after, first: 3) {
      events { position id time run aggregate version type actor cause data } position hasMore } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await room.ask(query, run=run, after=after)).data["events"]
        seen += [event["type"].partition("/")[0].rpartition(".")[2] for event in page["events"]]
        after, more = page["position"], page["hasMore"]
    recorded = (await room.tiers.log.history(run)).events
    assert seen == [event.type.partition("/")[0].rpartition(".")[2] for event in recorded]


async def test_pages_of_events_go_on_while_these_move_to_the_archive_and_a_lost_one_is_refused(
    room: Door,
) -> None:
    run = await room.submit()
    await planned(room, run, "one", "two")
    query = """query ($run: ID!, $after: Position) { events(run: $run, after: $after, first: 4) {
      events { position id } position hasMore } }"""
    seen: list[Any] = []
    after, more = None, True
    while more:
        page = (await room.ask(query, run=run, after=after)).data["events"]
        seen += page["events"]
        after, more = page["position"], page["hasMore"]
        await room.project()
    recorded = (await room.tiers.log.history(run)).events
    assert [each["id"] for each in seen] == [event.id for event in recorded]
    assert [each["position"] for each in seen] == [f"00:{event.n}:1" for event in recorded]
    head = (await room.tiers.log.head()).n
    await RedisHotTier(room.tiers.client, room.tiers.partition).close(1)
    epoch = (await room.tiers.heal()).epoch
    refused = await room.ask(query, run=run, after=f"00:{head + 3}:1")
    assert refused.codes == ["rewound"]
    assert refused.json["errors"][0]["extensions"]["position"] == f"00:{head}:{epoch}"
    kept = (await room.ask(query, run=run, after=seen[-2]["position"])).data["events"]
    assert [each["position"] for each in kept["events"]] == [f"00:{recorded[-1].n}:{epoch}"]


async def test_projections_tell_how_far_they_are(room: Door) -> None:
    await room.submit()
    await room.project()
    query = "{ projections { name live versions { version code live stopped parked lag positions { partition position lag } } } }"
    found = {each["name"]: each for each in (await room.ask(query)).data["projections"]}
    assert set(found) == {"runs", "run_details", "tasks", "operations", "artifacts", "dead_letters"}
    (version,) = found["runs"]["versions"]
    assert (found["runs"]["live"], version["live"], version["stopped"], version["lag"]) == (1, True, False, 0)
    assert version["positions"][0]["position"].startswith("00:1:")
