"""A fault with a name is told in the same words at every door; one without a name is told by nobody."""

import pytest

from awe.adapters.servers.faults import ServerError
from awe.adapters.work_queue.groups import GroupLost
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.faults import as_cli_error, carry_out
from awe.api.faults import Kind, told
from awe.api.roles.failures import RoleFailed
from awe.api.settings import Settings
from awe.commands.log import LogUnavailable
from awe.domain.codec import UnknownEvent
from awe.domain.rejections import IdempotencyConflict, RunMissing


def test_what_is_wrong_and_what_to_do() -> None:
    fault = told(RunMissing("no goal was submitted; check the id"))
    assert fault == (
        Kind.NOT_FOUND,
        "run_missing",
        "No goal was submitted; check the id.",
        "See 'awe runs list'.",
    )
    assert told(ServerError.of("disk_full", "No room.", "Make some.")) == (
        Kind.UNAVAILABLE,
        "disk_full",
        "No room.",
        "Make some.",
    )
    assert told(ZeroDivisionError()) is None


def test_a_role_that_stopped_says_which_and_why() -> None:
    lost = told(RoleFailed("worker", GroupLost("the group of awe.00 is gone")))
    assert lost is not None
    assert (lost.kind, lost.code) == (Kind.UNAVAILABLE, "group_lost")
    assert lost.message == "The worker of this process stopped: GroupLost: the group of awe.00 is gone."
    unexpected = told(RoleFailed("scheduler", KeyError("x")))
    assert unexpected is not None
    assert (unexpected.kind, unexpected.code) == (Kind.FAULT, "role_failed")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IdempotencyConflict("used"), ExitCode.CONFLICT),
        (LogUnavailable("away"), ExitCode.UNAVAILABLE),
        (UnknownEvent("newer"), ExitCode.CONFLICT),
        (RoleFailed("worker", ValueError()), ExitCode.ERROR),
    ],
)
def test_exit_codes(error: Exception, code: ExitCode) -> None:
    known = as_cli_error(error)
    assert known is not None
    assert known.exit_code is code


def test_the_fault_inside_a_group_is_the_one_that_is_told() -> None:
    async def fail(_: Settings) -> None:
        raise ExceptionGroup("tasks", [ExceptionGroup("more", [ValueError("x"), RunMissing("no run")])])

    with pytest.raises(CliError, match="No run"):
        carry_out(fail)


def test_what_nobody_expected_comes_out_as_it_is() -> None:
    async def fail(_: Settings) -> None:
        raise ExceptionGroup("tasks", [ZeroDivisionError("x")])

    with pytest.raises(ZeroDivisionError):
        carry_out(fail)
