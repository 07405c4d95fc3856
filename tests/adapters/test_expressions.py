"""What any implementation of the port of expressions must do; then what is said of this one alone.

Another implementation takes the first part over by another fixture.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psutil
import pytest

from awe.adapters.expressions import CelExpressions
from awe.domain.expressions import Declarations, Expressions, Inconclusive, Kind

SEES: Declarations = (
    ("output", Kind.DYN),
    ("inputs", Kind.MAP),
    ("count", Kind.INT),
    ("name", Kind.STRING),
    ("flag", Kind.BOOL),
    ("several", Kind.LIST),
)
VALUES: dict[str, Any] = {
    "output": {"total": 3, "mean": 1.5, "items": [{"a": 1}, {"a": 2}], "text": "héllo", "none": None},
    "inputs": {"limit": 2},
    "count": 2,
    "name": "x",
    "flag": True,
    "several": [1, "a"],
}


@pytest.fixture(scope="module")
def expressions() -> Iterator[Expressions]:
    with CelExpressions() as implementation:
        yield implementation


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("output.total > inputs.limit", True),
        ("output.total == 3.0", True),
        ("output.mean < 1", False),
        ("output.items.all(item, item.a > 0)", True),
        ("output.items.exists(item, item.a > 2)", False),
        ("size(output.items) == 2 && output.items[1].a == 2", True),
        ("has(output.missing)", False),
        ("output.none == null", True),
        ("output.text.matches('^h.llo$') && size(output.text) == 5", True),
        ("output.text.startsWith('h') || output.missing", True),
        ("flag ? count == 2 : name == 'y'", True),
        ("'a' in several && !(2 in several)", True),
        ("output.flag_of_unknown_type == true || flag", True),
    ],
)
def test_a_verdict(expressions: Expressions, source: str, verdict: bool) -> None:  # noqa: FBT001 -- the verdict is a bool
    assert expressions.compile(source, SEES) == ()
    assert expressions.evaluate(source, SEES, VALUES) is verdict


@pytest.mark.parametrize(
    "source",
    [
        "output.missing > 1",
        "output.total",
        "output.total / 0 > 1",
        "output.items[7].a == 1",
        "output.text > 1",
        "dyn(count)",
    ],
)
def test_an_error_is_inconclusive_and_never_a_pass(expressions: Expressions, source: str) -> None:
    assert expressions.compile(source, SEES) == ()
    verdict = expressions.evaluate(source, SEES, VALUES)
    assert isinstance(verdict, Inconclusive)
    assert verdict.reason


@pytest.mark.parametrize(
    "source",
    [
        "",
        "output.total >",
        "unknown > 1",
        "count + name == 'x'",
        "count",
        "name",
        "size(several)",
        "count > 1.5",
        "name.nothing()",
        "true" + " && true" * 200,
        "(" * 400 + "true" + ")" * 400,
        "\ud800 == 'x'",
        "\x00",
    ],
)
def test_a_source_that_does_not_compile_is_told_why_and_is_inconclusive(
    expressions: Expressions, source: str
) -> None:
    faults = expressions.compile(source, SEES)
    assert faults
    assert all(faults)
    assert isinstance(expressions.evaluate(source, SEES, VALUES), Inconclusive)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"count": "two"}, "a wrong type"),
        ({"count": None}, "no value"),
        ({"count": 2**70}, "more than the language's integers"),
        ({"name": "\ud800"}, "no Unicode text"),
    ],
)
def test_values_unlike_their_declarations_are_inconclusive(
    expressions: Expressions, values: dict[str, Any], why: str
) -> None:
    source = "count == 2 && name == 'x'"
    assert isinstance(expressions.evaluate(source, SEES, VALUES | values), Inconclusive), why


def test_a_missing_value_is_inconclusive(expressions: Expressions) -> None:
    assert isinstance(expressions.evaluate("count == 2", SEES, {}), Inconclusive)


def test_a_thousand_characters_are_enough_and_one_more_is_too_many(expressions: Expressions) -> None:
    longest = "name != '" + "x" * 990 + "'"
    assert len(longest) == 1_000
    assert expressions.compile(longest, SEES) == ()
    assert expressions.compile(longest + " ", SEES)


LARGE: dict[str, Any] = VALUES | {
    "several": list(range(1_000)),
    "output": {"large": list(range(100_000)), "total": 3},
}


@pytest.mark.parametrize(
    "source",
    [
        "several.all(a, several.all(b, several.all(c, several.all(d, a + b + c + d >= 0))))",
        "size(several.map(x, output.large == output.large)) > 0",
        "size(several.map(x, output.large + output.large)) > 0",
    ],
    ids=["iterations", "time", "memory"],
)
def test_what_runs_too_long_is_stopped_and_the_next_one_is_judged(source: str) -> None:
    with CelExpressions(limit_s=0.5) as expressions:
        assert expressions.compile(source, SEES) == ()
        assert isinstance(expressions.evaluate(source, SEES, LARGE), Inconclusive)
        assert expressions.evaluate("output.total > 2", SEES, VALUES) is True


def test_values_that_are_too_large_are_not_judged(expressions: Expressions) -> None:
    verdict = expressions.evaluate("name != ''", SEES, VALUES | {"name": "x" * 17_000_000})
    assert isinstance(verdict, Inconclusive)
    assert "bytes" in verdict.reason


def children() -> set[psutil.Process]:
    return {
        each for each in psutil.Process().children() if "awe.adapters.expression_process" in each.cmdline()
    }


def test_the_process_is_started_when_needed_replaced_when_it_dies_and_ended_with_its_owner() -> None:
    others, expressions = children(), CelExpressions()
    expressions.close()
    assert expressions.compile("count == 2", SEES) == ()
    assert children() == others
    assert expressions.evaluate("count == 2", SEES, VALUES) is True
    (first,) = children() - others
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert expressions.evaluate("count == 2", SEES, VALUES) is True
    (second,) = children() - others
    assert second != first
    expressions.close()
    assert not second.is_running()


ORPHANING = """
import os, psutil, signal
from awe.adapters.expressions import CelExpressions
assert CelExpressions().evaluate("true", (), {}) is True
print(psutil.Process().children()[0].pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_process_ends_when_its_owner_is_killed() -> None:
    killed = subprocess.run([sys.executable, "-c", ORPHANING], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    with suppress(psutil.NoSuchProcess):
        orphan = psutil.Process(int(killed.stdout))
        while orphan.status() != psutil.STATUS_ZOMBIE:
            with suppress(psutil.TimeoutExpired):
                orphan.wait(timeout=0.05)


def test_a_process_that_cannot_start_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RuntimeError, match="did not start"):
        CelExpressions().evaluate("count == 2", SEES, VALUES)


def test_a_compiler_complaint_says_where() -> None:
    (fault,) = CelExpressions().compile("count == 2 &&\n unknown", SEES)
    assert fault == "undeclared reference to 'unknown' (line 2, column 2)"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("count == 2", True),
        ("output.total > 3", False),
        ("size(several) == 2 && has(output.total)", True),
    ],
)
def test_what_cannot_take_long_is_judged_at_once(
    expressions: Expressions, source: str, *, verdict: bool
) -> None:
    assert expressions.evaluate_at_once(source, SEES, VALUES) is verdict
    assert expressions.evaluate(source, SEES, VALUES) is verdict


@pytest.mark.parametrize(
    "source",
    [
        "several.all(x, x == 1)",
        "name.matches('x')",
        "name + name == 'xx'",
        f"count == 2{' && flag' * 40}",
    ],
)
def test_what_iterates_matches_joins_or_is_long_is_not(expressions: Expressions, source: str) -> None:
    assert expressions.evaluate_at_once(source, SEES, VALUES) is None


@pytest.mark.parametrize("source", ["output.nothing == 1", "nobody == 1", "count =="])
def test_at_once_too_nothing_is_raised(expressions: Expressions, source: str) -> None:
    at_once = expressions.evaluate_at_once(source, SEES, VALUES)
    assert isinstance(at_once, Inconclusive)
    assert at_once == expressions.evaluate(source, SEES, VALUES)
