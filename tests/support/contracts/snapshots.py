"""What all snapshots of a process manager must do."""

from typing import Protocol

from awe.commands.log import Position
from awe.commands.snapshots import Snapshot, Snapshots

FORM = "form-1"
RUNS = ("r-00-a", "r-00-b")


class SnapshotsSite(Protocol):
    """An archive of this test's own partition, in its first epoch and empty."""

    def snapshots(self, manager: str = "scheduler") -> Snapshots:
        """Another process' view of a manager's snapshots."""
        ...

    async def archive(self, count: int) -> None:
        """Archive further events."""
        ...

    async def begin_epoch(self) -> None:
        """Begin a later epoch."""
        ...

    async def lose_tail(self, count: int) -> None:
        """Take the archive back to before its last events."""
        ...


class SnapshotsContract:
    async def test_i16_a_snapshot_stands_at_the_archives_head(self, site: SnapshotsSite) -> None:
        await site.archive(5)
        assert await site.snapshots().save(FORM, Position(7, 1), RUNS) == Position(5, 1)
        found = await site.snapshots().latest(FORM)
        assert found == Snapshot(Position(5, 1), found.runs if found else ())
        assert found is not None
        assert tuple(found.runs) == RUNS

    async def test_i16_it_stays_good_while_the_archive_grows(self, site: SnapshotsSite) -> None:
        await site.archive(3)
        await site.snapshots().save(FORM, Position(3, 1), ())
        await site.archive(20)
        await site.begin_epoch()
        await site.archive(20)
        found = await site.snapshots().latest(FORM)
        assert found is not None
        assert found.position == Position(3, 1)
        assert tuple(found.runs) == ()

    async def test_i16_only_the_last_one_counts(self, site: SnapshotsSite) -> None:
        await site.archive(3)
        await site.snapshots().save(FORM, Position(3, 1), RUNS)
        await site.archive(3)
        await site.snapshots().save("form-2", Position(6, 1), RUNS[:1])
        assert await site.snapshots().latest(FORM) is None
        found = await site.snapshots().latest("form-2")
        assert found is not None
        assert (found.position, tuple(found.runs)) == (Position(6, 1), RUNS[:1])

    async def test_managers_are_apart(self, site: SnapshotsSite) -> None:
        await site.archive(3)
        await site.snapshots("one").save(FORM, Position(3, 1), RUNS)
        assert await site.snapshots("other").latest(FORM) is None

    async def test_i16_none_is_saved_without_an_archive_or_ahead_of_the_manager(
        self, site: SnapshotsSite
    ) -> None:
        assert await site.snapshots().latest(FORM) is None
        assert await site.snapshots().save(FORM, Position(4, 1), RUNS) is None
        await site.archive(5)
        assert await site.snapshots().save(FORM, Position(4, 1), RUNS) is None
        assert await site.snapshots().latest(FORM) is None

    async def test_i16_a_manager_that_has_not_learned_of_an_epoch_saves_none(
        self, site: SnapshotsSite
    ) -> None:
        await site.archive(5)
        await site.begin_epoch()
        assert await site.snapshots().save(FORM, Position(9, 1), RUNS) is None
        assert await site.snapshots().save(FORM, Position(9, 2), RUNS) == Position(5, 2)

    async def test_i16_another_form_is_discarded(self, site: SnapshotsSite) -> None:
        await site.archive(5)
        await site.snapshots().save(FORM, Position(5, 1), RUNS)
        assert await site.snapshots().latest("form-0") is None

    async def test_i16_one_above_the_archive_is_discarded_until_another_is_saved(
        self, site: SnapshotsSite
    ) -> None:
        await site.archive(5)
        await site.snapshots().save(FORM, Position(5, 1), RUNS)
        await site.lose_tail(2)
        assert await site.snapshots().latest(FORM) is None
        assert await site.snapshots().save(FORM, Position(5, 1), RUNS) == Position(3, 1)
        found = await site.snapshots().latest(FORM)
        assert found is not None
        assert found.position == Position(3, 1)

    async def test_i16_one_from_before_a_lost_tail_is_discarded_when_others_took_its_place(
        self, site: SnapshotsSite
    ) -> None:
        await site.archive(5)
        await site.snapshots().save(FORM, Position(5, 1), RUNS)
        await site.lose_tail(2)
        await site.begin_epoch()
        await site.archive(6)
        assert await site.snapshots().latest(FORM) is None
