import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from awe.domain.codec import Codec, MalformedEvent, UnknownEvent
from awe.domain.events import MESSAGE_LENGTH, Context, Event, encode, event
from awe.domain.run.events import CancelRequested, RunEvent
from awe.domain.task.events import OperationSucceeded, TaskEvent, TaskReady
from awe.domain.vocabulary import CODEC, decode

CLAIMED = "awe.task.claimed/1"
BODY = b'{"data":{"attempt":1,"worker":"w","lease_ms":1}}'

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
contexts = st.builds(Context, st.text(), st.text(), st.text(), st.text())


@given(json_values, contexts)
def test_what_was_encoded_is_decoded(output: Any, context: Context) -> None:
    written = OperationSucceeded(attempt=1, index=0, generation=1, output=output)
    assert decode(written.event_type, encode(written, context)) == (written, context)


def test_a_body_says_only_what_there_is_to_say() -> None:
    ready = TaskReady(attempt=1, plan=1, work={"x": None})
    assert encode(ready, Context()) == b'{"data":{"attempt":1,"plan":1,"work":{"x":null}}}'
    assert encode(ready, Context(actor="ann", correlation_id="c", traceparent="t")) == (
        b'{"data":{"attempt":1,"plan":1,"work":{"x":null}},"actor":"ann","corr":"c","trace":"t"}'
    )
    assert json.loads(encode(ready, Context(causation_id="a.0")))["cause"] == "a.0"


@pytest.mark.parametrize(
    "type_", ["awe.task.claimed/2", "awe.task.claimed/0", "awe.task.claimed", "awe.task.flown/1", ""]
)
def test_i09_an_unknown_event_is_refused_by_name(type_: str) -> None:
    with pytest.raises(UnknownEvent, match="upgrade"):
        decode(type_, BODY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"data":null}',
        b'{"data":{"attempt":1,"worker":"w"}}',
        b'{"data":{"attempt":0,"worker":"w","lease_ms":1}}',
        b'{"data":{"attempt":1,"worker":"w","lease_ms":1,"more":1}}',
        BODY[:-1],
    ],
)
def test_a_body_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedEvent, match=r"awe\.task\.claimed/1"):
        decode(CLAIMED, body)


def test_the_vocabulary_is_what_the_aggregates_fold() -> None:
    assert set(CODEC.classes.values()) == {*get_args(RunEvent), *get_args(TaskEvent)}
    assert CLAIMED in CODEC.types


def test_every_subclass_of_event_belongs_to_the_vocabulary() -> None:
    defined = {cls for cls in Event.__subclasses__() if cls.__module__.startswith("awe.")}
    assert defined == set(CODEC.classes.values())


@pytest.mark.parametrize("cls", CODEC.classes.values(), ids=lambda cls: cls.event_name)
def test_a_field_that_may_be_none_is_none_when_left_out(cls: type[Event]) -> None:
    for name, field in cls.model_fields.items():
        if type(None) in get_args(field.annotation):
            assert field.default is None, name


def test_a_name_stands_for_one_class() -> None:
    @event("test.twice", version=1)
    class One(Event):
        pass

    @event("test.twice", version=2)
    class Other(Event):
        pass

    with pytest.raises(ValueError, match="share a name"):
        Codec([One, Other], {})


def test_an_event_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CancelRequested().reason = "later"  # pyright: ignore[reportAttributeAccessIssue] (the point)


def test_words_for_people_are_cut_so_that_a_report_always_fits() -> None:
    assert CancelRequested(reason="x" * 5_000).reason == "x" * MESSAGE_LENGTH
