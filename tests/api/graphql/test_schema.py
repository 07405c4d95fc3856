"""What clients were promised stays: the committed schema is the one that is served, and no change of it breaks them."""

from graphql import build_schema, find_breaking_changes

from awe.api.graphql.schema import COMMITTED, printed


def test_the_committed_schema_breaks_no_promise() -> None:
    promised, served = build_schema(COMMITTED.read_text(encoding="utf-8")), build_schema(printed())
    assert [change.description for change in find_breaking_changes(promised, served)] == []


def test_the_committed_schema_is_up_to_date() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == printed(), (
        "Write it anew: python -c 'from awe.api.graphql.schema import COMMITTED, printed; COMMITTED.write_text(printed())'"
    )


def test_a_break_would_be_found() -> None:
    served = printed()
    broken = served.replace("  tenant: String\n", "", 1)
    assert broken != served
    assert find_breaking_changes(build_schema(served), build_schema(broken))
