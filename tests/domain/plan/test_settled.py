"""What literals settle is so for every value; what they do not settle is not said to be settled."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awe.adapters.expressions import CelExpressions
from awe.domain.expressions import Declarations, Kind
from awe.domain.plan.settled import settled

SEES: Declarations = (("output", Kind.DYN),)


@pytest.mark.parametrize(
    "source",
    [
        "true",
        " (( false ))\n",
        "output.a > 1 || true",
        "true || output.a > 1",
        "output.a && false",
        "output.a || (output.b || true) && true",
        "(output.a && false) || false",
        "output.a == 'b' // no\n || true",
        "output['a'].exists(x, x > [1, 2][0]) || true",
    ],
)
def test_literals_settle_it(source: str) -> None:
    assert settled(source)


@pytest.mark.parametrize(
    "source",
    [
        "output.a > 1",
        "output.a == true",
        "output.a == true || output.b",
        "output.a && true",
        "output.a || false",
        "output.a || true && output.b",
        "(output.a || false) && true",
        "output.a == 'x || true'",
        "output.a // || true",
        "[true][output.a]",
        "output.all(x, x || true)",
        "output.a ? true : false",
        "output.true_ || output.untrue",
        "!true || output.a",
    ],
)
def test_literals_do_not_settle_it(source: str) -> None:
    assert not settled(source)


BOOLS = st.recursive(
    st.sampled_from(["true", "false", "output.a", "output.b == true", "output.c.exists(x, x || true)"]),
    lambda inner: (
        st.builds("{} {} {}".format, inner, st.sampled_from(["||", "&&"]), inner)
        | inner.map("({})".format)
        | st.builds("({} ? {} : {})".format, inner, inner, inner)
        | st.builds("[{}][0]".format, inner)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def expressions() -> Iterator[CelExpressions]:
    with CelExpressions() as implementation:
        yield implementation


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(BOOLS.filter(settled))
def test_what_is_settled_is_judged_without_any_value(expressions: CelExpressions, source: str) -> None:
    assert isinstance(expressions.evaluate(source, SEES, {}), bool)
