"""What every lease of a role must do."""

from typing import Protocol

import pytest

from awe.commands.leases import RoleLease
from awe.commands.log import LogUnavailable
from support.waiting import until_async

LONG_MS = 600_000
SHORT_MS = 30


class RoleLeaseSite(Protocol):
    """A server of this test's own partitions."""

    def lease(self, role: str = "scheduler", *, partition: int = 0) -> RoleLease:
        """Another process' view of a role's lease."""
        ...

    def unreachable(self) -> RoleLease:
        """A lease whose server does not answer."""
        ...

    async def lose(self) -> None:
        """Lose every lease, as a server may that restarts."""
        ...


class RoleLeaseContract:
    async def test_i12_of_several_who_want_it_one_has_it(self, site: RoleLeaseSite) -> None:
        assert await site.lease().take("one", LONG_MS)
        assert not await site.lease().take("two", LONG_MS)
        assert await site.lease().take("one", LONG_MS), "renewed"
        assert not await site.lease().take("two", LONG_MS)

    async def test_i12_only_its_holder_gives_it_up(self, site: RoleLeaseSite) -> None:
        assert await site.lease().take("one", LONG_MS)
        await site.lease().give_up("two")
        assert not await site.lease().take("two", LONG_MS)
        await site.lease().give_up("one")
        assert await site.lease().take("two", LONG_MS)
        await site.lease().give_up("one")
        assert not await site.lease().take("one", LONG_MS)

    async def test_giving_up_what_nobody_has_does_nothing(self, site: RoleLeaseSite) -> None:
        await site.lease().give_up("one")
        assert await site.lease().take("two", LONG_MS)

    async def test_i15_it_ends_by_itself_when_nobody_renews_it(self, site: RoleLeaseSite) -> None:
        assert await site.lease().take("one", SHORT_MS)
        await until_async(lambda: site.lease().take("two", LONG_MS))
        assert not await site.lease().take("one", LONG_MS)

    async def test_renewing_it_puts_its_end_off(self, site: RoleLeaseSite) -> None:
        lease, watch = site.lease(), site.lease("watch")
        assert await lease.take("one", SHORT_MS)
        assert await watch.take("one", SHORT_MS)
        assert await lease.take("one", LONG_MS)
        await until_async(lambda: watch.take("two", LONG_MS))
        assert not await lease.take("two", LONG_MS)

    async def test_roles_and_partitions_are_apart(self, site: RoleLeaseSite) -> None:
        assert await site.lease("scheduler").take("one", LONG_MS)
        assert await site.lease("timer").take("two", LONG_MS)
        assert await site.lease("scheduler", partition=1).take("two", LONG_MS)

    async def test_i15_a_lost_lease_is_free_and_its_holder_learns_of_it(self, site: RoleLeaseSite) -> None:
        assert await site.lease().take("one", LONG_MS)
        await site.lose()
        assert await site.lease().take("two", LONG_MS)
        assert not await site.lease().take("one", LONG_MS)

    async def test_a_server_that_does_not_answer_is_told_when_taking_and_not_when_giving_up(
        self, site: RoleLeaseSite
    ) -> None:
        with pytest.raises(LogUnavailable, match="cannot be asked now"):
            await site.unreachable().take("one", LONG_MS)
        await site.unreachable().give_up("one")

    async def test_a_lease_without_length_is_a_mistake(self, site: RoleLeaseSite) -> None:
        with pytest.raises(ValueError, match="at least 1 ms"):
            await site.lease().take("one", 0)
