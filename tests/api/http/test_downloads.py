"""What runs leave behind comes whole or in part, to be saved and never shown, and nothing else comes."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from awe.api.http.run_events import run_events
from awe.commands.log import LogUnavailable, Position, Rewound
from support.http_door import HttpDoor, Opening, code_of, digest_of
from support.waiting import until_async

DATA = bytes(range(256)) * 2_000
NAME = "charts/Größe 1.svg"


async def test_an_artifact_comes_as_an_attachment(door: HttpDoor) -> None:
    run = await door.submit()
    digest = await door.made(run, NAME, DATA, "image/svg+xml")
    path = f"/runs/{run}/artifacts/write/0/{quote(NAME)}"
    found = await door.get(path)
    assert (found.status_code, found.content) == (200, DATA)
    assert found.headers["etag"] == f'"{digest}"'
    assert found.headers["content-type"] == "image/svg+xml"
    assert found.headers["content-length"] == str(len(DATA))
    assert (
        found.headers["content-disposition"]
        == "attachment; filename=\"Gr__e 1.svg\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.svg"
    )
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"].startswith("sandbox;")
    assert found.headers["accept-ranges"] == "bytes"
    for place in (path, f"/blobs/{digest}"):
        head = await door.keyed.head(place)
        whole = await door.get(place)
        assert (head.content, whole.content) == (b"", DATA)
        volatile = {"date"}
        assert {k: v for k, v in head.headers.items() if k not in volatile} == {
            k: v for k, v in whole.headers.items() if k not in volatile
        }
        has = await door.get(place, If_None_Match=f'"{digest}"')
        assert (has.status_code, has.content, has.headers["etag"]) == (304, b"", f'"{digest}"')
        part = await door.get(place, Range="bytes=300-1299", If_Range=f'"{digest}"')
        assert (part.status_code, part.content) == (206, DATA[300:1300])
        assert part.headers["content-range"] == f"bytes 300-1299/{len(DATA)}"
        assert part.headers["content-length"] == "1000"
        behind = await door.get(place, Range=f"bytes={len(DATA)}-")
        assert (behind.status_code, code_of(behind)) == (416, "range_not_satisfiable")
        assert behind.headers["content-range"] == f"bytes */{len(DATA)}"
        other = await door.get(place, Range="bytes=0-1", If_Range='"other"')
        assert (other.status_code, other.content) == (200, DATA)
        assert (await door.keyed.post(place)).status_code == 405
    blob = await door.get(f"/blobs/{digest}")
    assert blob.headers["content-type"] == "application/octet-stream"
    assert "immutable" in blob.headers["cache-control"]


async def test_the_read_model_and_the_log_know_the_same_artifact(opening: Opening) -> None:
    async with opening() as door:
        run = await door.submit()
        await door.made(run, "a.txt", b"first")
        second = await door.made(run, "a.txt", b"second", generation=2)

        async def projected() -> bool:
            async with door.serving.health.connection() as connection:
                cursor = await connection.execute("SELECT count(*) FROM awe_read.artifacts")
                return (await cursor.fetchone()) == (2,)

        await until_async(projected)
        assert (await door.get(f"/runs/{run}/artifacts/write/0/a.txt")).content == b"second"
        assert (await door.get(f"/runs/{run}/artifacts/write/0/a.txt")).headers["etag"] == f'"{second}"'
    async with opening(keeper=False) as door:
        await door.made(run, "b.txt", b"not projected yet", "text/html; charset=utf-8\r\nx: y")
        found = await door.get(f"/runs/{run}/artifacts/write/0/b.txt")
        assert found.content == b"not projected yet"
        assert found.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path",
    [
        "/runs/{run}/artifacts/write/0/none.txt",
        "/runs/{run}/artifacts/write/1/a.txt",
        "/runs/{run}/artifacts/write/-1/a.txt",
        "/runs/{run}/artifacts/write/0/",
        "/runs/{run}/artifacts/other/0/a.txt",
        "/runs/{run}/artifacts/no%20key/0/a.txt",
        "/runs/{run}/artifacts/write/0/..%2fa.txt",
        "/runs/{run}/artifacts/write/0/a.txt%00",
        "/runs/{run}/artifacts/write/99999999999999999999/a.txt",
        "/runs/r-99-00000000000000000000000000/artifacts/write/0/a.txt",
        "/runs/..%2f..%2fetc/artifacts/write/0/a.txt",
        "/blobs/..%2f..%2fetc%2fpasswd",
        "/blobs/%00",
        "/blobs/" + "0" * 64,
        "/blobs/" + "A" * 64,
    ],
)
async def test_what_is_not_there_is_not_found(door: HttpDoor, path: str) -> None:
    run = await door.submit()
    await door.made(run, "a.txt", b"text")
    answer = await door.raw(path.replace("{run}", run))
    assert (answer.status, code_of(answer)) == (404, "not_found")


async def test_workspaces_are_read_and_nothing_around_them(door: HttpDoor, tmp_path: Path) -> None:
    run = await door.submit()
    workspace = tmp_path / "workspaces" / run
    (workspace / "notes").mkdir(parents=True)
    (workspace / "notes" / "a b.md").write_text("# Notes")
    (tmp_path / "secret.txt").write_text("secret")
    (workspace / "link").symlink_to(tmp_path)
    (workspace / "file.txt").symlink_to(tmp_path / "secret.txt")
    found = await door.raw(f"/runs/{run}/workspace/notes/a%20b.md")
    assert (found.status, found.body) == (200, b"# Notes")
    assert found.headers["etag"] == f'"{digest_of(b"# Notes")}"'
    assert found.headers["content-type"] == "text/markdown"
    for path in (
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "%2e%2e%2f%2e%2e%2fsecret.txt",
        "notes/..%2f..%2f..%2fsecret.txt",
        "notes/%2e%2e/%2e%2e/%2e%2e/secret.txt",
        "..%5c..%5csecret.txt",
        "%252e%252e/secret.txt",
        "..%c0%af..%c0%afsecret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "link/secret.txt",
        "file.txt",
        "notes/a%20b.md%00.png",
        "notes%00",
        "notes%0a",
        "notes",
        "notes/",
        "%ff%fe",
        "",
        "a" * 5_000,
    ):
        answer = await door.raw(f"/runs/{run}/workspace/{path}")
        assert (answer.status, code_of(answer)) == (404, "not_found"), path
        assert b"secret" not in answer.body
    assert (await door.raw("/runs/nobody/workspace/a.txt")).status == 404


async def test_damaged_bytes_are_never_sent(door: HttpDoor) -> None:
    run = await door.submit()
    digest = await door.made(run, "a.txt", b"some text")
    place = door.kit.folders.blobs / digest[:2] / digest[2:]
    place.chmod(0o600)
    place.write_bytes(b"some test")
    for path in (f"/blobs/{digest}", f"/runs/{run}/artifacts/write/0/a.txt"):
        answer = await door.get(path)
        assert (answer.status_code, code_of(answer)) == (500, "fault")
        assert str(place) not in answer.text


async def test_events_are_exported_as_they_were_recorded(door: HttpDoor) -> None:
    run, other = await door.submit(), await door.submit("something else")
    await door.made(run, "a.txt", b"text")
    await door.made(other, "b.txt", b"text")
    await door.made(run, "c.txt", b"text")
    history = await door.serving.logs[0].history(run)
    path = f"/runs/{run}/events.ndjson"
    found = await door.get(path)
    assert found.headers["content-type"] == "application/x-ndjson"
    told = [json.loads(line) for line in found.text.splitlines()]
    assert [each["id"] for each in told] == [event.id for event in history.events]
    position = found.headers["awe-position"]
    assert position == f"00:{history.position.n}:{history.position.epoch}"
    assert (await door.keyed.head(path)).headers["awe-position"] == position
    assert (await door.get(f"{path}?after={position}")).text == ""
    first = f"00:{told[0]['n']}:{history.position.epoch}"
    assert (await door.get(f"{path}?after={first}")).text.splitlines() == found.text.splitlines()[1:]
    for after, code in (
        ("", "invalid_position"),
        ("7", "invalid_position"),
        ("01:1:1", "invalid_position"),
        (f"00:{history.position.n + 100}:{history.position.epoch}", "position_ahead"),
        ("00:1:999", "position_ahead"),
    ):
        answer = await door.get(f"{path}?after={after}")
        assert (answer.status_code, code_of(answer)) == (400, code), after
    for run_id in ("r-00-00000000000000000000000000", "r-77-00000000000000000000000000", "nothing"):
        assert (await door.get(f"/runs/{run_id}/events.ndjson")).status_code == 404


async def test_i16_an_export_behind_a_lost_position_names_the_last_one_that_survived(
    door: HttpDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await door.submit()
    position = (await door.get(f"/runs/{run}/events.ndjson")).headers["awe-position"]
    lost = Rewound(Position(0, 7))

    async def survived(*_asked: object) -> Rewound:
        return lost

    async def read(*_asked: object) -> Rewound:
        return lost

    with monkeypatch.context() as changed:
        changed.setattr("awe.api.graphql.positions.survived", survived)
        answer = await door.get(f"/runs/{run}/events.ndjson?after={position}")
    assert (answer.status_code, code_of(answer)) == (409, "rewound")
    assert answer.json()["error"]["position"] == "00:0:7"
    # A loss while it is read: what could not be read is told, and nothing is passed over.
    log, until = door.serving.logs[0], Position(10_000, 1)
    monkeypatch.setattr(type(log), "read", read)
    with pytest.raises(LogUnavailable, match="lost its end"):
        _ = [page async for page in run_events(log, door.serving.reads, run, 0, until)]


async def test_an_export_is_whole_whatever_is_archived(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.api.http.run_events._PAGE", 3)
    async with opening() as door:
        run, other = await door.submit(), await door.submit("something else")
        for number in range(7):
            await door.made(run, f"a{number}.txt", b"text")
            await door.made(other, f"b{number}.txt", b"text")
        log = door.serving.logs[0]
        head = await log.head()

        async def archived() -> bool:
            async with door.serving.health.connection() as connection:
                cursor = await connection.execute("SELECT head FROM awe.partition")
                return (await cursor.fetchone()) == (head.n,)

        await until_async(archived)
        assert len((await door.get(f"/runs/{run}/events.ndjson")).text.splitlines()) == 8
    async with opening(keeper=False) as door:
        for number in range(5):
            await door.made(run, f"c{number}.txt", b"text")
            await door.made(other, f"d{number}.txt", b"text")
        told = [
            json.loads(line)["n"] for line in (await door.get(f"/runs/{run}/events.ndjson")).text.splitlines()
        ]
        assert told == [event.n for event in (await door.serving.logs[0].history(run)).events]
        assert len(told) == 13
