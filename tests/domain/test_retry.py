import pytest
from hypothesis import given
from hypothesis import strategies as st

from awe.domain.failures import OPEN_ENDED, FailureClass
from awe.domain.retry import BACKOFF, POLICY, DeadLetter, Retry, judge

RETRIED = (FailureClass.TRANSPORT, FailureClass.WORKER_LOST)


def test_the_set_of_failure_classes_is_closed() -> None:
    assert {failure.value for failure in FailureClass} == {
        "transport",
        "session_lost",
        "rate_limited",
        "timeout",
        "auth",
        "invalid_input",
        "contract_output",
        "output_too_large",
        "tool_error",
        "policy_denied",
        "needs_input",
        "worker_lost",
        "cancelled",
        "budget_exhausted",
        "deadline_exceeded",
        "acceptance_failed",
        "unknown_outcome",
        "internal",
    }


def test_a_refusal_by_the_tool_settles_a_call_and_a_broken_way_does_not() -> None:
    assert {FailureClass.TRANSPORT, FailureClass.TIMEOUT, FailureClass.WORKER_LOST} < OPEN_ENDED
    assert not {FailureClass.RATE_LIMITED, FailureClass.AUTH, FailureClass.TOOL_ERROR} & OPEN_ENDED


def test_every_class_has_its_rule() -> None:
    assert set(POLICY) == set(FailureClass)


@pytest.mark.parametrize("failure", RETRIED)
def test_a_lost_way_or_worker_is_tried_three_times(failure: FailureClass) -> None:
    decisions = [judge(failure, attempt=attempt, identity="t") for attempt in (1, 2, 3, 4)]
    assert [type(decision) for decision in decisions] == [Retry, Retry, DeadLetter, DeadLetter]
    assert {(decision.failure, decision.rule) for decision in decisions} == {(failure, "backoff")}


@pytest.mark.parametrize("failure", [failure for failure in FailureClass if failure not in RETRIED])
def test_all_else_is_tried_once(failure: FailureClass) -> None:
    assert judge(failure, attempt=1, identity="t") == DeadLetter(failure, "never")


@given(st.integers(1, 40), st.text())
def test_the_delay_doubles_up_to_its_limit_and_spreads_over_its_half(attempt: int, identity: str) -> None:
    whole = min(1_000 * 2 ** (attempt - 1), 30_000)
    delay = BACKOFF.delay_ms(attempt, identity)
    assert whole // 2 <= delay <= whole
    assert delay == BACKOFF.delay_ms(attempt, identity)


def test_tasks_that_failed_together_do_not_come_back_together() -> None:
    delays = {BACKOFF.delay_ms(1, f"r/t[{item}]") for item in range(200)}
    assert len(delays) > 100
    assert min(delays) < 600
    assert max(delays) > 900


def test_jitter_is_stable_over_releases() -> None:
    assert judge(FailureClass.TRANSPORT, attempt=1, identity="r/t") == Retry(
        FailureClass.TRANSPORT, "backoff", 786
    )
