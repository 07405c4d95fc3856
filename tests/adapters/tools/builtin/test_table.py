from typing import Any

import pytest

from awe.adapters.tools.builtin.table import (
    table_filter,
    table_from_csv,
    table_group,
    table_join,
    table_select,
    table_sort,
    table_to_csv,
    table_top,
)
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass

Rows = list[dict[str, Any]]

ROWS: Rows = [
    {"name": "b", "n": 2, "team": "x"},
    {"name": "a", "n": 2, "team": "y"},
    {"name": "c", "n": None, "team": "x"},
    {"name": "d", "n": 1.5, "team": "x", "tags": ["t"]},
]


def names(told: Any) -> str:
    return "".join(row["name"] for row in told["rows"])


def refusal(call: Any) -> str:
    with pytest.raises(ToolError) as caught:
        call()
    assert caught.value.failure is FailureClass.INVALID_INPUT
    return str(caught.value)


def test_sorting_is_stable_and_puts_null_last() -> None:
    assert names(table_sort(ROWS, ["n"])) == "dbac"
    assert names(table_sort(ROWS, ["n"], descending=True)) == "badc"
    assert names(table_sort(ROWS, ["n", "name"])) == "dabc"
    assert names(table_sort(ROWS, ["team", "n"])) == "dbca"
    assert table_sort(ROWS, ["n"], limit=1)["truncated"]
    assert table_sort([], ["anything"])["rows"] == []


def test_sorting_says_which_column_has_no_order() -> None:
    assert (
        refusal(lambda: table_sort(ROWS, ["nm"]))
        == "no row has a column 'nm'; there are 'name', 'n', 'team', 'tags'"
    )
    mixed: Rows = [{"a": 1}, {}, {"a": "x"}]
    assert refusal(lambda: table_sort(mixed, ["a"])) == (
        "column 'a' has a number in row 1 and a text in row 3; they have no order"
    )
    assert "column 'tags' has a list in row 4" in refusal(lambda: table_sort(ROWS, ["tags"]))
    assert "an object in row 1" in refusal(lambda: table_sort([{"a": {}}], ["a"]))
    assert names(table_sort([{"name": "t", "a": True}, {"name": "f", "a": False}], ["a"])) == "ft"


@pytest.mark.parametrize(
    ("column", "op", "value", "found"),
    [
        ("n", "eq", 2, "ba"),
        ("n", "eq", True, ""),
        ("n", "eq", None, "c"),
        ("n", "ne", 2, "cd"),
        ("n", "lt", 2, "d"),
        ("n", "le", 2, "bad"),
        ("n", "gt", 1.5, "ba"),
        ("n", "ge", 1.5, "bad"),
        ("name", "gt", "b", "cd"),
        ("n", "in", [1.5, "x"], "d"),
        ("name", "contains", "a", "a"),
        ("tags", "contains", "t", "d"),
        ("team", "starts_with", "x", "bcd"),
        ("team", "ends_with", "y", "a"),
        ("n", "is_null", None, "c"),
        ("tags", "not_null", None, "d"),
    ],
)
def test_filtering(column: str, op: Any, value: Any, found: str) -> None:
    assert names(table_filter(ROWS, column, op, value)) == found


@pytest.mark.parametrize(
    ("column", "op", "value", "message"),
    [
        ("x", "eq", 1, "no row has a column 'x'"),
        ("n", "in", 1, "op 'in' wants a list"),
        ("n", "lt", [], "op 'lt' wants a number or a text"),
        ("name", "starts_with", 1, "op 'starts_with' wants a text"),
        ("name", "lt", 1, "column 'name' has a text in row 1; op 'lt' was given a number"),
        ("n", "contains", "a", "column 'n' has a number in row 1; op 'contains' compares texts"),
        ("name", "contains", 1, "compares texts"),
    ],
)
def test_filtering_says_what_is_wrong(column: str, op: Any, value: Any, message: str) -> None:
    assert message in refusal(lambda: table_filter(ROWS, column, op, value))


def test_grouping_counts_and_sums() -> None:
    told = table_group(
        ROWS,
        ["team"],
        [
            {"op": "sum", "column": "n"},
            {"op": "mean", "column": "n", "name": "middle"},
            {"op": "min", "column": "name", "name": "first"},
            {"op": "max", "column": "n", "name": "most"},
        ],
    )
    assert told["rows"] == [
        {"team": "x", "count": 3, "sum_n": 3.5, "middle": 1.75, "first": "b", "most": 2},
        {"team": "y", "count": 1, "sum_n": 2, "middle": 2.0, "first": "a", "most": 2},
    ]
    assert table_group(ROWS, [])["rows"] == [{"count": 4}]
    nothing: Rows = [{"a": None, "t": 1}]
    aggregates: list[Any] = [{"op": "sum", "column": "a"}, {"op": "max", "column": "a"}]
    assert table_group(nothing, ["t"], aggregates)["rows"] == [
        {"t": 1, "count": 1, "sum_a": None, "max_a": None}
    ]


def test_grouping_tells_true_from_one() -> None:
    assert [row["count"] for row in table_group([{"a": 1}, {"a": True}, {"a": 1}], ["a"])["rows"]] == [2, 1]


def test_grouping_says_what_is_wrong() -> None:
    assert "'sum' adds up numbers" in refusal(
        lambda: table_group(ROWS, [], [{"op": "sum", "column": "name"}])
    )
    assert "no row has a column 'x'" in refusal(lambda: table_group(ROWS, ["x"]))
    twice: list[Any] = [{"op": "sum", "column": "n", "name": "team"}]
    assert "would be called 'team'" in refusal(lambda: table_group(ROWS, ["team"], twice))
    mixed: Rows = [{"a": 1}, {"a": "x"}]
    assert "have no order" in refusal(lambda: table_group(mixed, [], [{"op": "min", "column": "a"}]))


def test_joining_keeps_the_order_of_both_sides() -> None:
    teams: Rows = [{"team": "x", "n": 10}, {"team": "x", "n": 20}, {"team": None, "n": 30}]
    told = table_join(ROWS, teams, ["team"])
    assert [(row["name"], row["n"], row["n_right"]) for row in told["rows"]] == [
        ("b", 2, 10),
        ("b", 2, 20),
        ("c", None, 10),
        ("c", None, 20),
        ("d", 1.5, 10),
        ("d", 1.5, 20),
    ]
    left = table_join(ROWS, teams, ["team"], how="left", suffix="2")["rows"]
    assert [row["n2"] for row in left] == [10, 20, None, 10, 20, 10, 20]
    null: Rows = [{"team": None, "name": "z"}]
    assert table_join(null, teams, ["team"])["rows"] == []
    assert table_join([], [], ["team"], how="left") == {"rows": [], "truncated": False}


def test_a_join_that_multiplies_is_cut() -> None:
    many: Rows = [{"k": 1, "i": i} for i in range(2_000)]
    told = table_join(many, many, ["k"], limit=10)
    assert (len(told["rows"]), told["truncated"]) == (10, True)


def test_joining_says_what_is_wrong() -> None:
    assert "no row has a column 'q'" in refusal(lambda: table_join(ROWS, ROWS, ["q"]))
    right: Rows = [{"team": "x", "n": 1, "n_right": 2}]
    assert "would be a second 'n_right'" in refusal(lambda: table_join(ROWS, right, ["team"]))


def test_the_top_of_a_table() -> None:
    assert names(table_top(ROWS, "n", 2)) == "ba"
    assert names(table_top(ROWS, "n", 1, smallest=True)) == "d"
    assert names(table_top(ROWS, "n", 9)) == "bad"
    assert table_top(ROWS, "n", 1)["truncated"]
    assert "column 'name' has a text in row 1" in refusal(lambda: table_top(ROWS, "name", 1))


def test_selecting_columns() -> None:
    told = table_select(ROWS, ["tags", "name"], {"tags": "labels"})
    assert list(told["rows"][0]) == ["labels", "name"]
    assert [row["labels"] for row in told["rows"]] == [None, None, None, ["t"]]
    assert "'n' gets a new name" in refusal(lambda: table_select(ROWS, ["name"], {"n": "m"}))
    assert "same name" in refusal(lambda: table_select(ROWS, ["name", "n"], {"n": "name"}))


def test_csv_there_and_back() -> None:
    rows: Rows = [{"a": 'x,"y"\nz', "b": 1, "c": True}, {"a": None, "b": 2.5, "d": ["q"]}]
    told = table_to_csv(rows)
    assert told == {
        "text": 'a,b,c,d\n"x,""y""\nz",1,true,\n,2.5,,"[""q""]"\n',
        "columns": ["a", "b", "c", "d"],
        "rows": 2,
        "truncated": False,
    }
    assert table_from_csv(told["text"], numbers=["b"])["rows"] == [
        {"a": 'x,"y"\nz', "b": 1, "c": "true", "d": ""},
        {"a": "", "b": 2.5, "c": "", "d": '["q"]'},
    ]
    assert table_to_csv(rows, ["b"], ";")["text"] == "b\n1\n2.5\n"
    assert table_to_csv([])["text"] == "\n"
    assert "no row has a column 'q'" in refusal(lambda: table_to_csv(rows, ["q"]))


def test_csv_is_cut_to_whole_rows() -> None:
    told = table_to_csv([{"a": "x" * 1_000}] * 300)
    assert told["truncated"]
    assert told["text"].count("\n") == told["rows"] + 1
    assert told["rows"] < 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no first line"),
        ("a,a\n", "two columns are called 'a'"),
        ("a,b\n1\n", "row 1 has 1 fields; the first line names 2 columns"),
        ("a,b\n1,x\n", "column 'b' has no number in row 1"),
        ("a,b\n1,inf\n", "column 'b' has no number"),
        ('a,b\n1,"x', "line 2: unexpected end"),
        ("a\n", "there is no column 'b'"),
    ],
)
def test_csv_says_what_is_wrong(text: str, message: str) -> None:
    assert message in refusal(lambda: table_from_csv(text, numbers=["b"]))


def test_csv_numbers_are_whole_where_they_are_written_so() -> None:
    told = table_from_csv("\ufeffa\n1\n-2\n\n3.0\n 1e3 \n", numbers=["a"])["rows"]
    assert [repr(row["a"]) for row in told] == ["1", "-2", "3.0", "1000.0"]
    blank = table_from_csv("a,b\n,x\n", numbers=["a"])
    assert blank["rows"] == [{"a": None, "b": "x"}]
    assert table_from_csv("a\n1\n2\n", limit=1)["truncated"]
