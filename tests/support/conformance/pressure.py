"""A full server takes what happened and refuses what would begin."""

import pytest

from awe.commands.log import Admission, Appended, EventLog, Pressure
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import appended, unit


class MemoryPressure(Suite):
    @pytest.mark.parametrize(
        ("percent", "taken"),
        [
            (0, {Admission.REPORT, Admission.DISPATCH, Admission.CLAIM}),
            (69, {Admission.REPORT, Admission.DISPATCH, Admission.CLAIM}),
            (70, {Admission.REPORT, Admission.CLAIM}),
            (79, {Admission.REPORT, Admission.CLAIM}),
            (80, {Admission.REPORT}),
            (99, {Admission.REPORT}),
        ],
    )
    @needs(Ability.PRESSURE)
    async def test_i07_each_kind_of_append_has_its_threshold(
        self, harness: Harness, log: EventLog, percent: int, taken: set[Admission]
    ) -> None:
        """I7: dispatches up to 70 %, claims up to 80 %, reports always; a refusal tells the share used."""
        await harness.set_pressure(percent)
        for admission in Admission:
            told = await log.append(unit("t:a", admission=admission))
            if admission in taken:
                assert isinstance(told, Appended)
            else:
                assert told == Pressure(percent)
        assert (await log.head()).n == len(taken)

    @needs(Ability.PRESSURE)
    async def test_i07_pressure_that_went_is_forgotten(self, harness: Harness, log: EventLog) -> None:
        """I7: the same unit passes when there is room again."""
        sent = unit("t:a", admission=Admission.DISPATCH)
        await harness.set_pressure(75)
        assert await log.append(sent) == Pressure(75)
        await harness.set_pressure(50)
        assert not appended(await log.append(sent)).repeated
