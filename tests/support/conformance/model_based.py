"""Whatever happens, in whatever order, a store answers as the naive model does."""

import random

import pytest

from support.conformance.harness import Ability, Harness
from support.conformance.histories import KNOBS, TOP, WORDS, Step, live
from support.conformance.suite import Suite, needs

LIKELY = ("append", "append", "append", "append_unanswered", "retry", "read", "archive", "trim", "drop")


def steps(seed: int, count: int = 60) -> list[Step]:
    """Return a random history; every word may come, the usual ones more often."""
    chance = random.Random(seed)
    words = [*WORDS, *LIKELY]
    return [Step(chance.choice(words), [chance.randint(0, TOP) for _ in range(KNOBS)]) for _ in range(count)]


class ModelBased(Suite):
    @pytest.mark.parametrize("seed", range(12))
    @needs(
        Ability.LOSE_REPLY,
        Ability.RESTART,
        Ability.LOSE_TAIL,
        Ability.REBUILD,
        Ability.QUEUES,
        Ability.ARCHIVE,
        Ability.TRIM,
        Ability.DROP_INDEX,
        Ability.PRESSURE,
    )
    async def test_i02_i04_i05_i07_i08_i11_i12_i16_i23_a_random_history_is_that_of_the_model(
        self, harness: Harness, seed: int
    ) -> None:
        """All of it: appends, retries, lost replies, trims, drops, losses and epochs against a plain list."""
        await live(harness, steps(seed))
