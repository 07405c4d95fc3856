"""What expressions in a plan see, and of which types: the same when they are linted and when they are judged."""

from collections.abc import Mapping
from typing import Final

from awe.domain.expressions import Declarations, Kind
from awe.domain.plan.shapes.types import common_types
from awe.domain.plan.shapes.view import Shape

CONDITION: Final[Declarations] = (("inputs", Kind.MAP), ("run", Kind.MAP), ("tasks", Kind.MAP))
"""A task's `when`: `tasks` has the outputs of the tasks that come before it, by id."""

MADE_BY_THE_TASK: Final = ("artifacts", "output")
"""Of what a criterion sees, that which it is there to judge."""

_KINDS: Final[Mapping[frozenset[str], Kind]] = {
    frozenset({"boolean"}): Kind.BOOL,
    frozenset({"integer"}): Kind.INT,
    frozenset({"string"}): Kind.STRING,
    frozenset({"array"}): Kind.LIST,
    frozenset({"object"}): Kind.MAP,
}


def criterion(output: Shape) -> Declarations:
    """An acceptance criterion of a task with such an output."""
    return (
        ("artifacts", Kind.LIST),
        ("inputs", Kind.MAP),
        ("output", _KINDS.get(common_types(output) or frozenset(), Kind.DYN)),
        ("run", Kind.MAP),
        ("task", Kind.MAP),
    )
