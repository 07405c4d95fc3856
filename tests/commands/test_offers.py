"""A message of a work queue is the event that it carries, and names it, so that it is acknowledged and no other (I14)."""

import json
from typing import Any

import pytest

from awe.commands.log import Ack
from awe.commands.offers import MalformedOffer, Offer, read_offer
from awe.domain.codec import MalformedEvent, UnknownEvent
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import run_id_for
from awe.domain.task.events import TaskReady, TaskSkipped
from awe.domain.vocabulary import CODEC

RUN = run_id_for("t", "ana", "offers", 1)
READY = TaskReady(attempt=2, plan=1, work={"requests": []})
CONTEXT = Context("s", "c", "r", "00-t")


def message(about: Event = READY, **changes: Any) -> bytes:
    told = {
        "n": 7,
        "run": RUN,
        "aggregate": "t:collect[3]",
        "version": 4,
        "append": "p.1",
        "type": about.event_type,
        "event": json.loads(encode(about, CONTEXT)),
    }
    return json.dumps(told | changes).encode()


def test_i14_an_offer_says_which_event_it_is_and_acknowledges_just_that() -> None:
    offer = read_offer("default", "1-2", message(), CODEC)
    assert offer == Offer("default", "1-2", 7, RUN, offer.task, "t:collect[3]", 4, "p.1", READY, CONTEXT)
    assert offer.task == "collect[3]"
    assert offer.ack == Ack("default", "1-2", 7, "p.1")


@pytest.mark.parametrize(
    "data",
    [
        b"no json",
        b"[]",
        b"{}",
        message(run="r-1"),
        message(aggregate="run"),
        message(aggregate=3),
        message(TaskSkipped(reason="no need")),
    ],
)
def test_what_offers_no_task_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(MalformedOffer, match="message 1-2 of queue 'default'"):
        read_offer("default", "1-2", data, CODEC)


def test_i09_an_offer_of_a_newer_release_is_told_apart() -> None:
    with pytest.raises(UnknownEvent):
        read_offer("default", "1-2", message(type="awe.task.ready/99"), CODEC)
    with pytest.raises(MalformedEvent):
        read_offer("default", "1-2", message(event={"data": {"attempt": 0}}), CODEC)
