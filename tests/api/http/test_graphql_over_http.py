"""The audits of the package graphql-http for the GraphQL-over-HTTP specification, by their ids, on our own server.

An audit asks one thing and looks at the status, the media type, or whether there are errors or data. What is not met is listed with
its reason, and nothing else may fail.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pytest

from support.http_door import HttpDoor, Opening

JSON: Final = "application/json"
STRICT: Final = "application/graphql-response+json"
NAME: Final = {"query": "{ __typename }"}
NAMED: Final = {"operationName": "Query", "query": "query Query { __typename }"}
TYPE: Final = {
    "query": "query Type($name: String!) { __type(name: $name) { name } }",
    "variables": {"name": "sometype"},
}
COERCED: Final = {"query": "query Coerced($id: ID!) { __typename }", "variables": {"id": None}}
UNPARSED: Final = {"query": "{"}
UNKNOWN: Final = {"query": "{ a_field_that_there_is_not }"}
TORN: Final = b'{ "not a JSON'
SUCCESS, REFUSED, ANY_ERROR = range(200, 300), range(400, 500), range(400, 600)

NO_GET: Final = {"5A70", "D6D5", "6A70"}
"""MAY: queries by GET. A mutation cannot come by GET then, and no URL with a query in it lies in a log."""

NO_INTROSPECTION: Final = {"2EA1", "28B9"}
"""Ask `__type`, which is off unless AWE_GRAPHQL_INTROSPECTION is set; the variables that they are about are taken."""


class Audit(NamedTuple):
    """What is sent, and what must come: a status, a media type, no errors, no data."""

    id: str
    level: str
    sent: Any
    accept: str | None = None
    status: Sequence[int] = (200,)
    answered_in: str | None = None
    no_errors: bool = False
    no_data: bool = False
    content_type: str | None = JSON
    method: str = "POST"


def _of_types(prefix: str, member: str, wrong: Sequence[Any]) -> list[Audit]:
    """A member of the wrong type may be refused."""
    return [
        Audit(f"{prefix}{at}", "MAY", {**NAME, member: each}, status=(400,)) for at, each in enumerate(wrong)
    ]


def _nulls() -> list[Audit]:
    """A member may be null."""
    found: list[Audit] = []
    for at, member in enumerate(("variables", "operationName", "extensions")):
        sent = {**NAME, member: None}
        found += [
            Audit(f"94B{at}", "SHOULD", sent, STRICT, no_errors=True),
            Audit(f"022{at}", "MUST", sent, JSON, no_errors=True),
        ]
    return found


AUDITS: Final = (
    Audit("22EB", "SHOULD", NAME, STRICT, answered_in=STRICT),
    Audit("4655", "MUST", NAME, JSON, answered_in=JSON),
    Audit("47DE", "SHOULD", NAME, "*/*", answered_in=JSON),
    Audit("80D8", "SHOULD", NAME, answered_in=JSON),
    Audit("82A3", "MUST", NAME),
    Audit(
        "BF61",
        "MUST",
        {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'},
        content_type=f"{JSON}; charset=utf-8",
    ),
    Audit("78D5", "MUST", NAME),
    Audit("2C94", "MUST", NAME),
    Audit("5A70", "MAY", NAME, method="GET"),
    Audit("9C48", "MAY", {"query": "mutation { __typename }"}, STRICT, REFUSED, method="GET"),
    Audit("9ABE", "SHOULD", NAME, status=REFUSED, content_type=None),
    Audit("03D4", "MUST", NAME),
    Audit("A5BF", "MAY", b"", status=(400,)),
    Audit("423L", "MAY", {"notquery": "{ __typename }"}, STRICT, (400,)),
    *_of_types("LKJ", "query", [{"obj": "ect"}, 0, False, ["array"]]),
    Audit("34A2", "SHOULD", NAME, STRICT),
    Audit("13EE", "MUST", NAME, JSON, no_errors=True),
    *_of_types("6C0", "operationName", [{"obj": "ect"}, 0, False, ["array"]]),
    Audit("8161", "SHOULD", NAMED, STRICT),
    Audit("B8B3", "MUST", NAMED, JSON, no_errors=True),
    *_nulls(),
    *_of_types("476", "variables", ["string", 0, False, ["array"]]),
    Audit("2EA1", "SHOULD", TYPE, STRICT),
    Audit("28B9", "MUST", TYPE, JSON, no_errors=True),
    Audit("D6D5", "MAY", TYPE, STRICT, no_errors=True, method="GET"),
    Audit("6A70", "MAY", TYPE, JSON, no_errors=True, method="GET"),
    *_of_types("58B", "extensions", ["string", 0, False, ["array"]]),
    Audit("428F", "SHOULD", {**NAME, "extensions": {"some": "value"}}, STRICT),
    Audit("1B7A", "MUST", {**NAME, "extensions": {"some": "value"}}, JSON, no_errors=True),
    Audit("B6DC", "MAY", TORN, JSON, (*SUCCESS, *ANY_ERROR)),
    Audit("BCF8", "SHOULD", TORN, JSON, (400,)),
    Audit("B7N8", "SHOULD", TORN, STRICT, (400,)),
    Audit("8764", "MAY", {"qeury": "{ __typename }"}, status=ANY_ERROR),
    Audit("3E3A", "MAY", {"qeury": "{ __typename }"}, status=(400,)),
    Audit("572B", "SHOULD", UNPARSED, JSON),
    Audit("FDE2", "SHOULD", UNKNOWN, JSON),
    Audit("7B9B", "SHOULD", COERCED, JSON),
    Audit("865D", "SHOULD", UNPARSED, STRICT, ANY_ERROR),
    Audit("556A", "SHOULD", UNPARSED, STRICT, (400,)),
    Audit("D586", "SHOULD", UNPARSED, STRICT, (400,), no_data=True),
    Audit("51FE", "SHOULD", UNKNOWN, STRICT, ANY_ERROR),
    Audit("74FF", "SHOULD", UNKNOWN, STRICT, (400,)),
    Audit("5E5B", "SHOULD", UNKNOWN, STRICT, (400,), no_data=True),
    Audit("86EE", "SHOULD", COERCED, STRICT, (400,)),
)


async def met(door: HttpDoor, audit: Audit) -> bool:
    """Whether the server does what the audit asks for."""
    told = {"Accept": audit.accept, "Content-Type": audit.content_type}
    headers = {name: value for name, value in told.items() if value is not None}
    if audit.method == "GET":
        members = {
            name: each if isinstance(each, str) else json.dumps(each) for name, each in audit.sent.items()
        }
        request = door.keyed.build_request("GET", f"/graphql?{urlencode(members)}", headers=headers)
    else:
        body = audit.sent if isinstance(audit.sent, bytes) else json.dumps(audit.sent).encode()
        request = door.keyed.build_request("POST", "/graphql", content=body, headers=headers)
    if audit.accept is None:
        del request.headers["accept"]
    answer = await door.keyed.send(request)
    document: Mapping[str, Any] = json.loads(answer.content.decode())
    return (
        answer.status_code in audit.status
        and (audit.answered_in is None or audit.answered_in in answer.headers["content-type"])
        and not (audit.no_errors and "errors" in document)
        and not (audit.no_data and "data" in document)
    )


@pytest.mark.parametrize(("introspection", "not_met"), [(1, NO_GET), (0, NO_GET | NO_INTROSPECTION)])
async def test_the_audits_are_met_but_for_what_is_meant(
    opening: Opening, introspection: int, not_met: set[str]
) -> None:
    async with opening(graphql_introspection=introspection) as door:
        assert {each.id for each in AUDITS if not await met(door, each)} == not_met


def test_there_are_as_many_as_there_were() -> None:
    levels = [each.level for each in AUDITS]
    assert {level: levels.count(level) for level in set(levels)} == {"MUST": 13, "SHOULD": 23, "MAY": 25}
    assert len({each.id for each in AUDITS}) == len(AUDITS)
