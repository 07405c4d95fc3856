"""Requests that are almost ones: each has a clear code, over HTTP, server-sent events and web sockets."""

import json
from typing import Any, Final

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from support.http_door import BEARER, HttpDoor, closed_with, code_of

JSON: Final = "application/json"
STRICT: Final = "application/graphql-response+json"
EVENTS: Final = "text/event-stream"
NAME: Final = b'{"query": "{ __typename }"}'
TWO: Final = "query A { __typename } query B { __typename }"
COUNTED: Final = "query ($n: Int) { runs(first: $n) { totalCount } }"
DIGITS: Final = "9" * 5_000
OTHER_TYPES: Final = (
    "",
    "text/plain",
    "text/plain; a=application/json",
    "application/jsonx",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
)
WEIGHED: Final = {
    "": JSON,
    "image/png": JSON,
    "application/*": JSON,
    STRICT.upper(): STRICT,
    f"{JSON}, {STRICT}": STRICT,
    f"{STRICT}, {JSON};q=0.9": STRICT,
    f"{JSON}, {STRICT};q=0.5": JSON,
    f"{STRICT};q=0": JSON,
    f"{STRICT};q=some": JSON,
    f"{EVENTS};q=0": JSON,
    f"{JSON}, {EVENTS}": EVENTS,
}
UNUSABLE: Final[list[tuple[dict[str, Any], str]]] = [
    ({"query": TWO}, "invalid_query"),
    ({"query": TWO, "operationName": "C"}, "bad_request"),
    ({"query": "fragment a on Query { __typename }"}, "bad_request"),
    ({"query": ""}, "bad_request"),
    ({}, "bad_request"),
    ({"query": "{ __typename }", "operationName": 7}, "bad_request"),
    ({"query": "{ nothing }"}, "invalid_query"),
    ({"query": f"{{ runs(first: {DIGITS}) {{ totalCount }} }}"}, "invalid_query"),
]
MALFORMED: Final = (
    "[]",
    "7",
    "null",
    "{}",
    '{"type": ["a"]}',
    f'{{"type": "{"x" * 500}"}}',
    f'{{"type": "ping", "payload": {DIGITS}}}',
    '{"type": "complete"}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "1", "payload": "x"}',
)
MISTYPED: Final[list[dict[str, Any]]] = [
    {"query": 7},
    {"query": ""},
    {"query": "{ __typename }", "variables": "x"},
    {"query": "{ __typename }", "operationName": 7},
]


async def post(door: HttpDoor, body: bytes, **headers: str) -> Any:
    told = {"Content-Type": JSON, **{name.replace("_", "-"): headers[name] for name in headers}}
    return await door.keyed.post("/graphql", content=body, headers=told)


def code(answer: Any) -> str:
    (error,) = answer.json()["errors"]
    found: str = error["extensions"]["code"]
    return found


async def test_what_is_no_json_by_its_headers_is_not_read(door: HttpDoor) -> None:
    others: list[dict[str, str]] = [{"Content_Type": each} for each in OTHER_TYPES]
    for headers in [*others, {"Content_Encoding": "gzip"}]:
        answer = await post(door, NAME, **headers)
        assert (answer.status_code, code(answer)) == (415, "unsupported_media_type"), headers


async def test_a_media_type_is_read_as_one(door: HttpDoor) -> None:
    for content_type in ("Application/JSON", 'application/json; charset="UTF-8"'):
        assert (await post(door, NAME, Content_Type=content_type)).json()["data"] == {"__typename": "Query"}


async def test_an_answer_comes_as_the_client_weighs(door: HttpDoor) -> None:
    for accept, answered_in in WEIGHED.items():
        answer = await post(door, NAME, Accept=accept)
        assert answer.headers["content-type"].partition(";")[0] == answered_in, accept


async def test_a_refusal_comes_in_the_media_type_too(door: HttpDoor) -> None:
    answer = await post(door, b"[]", Accept=STRICT)
    assert (answer.status_code, answer.headers["content-type"], code(answer)) == (400, STRICT, "batching_off")


@pytest.mark.parametrize("accept", [JSON, EVENTS])
async def test_a_clear_code_however_it_is_answered(door: HttpDoor, accept: str) -> None:
    for body, told in UNUSABLE:
        answer = await post(door, json.dumps(body).encode(), Accept=accept)
        text = answer.text
        if answer.headers["content-type"].startswith(EVENTS):
            text = text.partition("data: ")[2].partition("\r\n")[0]
        document = json.loads(text)
        assert [each["extensions"]["code"] for each in document["errors"]] == [told], body
        assert "data" not in document


async def test_a_number_without_end_is_no_json(door: HttpDoor) -> None:
    for number in (DIGITS, "1e999", "-1e999", "NaN", "-Infinity"):
        body = f'{{"query": "{COUNTED}", "variables": {{"n": {number}}}}}'
        answer = await post(door, body.encode())
        assert (answer.status_code, code(answer)) == (400, "bad_request"), number


async def test_the_operation_that_is_named_counts(door: HttpDoor) -> None:
    both = "query A { __typename } subscription B { runsChanged { __typename } }"
    answer = await post(door, json.dumps({"query": both, "operationName": "A"}).encode())
    assert answer.json()["data"] == {"__typename": "Query"}
    answer = await post(door, json.dumps({"query": both, "operationName": "B"}).encode())
    assert code(answer) == "needs_a_stream"


async def test_a_message_does_not_give_back_all_that_came(door: HttpDoor) -> None:
    query = f'{{ runs(first: "{"x" * 100_000}") {{ totalCount }} }}'
    answer = await post(door, json.dumps({"query": query}).encode())
    assert code(answer) == "invalid_query"
    assert len(answer.content) < 2_000


def subscribe(**payload: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": "1", "payload": payload}


async def test_a_message_that_is_none_ends_the_socket(door: HttpDoor) -> None:
    for message in (*MALFORMED, *(json.dumps(subscribe(**each)) for each in MISTYPED)):
        async with door.socket(**BEARER) as socket:
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            await socket.send(message)
            assert await closed_with(socket) == 4400, message


async def test_a_long_id_twice_has_room_in_a_close_frame(door: HttpDoor) -> None:
    message = {**subscribe(query="subscription { runsChanged { __typename } }"), "id": "é" * 1_000}
    async with door.socket(**BEARER) as socket:
        await socket.send('{"type": "connection_init"}')
        for _ in range(2):
            await socket.send(json.dumps(message))
        assert await closed_with(socket) == 4409


async def test_one_subscription_too_many_has_a_code(door: HttpDoor) -> None:
    async with door.socket(**BEARER) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        for number in range(51):
            message = {**subscribe(query="subscription { runsChanged { __typename } }"), "id": str(number)}
            await socket.send(json.dumps(message))
        told = json.loads(await socket.recv())
    assert (told["id"], told["payload"][0]["extensions"]) == ("50", {"code": "overloaded"})


async def test_no_such_operation_over_a_socket(door: HttpDoor) -> None:
    async with door.socket(**BEARER) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        for document in ("query A { __typename }", "fragment a on Query { __typename }"):
            await socket.send(json.dumps(subscribe(query=document, operationName="B")))
            told = json.loads(await socket.recv())
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "bad_request")


async def test_a_socket_to_nowhere_is_told(door: HttpDoor) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{door.port}/other", additional_headers=BEARER, proxy=None):
            pass
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body or b"")["error"]["code"] == "not_found"


async def test_a_body_of_ten_million_bytes_is_refused_before_it_is_read(door: HttpDoor) -> None:
    answer = await post(door, b'{"query": "' + b"x" * 10_000_000 + b'"}')
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
