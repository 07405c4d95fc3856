"""`awe serve`: in a process of its own, on the servers of others, told to stop."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from awe.api.cli.exit_codes import ExitCode
from awe.api.http.keys import Keys
from awe.api.http.listening import listen
from support.cli import Cli
from support.http_door import closed_with
from support.installation import Installation, installation
from support.server_process import free_port

KEY = "this-key-must-never-be-seen"


@pytest.fixture
def keyed(session_homes: Path) -> Iterator[Installation]:
    with installation(session_homes, AWE_API_KEY=KEY) as made:
        yield made


def test_it_is_ready_beside_the_engine_shows_no_key_and_drains(keyed: Installation) -> None:
    wrong, bearer = f"{KEY}-wrong", {"Authorization": f"Bearer {KEY}"}
    with keyed.begun("up") as engine, keyed.begun("serve", "--port", "0", "--output", "json") as server:
        engine.wait_for("running")
        before = server.wait_for("listening on")
        url = re.search(r"http://[\d.:]+", before)
        assert url is not None

        async def asked() -> None:
            async with httpx2.AsyncClient(base_url=url[0], trust_env=False, timeout=60) as client:
                async with asyncio.timeout(60):
                    while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                query = {"query": "{runs(first: 1) {edges {node {id}}}}"}
                answer = await client.post("/graphql", json=query, headers=bearer, params={"key": KEY})
                assert answer.json()["data"] == {"runs": {"edges": []}}
                refused = await client.post(
                    "/graphql", json=query, headers={"Authorization": f"Bearer {wrong}"}
                )
                assert refused.status_code == 401
                assert (await client.post("/graphql", content=KEY, headers=bearer)).status_code == 415
            place = f"{url[0].replace('http', 'ws', 1)}/graphql?key={KEY}"
            with pytest.raises(InvalidStatus):
                async with connect(place, additional_headers={"Authorization": wrong}, proxy=None):
                    pass
            async with connect(place, subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
                init = {"type": "connection_init", "payload": {"authorization": f"Bearer {KEY}"}}
                await socket.send(json.dumps(init))
                assert "connection_ack" in str(await socket.recv())
                server.signal(signal.SIGTERM)
                assert await closed_with(socket) == 1012

        asyncio.run(asked())
        ended = server.end()
        engine.signal(signal.SIGTERM)
        engine.end()
    assert ended.code == ExitCode.OK, ended.err
    assert json.loads(ended.out) == {"urls": [url[0]], "graphql": f"{url[0]}/graphql", "keys": True}
    assert "awe serve: stopped" in ended.err
    assert KEY not in before + ended.err + ended.out


def test_it_does_not_begin_where_it_must_not(keyed: Installation) -> None:
    open_to_all = Installation(keyed.home, {**keyed.variables, "AWE_API_KEY": ""})
    refused = open_to_all.awe("serve", "--host", "0.0.0.0", "--output", "json")  # noqa: S104
    assert refused.code == ExitCode.INVALID
    assert refused.document["error"]["code"] == "key_required"
    assert "AWE_API_KEY" in refused.err
    taken = listen("127.0.0.1", 0, Keys({}))
    taken.sockets[0].listen()
    told = keyed.awe("serve", "--port", taken.urls[0].rpartition(":")[2])
    assert told.code == ExitCode.INVALID
    assert "cannot be listened on: Address already in use" in told.err
    taken.close()
    short = Installation(keyed.home, {**keyed.variables, "AWE_API_KEY": "short-and-secret"})
    unusable = short.awe("serve")
    assert unusable.code == ExitCode.INVALID
    assert "AWE_API_KEY: a key has 20" in unusable.err
    assert "short-and-secret" not in unusable.err


@pytest.mark.parametrize("form", ["table", "json"])
def test_it_tells_where_it_listens_and_ends_when_told(
    keyed: Installation, cli: Cli, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    for name, value in {**keyed.variables, "AWE_API_KEY": ""}.items():
        monkeypatch.setenv(name, value)
    port = free_port()

    def stop() -> None:
        with httpx2.Client(trust_env=False) as client:
            while True:
                with suppress(httpx2.TransportError):
                    if client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                        break
        os.kill(os.getpid(), signal.SIGTERM)

    stopping = threading.Thread(target=stop)
    stopping.start()
    ended = cli("serve", "--port", port, "--output", form)
    stopping.join()
    assert ended.code == ExitCode.OK, ended.err
    assert f"listening on http://127.0.0.1:{port}" in ended.err
    assert "for this machine only" in ended.err
    assert bool(ended.out) == (form == "json")


@pytest.mark.parametrize("port", [0, 1])
def test_it_says_what_to_set(cli: Cli, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.delenv("AWE_API_KEY", raising=False)
    refused = cli("serve", "--host", "::", "--port", port)
    assert refused.code == ExitCode.INVALID
    assert "AWE_API_KEY" in refused.err
    monkeypatch.setenv("AWE_API_KEYS_FILE", "/no/such/file")
    assert "AWE_API_KEYS_FILE: the file /no/such/file cannot be read" in cli("serve").err


def test_help_loads_no_web_server_and_another_role_no_graphql() -> None:
    program = (
        "import sys; from awe.api.cli.main import run; run(['--help'])\n"
        "def loaded(): print(*({'starlette', 'strawberry', 'uvicorn', 'prometheus_client'} & {*sys.modules}), file=sys.stderr)\n"
        "loaded(); import awe.api.cli.runs, awe.api.cli.up; loaded()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert "serve " in done.stdout
    with_help, with_up = done.stderr.split("\n")[:2]
    assert with_help == ""
    assert "strawberry" not in with_up
