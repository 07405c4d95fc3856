"""A reactor's position moves with its reactions or not at all, and only from where it was thought to stand."""

from awe.commands.log import Advance, Conflict, EventLog, Expect, Misplaced, Position
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import a, appended, fill, unit

NOWHERE = Position(0, 0)


class Reactors(Suite):
    async def test_i12_a_reactor_that_never_moved_stands_before_the_first_event(self, log: EventLog) -> None:
        """I12: its position is (0, 0)."""
        assert await log.reactor_position("scheduler") == NOWHERE

    async def test_i12_a_position_moves_from_where_it_is_expected(self, log: EventLog) -> None:
        """I12: with the reaction, in one atomic step."""
        (seen,) = await fill(log, 1)
        moved = Advance("scheduler", seen.position, NOWHERE)
        appended(await log.append(unit("t:reaction", advance=moved)))
        assert await log.reactor_position("scheduler") == seen.position

    async def test_i12_a_stale_reactor_appends_nothing(self, log: EventLog) -> None:
        """I12: each unit expects the position it was decided from; the refusal tells where the reactor stands."""
        *_, seen = await fill(log, 3)
        await log.append(unit("t:reaction", advance=Advance("scheduler", seen.position, NOWHERE)))
        stale = Advance("scheduler", Position(2, seen.epoch), NOWHERE)
        told = await log.append(unit("t:stale", advance=stale))
        assert told == Misplaced("scheduler", seen.position, seen.epoch)
        assert (await log.head()).n == 4
        assert await log.reactor_position("scheduler") == seen.position

    async def test_i12_the_first_of_two_reactors_wins(self, harness: Harness, log: EventLog) -> None:
        """I12: a second process that decided from the same position is refused."""
        (seen,) = await fill(log, 1)
        second = await harness.second_log()
        moves = [unit(advance=Advance("scheduler", seen.position, NOWHERE)) for _ in range(2)]
        appended(await log.append(moves[0]))
        a(Misplaced, await second.append(moves[1]))

    async def test_i12_a_reaction_that_conflicts_moves_nothing(self, log: EventLog) -> None:
        """I12: the position waits until every reaction is appended or shown obsolete."""
        (seen,) = await fill(log, 1)
        moved = Advance("scheduler", seen.position, NOWHERE)
        a(Conflict, await log.append(unit("t:a", expects=[Expect("t:a", 3)], advance=moved)))
        assert await log.reactor_position("scheduler") == NOWHERE
        appended(await log.append(unit(advance=moved)))
        assert await log.reactor_position("scheduler") == seen.position

    async def test_i12_without_an_expected_position_a_reactor_only_moves_forward(self, log: EventLog) -> None:
        """I12: from anywhere below, never to the same place or back."""
        *_, seen = await fill(log, 9)
        for n, fits in ((4, True), (4, False), (3, False), (9, True)):
            told = await log.append(unit(advance=Advance("projector", Position(n, seen.epoch))))
            assert isinstance(told, Misplaced) is not fits
        assert await log.reactor_position("projector") == seen.position

    async def test_i12_reactors_stand_apart(self, log: EventLog) -> None:
        """I12: one reactor's move is no other's."""
        (seen,) = await fill(log, 1)
        await log.append(unit(advance=Advance("scheduler", seen.position, NOWHERE)))
        assert await log.reactor_position("projector") == NOWHERE
        appended(await log.append(unit(advance=Advance("projector", seen.position, NOWHERE))))

    async def test_i12_a_position_alone_adds_no_event(self, log: EventLog) -> None:
        """I12: a unit without events is answered with the head and a count of zero."""
        *_, seen = await fill(log, 2)
        told = appended(await log.append(unit(advance=Advance("scheduler", seen.position, NOWHERE))))
        assert (told.count, told.position) == (0, seen.position)
        assert await log.head() == seen.position

    @needs(Ability.RESTART)
    async def test_i02_a_position_of_an_older_epoch_is_refused(self, harness: Harness, log: EventLog) -> None:
        """I2: who folded in an older epoch reads first; then it moves on from the same number."""
        (seen,) = await fill(log, 1)
        await log.append(unit(advance=Advance("scheduler", seen.position, NOWHERE)))
        (more,) = await fill(log, 1, run="r-00-more")
        await harness.restart()
        told = await log.append(unit("t:late", advance=Advance("scheduler", more.position, seen.position)))
        epoch = (await log.head()).epoch
        assert epoch > more.epoch
        assert told == Misplaced("scheduler", seen.position, epoch)
        moved = Advance("scheduler", Position(more.position.n, epoch), seen.position)
        appended(await log.append(unit("t:reaction", advance=moved)))
        assert await log.reactor_position("scheduler") == Position(2, epoch)
