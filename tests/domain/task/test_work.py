"""The work document says all that an attempt needs, and leaves out what is not there."""

import json

import pytest

from awe.domain.events import Json
from awe.domain.task.work import Check, Control, Request, Work, read_work

LEAST = Work((Request("git.log", "a" * 64, {"path": "."}),))
WHOLE = Work(
    (
        Request("git.log", "a" * 64, {}),
        Request("text.count", "b" * 64, {"of": {"$from": "requests/0"}}, (("of",),)),
    ),
    (Check("c-1", "output.n > 0"),),
    {"type": "object"},
    {"inputs": {"n": 1}},
    1_700_000_000_000,
    Control(3, "p.1"),
)


@pytest.mark.parametrize("work", [LEAST, WHOLE])
def test_a_document_reads_back_as_the_same_work(work: Work) -> None:
    assert read_work(json.loads(json.dumps(work.document()))) == work


def test_what_is_not_there_is_not_said() -> None:
    assert LEAST.document() == {"requests": [["git.log", "a" * 64, {"path": "."}]]}
    assert set(WHOLE.document()) == {
        "requests",
        "criteria",
        "output_schema",
        "seen",
        "deadline_ms",
        "control",
    }


@pytest.mark.parametrize(
    "document",
    [
        None,
        7,
        [],
        {},
        {"requests": None},
        {"requests": [["one"]]},
        {"requests": [], "criteria": [["only"]]},
        {"requests": [], "control": [1, 2, 3]},
    ],
)
def test_what_no_scheduler_wrote_is_no_work(document: Json) -> None:
    with pytest.raises(ValueError, match="no work of a task"):
        read_work(document)
