"""The quick way to the canonical form never differs from that of the library, whatever the document."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from awe.domain.plan.canonical import canonical, canonical_json
from awe.domain.plan.model import Plan
from support.plans import plan

LARGEST = 2**53 - 1
TEXTS = st.text() | st.text(
    '\x00\x08\x0b\x0c\x1f\x7f"\\/\n\u2028\ud7ff\ue000\uffff\U00010000,:[]{}0123456789.eE-'
)
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | NUMBERS | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    ),
)


@given(DOCUMENTS)
@example({"\ue000": 1, "\U00010000": 2})  # by characters the first, by UTF-16 units the second comes first
@example({"é": 1, "z": 2, "Z": 3, "": 4})
@example({"a": [1.0, -0.0, 1e16, 1e21, 1e-7, 0.1, LARGEST, -LARGEST]})
@example({"a": "\x7f\b\f\v\x00\u2028</script>"})
@example({"a": "text, as in [1.5,2e3] or :1234567890123456"})
def test_it_is_that_of_the_library(document: dict[str, Any]) -> None:
    assert canonical_json(document) == rfc8785.dumps(document)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), LARGEST + 1, -LARGEST - 1, 10**30, "\ud800", ["\udfff"]],
)
def test_what_the_library_refuses_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json({"a": value})


@pytest.mark.parametrize("seed", range(20))
def test_plans_of_every_kind(seed: int) -> None:
    written = canonical(Plan.model_validate(plan(seed)))
    assert written == rfc8785.dumps(json.loads(written))


def test_ordinary_plans_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("awe.domain.plan.canonical.rfc8785.dumps", None)
    tasks = [{"id": "a", "title": "Größe 1.5, prüfen", "tool_requests": [{"tool": "t", "version": "1.0"}]}]
    ordinary = Plan.model_validate({"name": "a", "goal": "zähle bis 12345678901234567", "tasks": tasks})
    assert json.loads(canonical(ordinary))["tasks"] == tasks
