"""Every version of every event ever written stays readable, with the values it was written with.

One file each, `golden/<name>.v<version>.json`: the body as it stands in a log, and the fields that the class of that
version read from it. Files are added, never changed. A new field, a renamed one or another default shows here as a
difference: raise the event's version, write a step and add a file. What later versions added is None in older bodies.
"""

import json
from pathlib import Path

import pytest

from awe.domain.events import encode
from awe.domain.vocabulary import CODEC, decode

GOLDEN = Path(__file__).parent / "golden"
TYPES = sorted(CODEC.types)


def _file(type_: str) -> Path:
    name, version = type_.split("/")
    return GOLDEN / f"{name}.v{version}.json"


def test_each_version_has_its_file_and_each_file_its_version() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {_file(type_).name for type_ in TYPES}


@pytest.mark.parametrize("type_", TYPES)
def test_a_body_ever_written_is_read_with_the_same_values(type_: str) -> None:
    golden = json.loads(_file(type_).read_text())
    event, context = decode(type_, json.dumps(golden["body"]).encode())
    assert type_.startswith(f"{event.event_name}/")
    read = event.model_dump(mode="json")
    if type_ != event.event_type:
        read = {name: value for name, value in read.items() if name in golden["event"] or value is not None}
    assert read == golden["event"]
    assert context._asdict() == golden["context"]


@pytest.mark.parametrize("type_", [cls.event_type for cls in CODEC.classes.values()])
def test_todays_version_is_still_written_in_the_same_way(type_: str) -> None:
    body = json.loads(_file(type_).read_text())["body"]
    written = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    assert encode(*decode(type_, written)) == written
