"""Whatever goes wrong leaves with a code, and with no word of an exception."""

import json
import logging
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from awe.api.http.codes import STATUS, Code
from awe.api.http.masking import Masked
from awe.commands.blobs import BlobMissing
from awe.commands.log import LogCorrupt, LogUnavailable

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/secret-path", "headers": []}


async def told(error: Exception, scope: Any = SCOPE, *, begun: bool = False) -> list[Any]:
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    await Masked(app)(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("error", "status", "code", "fault"),
    [
        (LogUnavailable("secret words"), 503, "unavailable", "log_unavailable"),
        (LogCorrupt("secret words"), 500, "fault", "log_corrupt"),
        (BlobMissing("secret words"), 503, "unavailable", "blob_missing"),
        (HTTPException(404), 404, "not_found", None),
        (HTTPException(418, "secret words"), 400, "bad_request", None),
        (ValueError("secret words"), 500, "internal", None),
        (ExceptionGroup("secret words", [ValueError("secret words")]), 500, "internal", None),
    ],
)
async def test_an_error_is_told_by_its_code(
    caplog: pytest.LogCaptureFixture, error: Exception, status: int, code: str, fault: str | None
) -> None:
    caplog.set_level(logging.WARNING)
    start, body = await told(error)
    document = json.loads(body["body"])["error"]
    assert (start["status"], document["code"], document.get("fault")) == (status, code, fault)
    assert b"secret" not in body["body"]
    if code == "internal":
        assert document["errorId"] in caplog.text
        assert "secret-path" not in caplog.text


async def test_an_answer_that_has_begun_is_cut_off() -> None:
    assert len(await told(ValueError(), begun=True)) == 1


async def test_a_client_that_is_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    assert await told(ClientDisconnect()) == []
    assert not caplog.records


async def test_a_web_socket_is_closed() -> None:
    assert await told(ValueError(), {**SCOPE, "type": "websocket"}) == [
        {"type": "websocket.close", "code": 1011}
    ]


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code)
