import pytest
from starlette.datastructures import Headers

from awe.api.http.ranges import Part, Unsatisfiable, has_already, part_wanted

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("given", "size", "part"),
    [
        ("bytes=0-0", 10, Part(0, 1)),
        ("bytes=2-4", 10, Part(2, 3)),
        ("Bytes = 2 - 4 ", 10, Part(2, 3)),
        ("bytes=5-", 10, Part(5, 5)),
        ("bytes=5-999999999999", 10, Part(5, 5)),
        ("bytes=-3", 10, Part(7, 3)),
        ("bytes=-30", 10, Part(0, 10)),
        ("bytes=4-2", 10, None),
        ("bytes=-", 10, None),
        ("bytes=", 10, None),
        ("bytes=0-1,4-5", 10, None),
        ("lines=0-1", 10, None),
        ("bytes=a-b", 10, None),
        ("bytes=--1", 10, None),
        ("bytes=٣-٤", 10, None),
        ("bytes=" + "9" * 400 + "-", 10, None),
        ("", 10, None),
    ],
)
def test_one_range_counts_and_what_is_none_counts_as_all(given: str, size: int, part: Part | None) -> None:
    headers = Headers(raw=[(b"range", given.encode())])
    assert part_wanted(headers, ETAG, size) == part


@pytest.mark.parametrize(
    ("given", "size"),
    [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_a_range_behind_the_end_cannot_be_had(given: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        part_wanted(Headers({"range": given}), ETAG, size)


@pytest.mark.parametrize(
    ("if_range", "part"),
    [(ETAG, Part(2, 3)), ('"other"', None), (f"W/{ETAG}", None), ("Tue, 24 Nov 2026 16:00:00 GMT", None)],
)
def test_a_range_is_of_the_file_that_the_client_knows(if_range: str, part: Part | None) -> None:
    assert part_wanted(Headers({"range": "bytes=2-4", "if-range": if_range}), ETAG, 10) == part


@pytest.mark.parametrize(
    ("given", "has"),
    [
        (ETAG, True),
        (f"W/{ETAG}", True),
        (f'"x", {ETAG}', True),
        ("*", True),
        ('"x"', False),
        ("abc", False),
        ("", False),
        (None, False),
    ],
)
def test_a_client_says_what_it_has(given: str | None, has: bool) -> None:  # noqa: FBT001
    assert has_already(Headers({} if given is None else {"if-none-match": given}), ETAG) == has
