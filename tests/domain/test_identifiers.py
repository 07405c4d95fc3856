import pytest
from hypothesis import given
from hypothesis import strategies as st

from awe.domain.identifiers import (
    MalformedIdentifier,
    OperationId,
    RunId,
    TaskKey,
    parse_run_id,
    parse_task_key,
    partition_of,
    run_id_for,
    run_id_from,
    split_task_key,
    task_aggregate,
    task_key,
    task_of_aggregate,
)

partitions = st.integers(1, 100)
RUN = RunId("r-07-" + "0" * 26)


@given(st.text(), st.text(), st.text(), partitions)
def test_i19_a_command_determines_its_run_and_its_partition(
    tenant: str, actor: str, key: str, count: int
) -> None:
    first = run_id_for(tenant, actor, key, count)
    assert first == run_id_for(tenant, actor, key, count) == parse_run_id(first)
    assert 0 <= partition_of(first) < count
    assert run_id_for(tenant, actor, key, 1)[4:] == first[4:]


def test_i19_run_ids_are_stable_over_releases() -> None:
    assert run_id_for("acme", "ann", "key-1", 16) == "r-12-egypeycj9shbve572pm49kfa6y"
    assert run_id_from(bytes(range(17)), 16) == "r-00-000g40r40m30e209185gr38e1w"


@pytest.mark.parametrize("other", [("acm", "eann", "k"), ("acmea", "nn", "k"), ("acme", "annk", "")])
def test_i19_keys_are_scoped_by_tenant_and_actor(other: tuple[str, str, str]) -> None:
    assert run_id_for(*other, 1) != run_id_for("acme", "ann", "k", 1)


def test_commands_spread_over_all_partitions() -> None:
    assert {partition_of(run_id_for("t", "a", str(n), 16)) for n in range(500)} == set(range(16))


@given(st.binary(min_size=17, max_size=40), partitions)
def test_a_run_id_from_randomness_uses_its_first_130_bits(entropy: bytes, count: int) -> None:
    run_id = run_id_from(entropy, count)
    assert 0 <= partition_of(run_id) < count
    assert run_id_from(entropy[:17], 1)[4:] == run_id[4:]


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 17 bytes"):
        run_id_from(bytes(16), 1)


@pytest.mark.parametrize("count", [0, 101])
def test_an_installation_has_1_to_100_partitions(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 100 partitions"):
        run_id_for("t", "a", "k", count)


@pytest.mark.parametrize(
    "text",
    ["", "r-7-" + "0" * 26, RUN + "0", RUN[:-1] + "u", RUN.upper(), f"{RUN}\n", "r-\u0660\u0667-" + "0" * 26],
)
def test_what_is_no_run_id_is_refused(text: str) -> None:
    with pytest.raises(MalformedIdentifier, match="expected r-PP-"):
        partition_of(text)


@pytest.mark.parametrize(
    ("key", "parts"), [("collect", ("collect", None)), ("collect[3]", ("collect", 3)), ("_a[0]", ("_a", 0))]
)
def test_a_task_key_names_the_task_and_its_item(key: str, parts: tuple[str, int | None]) -> None:
    assert split_task_key(key) == parts
    assert task_key(*parts) == parse_task_key(key) == key


@pytest.mark.parametrize(
    "text", ["", "1a", "a b", "a[", "a[]", "a[-1]", "a[01]", "a[1]x", "a[x]", "a\n", "a" * 65]
)
def test_what_is_no_task_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedIdentifier, match="expected a task id"):
        parse_task_key(text)


def test_a_negative_item_has_no_key() -> None:
    with pytest.raises(MalformedIdentifier):
        task_key("a", -1)


def test_an_aggregate_is_addressed_inside_its_run() -> None:
    assert task_aggregate(TaskKey("collect[3]")) == "t:collect[3]"
    assert task_of_aggregate("t:collect[3]") == "collect[3]"
    assert task_of_aggregate("run") is None


operations = st.builds(
    OperationId,
    run=st.just(RUN),
    task=st.sampled_from([TaskKey("a"), TaskKey("a[1]"), TaskKey("a[11]")]),
    index=st.integers(0, 20),
    generation=st.integers(1, 20),
)


@given(operations, operations)
def test_i22_two_operations_share_a_key_only_when_they_are_one(one: OperationId, other: OperationId) -> None:
    assert (one.idempotency_key == other.idempotency_key) == (one == other)


def test_i22_the_idempotency_key_is_stable_over_releases() -> None:
    assert OperationId(RUN, TaskKey("a[1]"), 0, 1).idempotency_key == "awe-9574633080c64c1d0380ee6b1e7d3a6e"
