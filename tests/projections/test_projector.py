"""A projection's declaration is checked when it is made."""

from typing import ClassVar

import pytest

from awe.projections.projector import Table
from awe.projections.read_models import BUILT_IN
from awe.projections.read_models.runs import Runs
from awe.projections.tables import code_of


@pytest.mark.parametrize("name", ["Runs", "a b", "1st", "x;drop", "", "a" * 41])
def test_a_name_that_sql_would_have_to_quote_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names no table or column"):
        Table(columns={name: "text"}, key=(name,))
    with pytest.raises(ValueError, match="names no table or column"):
        type("Bad", (Runs,), {"name": name})


@pytest.mark.parametrize("key", [(), ("b",), ("a", "b")])
def test_a_key_is_some_of_the_columns(key: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="key of a table"):
        Table(columns={"a": "text"}, key=key)


def test_the_partition_is_no_column_of_its_own() -> None:
    with pytest.raises(ValueError, match="added to each by itself"):
        Table(columns={"partition": "text"}, key=("partition",))


def test_versions_count_from_one() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        type("Bad", (Runs,), {"name": "bad", "version": 0})


def test_another_table_or_version_is_other_code() -> None:
    class Other(Runs):
        name = "runs"
        table: ClassVar[Table] = Table(columns={"run": "text"}, key=("run",))

    class Newer(Runs):
        name = "runs"
        version = 2

    assert len({code_of(each) for each in (Runs(), Other(), Newer())}) == 3


def test_names_are_unique() -> None:
    assert len({each.name for each in BUILT_IN}) == len(BUILT_IN)
