from awe.commands.scheduler.limits import Limits


def test_a_silent_scheduler_is_replaced_no_later_than_a_silent_worker() -> None:
    assert Limits(task_lease_s=5.0).role_lease_ms == 5_000
    assert Limits(task_lease_s=3_600.0).role_lease_ms == Limits().lease_ms
