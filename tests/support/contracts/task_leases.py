"""What all leases of claimed tasks must do."""

from typing import Protocol

import pytest

from awe.commands.leases import Held, TaskLeases
from awe.commands.log import LogUnavailable

LEASE_MS = 30_000
RUN = "r-00-00000000000000000000000000"
FIRST = Held(RUN, "t:collect", 1)
SECOND = Held(RUN, "t:collect", 2)
OTHER = Held(RUN, "t:collect[1]", 1)


class TaskLeasesSite(Protocol):
    """A server of this test's own partitions."""

    def leases(self, *, partition: int = 0) -> TaskLeases:
        """Another process' view of a partition's leases."""
        ...

    def unreachable(self) -> TaskLeases:
        """Leases whose server does not answer."""
        ...

    async def now_ms(self) -> int:
        """The server's time."""
        ...

    async def put_last_event_at(self, time_ms: int) -> None:
        """Let the partition's last event be of this time."""
        ...

    async def lose(self) -> None:
        """Lose every lease, as a server may that restarts."""
        ...


class TaskLeasesContract:
    async def test_i14_a_heartbeat_sets_the_ends_of_many_tasks_by_the_servers_time(
        self, site: TaskLeasesSite
    ) -> None:
        held = [Held(RUN, f"t:each[{item}]", 1) for item in range(2_500)]
        before = await site.now_ms()
        await site.leases().renew(held, LEASE_MS)
        after = await site.now_ms()
        ends = await site.leases().ends(held)
        assert list(ends) == held
        assert len(set(ends.values())) == 1, "one step"
        assert before + LEASE_MS <= ends[held[0]] <= after + LEASE_MS

    async def test_i14_only_what_was_renewed_has_an_end(self, site: TaskLeasesSite) -> None:
        await site.leases().renew([FIRST, OTHER], LEASE_MS)
        assert set(await site.leases().ends([FIRST, SECOND])) == {FIRST}
        assert await site.leases().ends([]) == {}
        assert await site.leases(partition=1).ends([FIRST]) == {}

    async def test_i14_renewing_moves_the_end(self, site: TaskLeasesSite) -> None:
        await site.leases().renew([FIRST, OTHER], LEASE_MS)
        before = await site.leases().ends([FIRST, OTHER])
        await site.leases().renew([FIRST], 2 * LEASE_MS)
        after = await site.leases().ends([FIRST, OTHER])
        assert after[FIRST] >= before[FIRST] + LEASE_MS
        assert after[OTHER] == before[OTHER]

    async def test_i14_what_is_released_is_forgotten_in_the_same_call(self, site: TaskLeasesSite) -> None:
        await site.leases().renew([FIRST, OTHER], LEASE_MS)
        await site.leases().renew([SECOND], LEASE_MS, [FIRST, Held(RUN, "t:never", 1)])
        assert set(await site.leases().ends([FIRST, SECOND, OTHER])) == {SECOND, OTHER}
        await site.leases().renew([], LEASE_MS, [SECOND, OTHER])
        assert await site.leases().ends([FIRST, SECOND, OTHER]) == {}

    async def test_nothing_to_renew_is_no_mistake(self, site: TaskLeasesSite) -> None:
        await site.leases().renew([], LEASE_MS)

    async def test_i10_an_end_counts_from_the_last_event_when_the_servers_clock_went_back(
        self, site: TaskLeasesSite
    ) -> None:
        last = await site.now_ms() + 3_600_000
        await site.put_last_event_at(last)
        await site.leases().renew([FIRST], LEASE_MS)
        assert await site.leases().ends([FIRST]) == {FIRST: last + LEASE_MS}

    async def test_i15_lost_leases_are_there_again_after_the_next_heartbeat(
        self, site: TaskLeasesSite
    ) -> None:
        await site.leases().renew([FIRST], LEASE_MS)
        await site.lose()
        assert await site.leases().ends([FIRST]) == {}
        await site.leases().renew([FIRST], LEASE_MS)
        assert set(await site.leases().ends([FIRST])) == {FIRST}

    async def test_a_server_that_does_not_answer_is_told(self, site: TaskLeasesSite) -> None:
        with pytest.raises(LogUnavailable, match="cannot be asked now"):
            await site.unreachable().renew([FIRST], LEASE_MS)
        with pytest.raises(LogUnavailable, match="cannot be asked now"):
            await site.unreachable().ends([FIRST])
