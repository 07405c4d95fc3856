"""The same goal and playbooks give the same answer, whatever their order."""

import itertools
from typing import Any

import pytest

from awe.domain.plan.playbook.matching import best, score
from awe.domain.plan.playbook.model import Playbook


def named(name: str, *phrases: str, keywords: tuple[str, ...] = ()) -> Playbook:
    given: dict[str, Any] = {"name": name, "match": {"phrases": phrases, "keywords": keywords}, "plan": {}}
    return Playbook.model_validate(given)


@pytest.mark.parametrize(
    ("goal", "phrases", "keywords", "expected"),
    [
        ("Write the release notes", ["release notes"], [], 12),
        ("write the RELEASE-NOTES!", ["Release  Notes"], [], 12),
        ("write the release notes", ["release notes", "Release Notes", "write"], [], 23),
        ("prerelease notes", ["release notes"], [], 0),
        ("notes for the release", ["release notes"], [], 0),
        ("notes for the release", [], ["release", "notes"], 2),
        ("notes for it", [], ["release", "notes"], 0),
        ("release notes", ["release notes"], ["notes", "missing"], 13),
        ("anything", [], [], 0),
        ("\uff32elease stra\u00dfe", ["release STRASSE"], [], 12),
    ],
)
def test_the_score(goal: str, phrases: list[str], keywords: list[str], expected: int) -> None:
    assert score(goal, named("x", *phrases, keywords=tuple(keywords))) == expected


def test_the_highest_score_wins_in_any_order() -> None:
    playbooks = [
        named("notes", "notes"),
        named("release-notes", "release notes"),
        named("words", keywords=("release", "notes")),
        named("silent"),
    ]
    for order in itertools.permutations(playbooks):
        assert [found.name for found in best("the release notes", order)] == ["release-notes"]


def test_of_equals_all_are_named_and_of_none_nobody() -> None:
    playbooks = [named("b", "x"), named("a", "x"), named("c", "y")]
    assert [found.name for found in best("do x", playbooks)] == ["a", "b"]
    assert best("do z", playbooks) == []
    assert best("do z", []) == []
