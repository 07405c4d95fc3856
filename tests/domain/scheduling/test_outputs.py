import pytest

from awe.domain.events import Json
from awe.domain.plan.bindings import Reference
from awe.domain.plan.model import ToolRequest
from awe.domain.scheduling.outputs import BlobsNeeded, SourceMissing, ValueMissing, filled, referenced

SOURCES: dict[str, Json] = {"inputs": {"repo": "."}, "collect": {"rows": [1, 2], "name": None}}


def lookup(source: str) -> Json:
    if source not in SOURCES:
        raise SourceMissing(f"'{source}' left no output")
    return SOURCES[source]


def reference(source: str, path: str = "", **default: Json) -> Reference:
    return Reference.model_validate({"$from": source, "path": path, **default})


def fill(arguments: dict[str, Json], *item: Json) -> dict[str, Json]:
    request = ToolRequest.model_validate({"tool": "t", "arguments": arguments})
    return filled(request.arguments, request.bindings, lookup, *item)


def test_a_reference_finds_its_value() -> None:
    assert referenced(reference("collect", "/rows/1"), lookup) == 2
    assert referenced(reference("collect", "/name"), lookup) is None
    assert referenced(reference("inputs"), lookup) == {"repo": "."}


def test_a_default_stands_in_for_what_is_missing() -> None:
    assert referenced(reference("collect", "/none", default=7), lookup) == 7
    assert referenced(reference("gone", default=None), lookup) is None


def test_what_is_missing_without_a_default_says_what_it_is() -> None:
    with pytest.raises(ValueMissing, match="'collect' has nothing at '/none'"):
        referenced(reference("collect", "/none"), lookup)
    with pytest.raises(SourceMissing, match="'gone' left no output"):
        referenced(reference("gone"), lookup)


def test_arguments_are_filled_where_they_bind_and_shared_elsewhere() -> None:
    kept: Json = {"deep": [1]}
    arguments: dict[str, Json] = {
        "kept": kept,
        "list": [0, {"$from": "collect", "path": "/rows/0"}],
        "earlier": {"$from": "requests/0", "path": "/x"},
        "whole": {"$from": "inputs"},
    }
    before = {**arguments}
    found = fill(arguments)
    assert found == {
        "kept": {"deep": [1]},
        "list": [0, 1],
        "earlier": {"$from": "requests/0", "path": "/x"},
        "whole": {"repo": "."},
    }
    assert found["kept"] is kept
    assert arguments == before


def test_many_bindings_in_one_place_share_one_copy_of_it() -> None:
    rows: list[Json] = [{"$from": "collect", "path": f"/rows/{index}"} for index in (0, 1)]
    arguments: dict[str, Json] = {"deep": {"rows": rows, "kept": [1]}, "other": {"x": {"$from": "inputs"}}}
    found = fill(arguments)
    assert found == {"deep": {"rows": [1, 2], "kept": [1]}, "other": {"x": {"repo": "."}}}
    assert rows == [{"$from": "collect", "path": f"/rows/{index}"} for index in (0, 1)]
    assert found["deep"]["kept"] is arguments["deep"]["kept"]  # type: ignore[index,call-overload]  # an object


def test_arguments_may_be_one_reference_and_without_any_are_what_they_were() -> None:
    assert fill({"$from": "inputs"}) == {"repo": "."}
    arguments: dict[str, Json] = {"x": [1]}
    request = ToolRequest.model_validate({"tool": "t", "arguments": arguments})
    assert filled(request.arguments, request.bindings, lookup) is request.arguments


def test_an_item_is_a_source_of_its_own() -> None:
    assert fill({"x": {"$from": "item", "path": "/id"}}, {"id": 3}) == {"x": 3}
    assert fill({"x": {"$from": "item", "path": "/no", "default": 1}}, {"id": 3}) == {"x": 1}
    with pytest.raises(SourceMissing):
        fill({"x": {"$from": "item"}})


def test_blobs_that_are_needed_are_named() -> None:
    needed = BlobsNeeded(frozenset({"a", "b"}))
    assert needed.digests == frozenset({"a", "b"})
    assert str(needed) == "2 blobs have to be read first"
