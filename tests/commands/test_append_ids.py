from itertools import islice

import pytest

from awe.commands.append_ids import AppendIds


def test_ids_of_two_starts_never_meet() -> None:
    one, other = AppendIds(b"\x01" * 9), AppendIds(b"\x02" * 9)
    ids = {found.new() for found in (one, other) for _ in range(10_000)}
    assert len(ids) == 20_000
    assert max(len(found) for found in islice(ids, 1_000)) <= 16


def test_too_little_entropy_is_refused() -> None:
    with pytest.raises(ValueError, match="9 bytes"):
        AppendIds(b"short")
