import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awe.adapters.eventsourcing.originators import originator_of, run_of
from awe.adapters.eventsourcing.partitions import partition_of
from awe.adapters.redis_streams.keys import Keys


@pytest.mark.parametrize(
    ("application", "purpose", "partition"),
    [
        ("BankAccounts", "", "es.bankaccounts"),
        ("BankAccounts", "snapshots", "es.bankaccounts.snapshots"),
        ("", "", "es."),
        ("", "snapshots", "es..snapshots"),
        ("my-app_2", "", "es.my-app_2"),
        ("Größe.1", "", "es.gr.f6..df.e.2e.1"),
    ],
)
def test_an_application_is_a_partition(application: str, purpose: str, partition: str) -> None:
    assert partition_of("es", application, purpose) == partition
    assert Keys(partition).partition == partition


names = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(deadline=None)
@given(names, names, st.sampled_from(["", "snapshots"]), st.sampled_from(["", "snapshots"]))
def test_applications_share_no_partition(one: str, other: str, of_one: str, of_other: str) -> None:
    same = (one.lower(), of_one) == (other.lower(), of_other)
    assert (partition_of("es", one, of_one) == partition_of("es", other, of_other)) == same


@settings(deadline=None)
@given(names)
def test_a_partition_has_a_name_that_keys_can_carry(application: str) -> None:
    Keys(partition_of("es", application))


def test_a_name_that_makes_no_partition_is_refused() -> None:
    with pytest.raises(OSError, match=r"AWE_EVENTSOURCING_PREFIX='Es\.1' must match"):
        partition_of("Es.1", "App")
    with pytest.raises(OSError, match="103 letters"):
        partition_of("es", "a" * 100)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")) | st.uuids())
def test_an_originator_is_a_run(originator: str) -> None:
    run = run_of(originator)
    assert re.fullmatch(r"[^\x00-\x1f;@]+", run)
    assert originator_of(run) == originator
