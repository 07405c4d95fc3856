"""Nothing but health is answered without a key, and without keys nobody but this machine."""

import logging

import pytest

from support.http_door import BEARER, KEY, HttpDoor, Opening, code_of

PATHS = (
    "/graphql",
    "/blobs/" + "0" * 64,
    "/runs/r-00-00000000000000000000000000/events.ndjson",
    "/runs/r-00-00000000000000000000000000/workspace/a.txt",
    "/runs/r-00-00000000000000000000000000/artifacts/write/0/a.txt",
    "/no/such/path",
    "/healthz/",
    "/healthz/../graphql",
    "//healthz",
)
QUERY = {"query": "{projections {name}}"}


async def test_without_a_key_nothing_but_health_is_answered(door: HttpDoor) -> None:
    for path in PATHS:
        answer = await door.raw(path, Authorization="")
        assert (answer.status, code_of(answer)) == (401, "unauthorized"), path
        assert answer.headers["www-authenticate"] == "bearer"
    assert (await door.bare.get("/healthz")).json() == {"status": "ok"}
    assert (await door.bare.get("/readyz")).status_code in {200, 503}
    assert (await door.bare.post("/healthz")).status_code == 405


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", "Bearer é"],
)
async def test_only_a_known_key_lets_in(door: HttpDoor, given: str) -> None:
    for path in ("/graphql", "/blobs/" + "0" * 64):
        assert (await door.raw(path, Authorization=given)).status == 401
    assert (await door.keyed.post("/graphql", json=QUERY)).status_code == 200
    assert (await door.bare.post("/graphql", json=QUERY, params={"key": KEY})).status_code == 401


async def test_no_key_is_ever_logged(door: HttpDoor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="awe")
    await door.bare.post("/graphql", json=QUERY, headers={"Authorization": f"Bearer {KEY}x"})
    await door.keyed.post("/graphql", json=QUERY, params={"key": KEY})
    await door.keyed.post("/graphql", content=b"{", params={"key": KEY})
    assert not [record for record in caplog.records if KEY in record.getMessage()]


async def test_pages_of_other_origins_change_nothing(opening: Opening) -> None:
    async with opening(allowed_origins="https://console.example.org") as door:

        async def asked(origin: str) -> int:
            answer = await door.keyed.post("/graphql", json=QUERY, headers={"Origin": origin})
            return answer.status_code

        assert await asked("https://evil.example.org") == 403
        assert await asked("null") == 403
        assert await asked("https://console.example.org.evil.example.org") == 403
        assert await asked("https://console.example.org") == 200
        assert await asked(door.url) == 200

        preflight = {"Origin": "https://console.example.org", "Access-Control-Request-Method": "POST"}
        allowed = await door.bare.options("/graphql", headers=preflight)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (
            204,
            "https://console.example.org",
        )
        evil = await door.bare.options(
            "/graphql", headers={**preflight, "Origin": "https://evil.example.org"}
        )
        assert evil.status_code == 401
        assert "access-control-allow-origin" not in evil.headers
        read = await door.get("/no/such", Origin="https://console.example.org")
        assert read.headers["access-control-allow-origin"] == "https://console.example.org"
        assert "Origin" in read.headers["vary"]


async def test_without_keys_only_this_machine_is_answered_and_in_its_own_name(opening: Opening) -> None:
    async with opening(keys={}) as door:
        assert (await door.bare.post("/graphql", json=QUERY)).status_code == 200
        assert (await door.bare.get("/metrics")).status_code == 200
        for host in ("127.0.0.1:8080", "localhost", "[::1]:80", "awe.localhost"):
            assert (await door.raw("/metrics", Host=host)).status == 200, host
        for headers in (
            {"Host": "evil.example.org"},
            {"Host": "evil.example.org:8080"},
            {"Host": "10.0.0.1"},
            {"Host": "[::1"},
            {"Host": ""},
            {"X-Forwarded-For": "10.0.0.1"},
            {"Forwarded": "for=10.0.0.1"},
        ):
            answer = await door.raw("/metrics", **headers)
            assert (answer.status, code_of(answer)) == (403, "host_refused"), headers
        evil = await door.bare.post("/graphql", json=QUERY, headers={"Origin": "https://evil.example.org"})
        assert (evil.status_code, code_of(evil)) == (403, "origin_refused")


async def test_metrics_are_open_on_this_machine_and_through_no_proxy(door: HttpDoor) -> None:
    assert (await door.bare.get("/metrics")).status_code == 200
    assert (await door.bare.get("/metrics", headers={"X-Forwarded-For": "10.0.0.1"})).status_code == 401
    assert (await door.bare.get("/metrics", headers={"Host": "awe.example.org"})).status_code == 401
    assert (await door.bare.get("/metrics", headers={"Host": "a", **BEARER})).status_code == 200


async def test_who_asks_is_recorded_by_the_name_of_the_key(door: HttpDoor) -> None:
    mutation = """mutation ($goal: GoalInput!) {submitGoal(input: $goal, idempotencyKey: "k") {
        __typename ... on GoalSubmitted {run}}}"""
    plan = {"goal": "count the words"}
    told = await door.ask(mutation, goal=plan)
    assert told["data"]["submitGoal"]["__typename"] in {"GoalSubmitted", "ValidationFailed"}, told
    if told["data"]["submitGoal"]["__typename"] == "GoalSubmitted":
        run = told["data"]["submitGoal"]["run"]
        exported = await door.get(f"/runs/{run}/events.ndjson")
        assert '"actor":"http:ann"' in exported.text
