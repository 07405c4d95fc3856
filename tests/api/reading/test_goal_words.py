"""Words are found in goals as the text search of Postgres finds them, as long as they are words."""

import random

import psycopg
import pytest

from awe.api.reading.goal_words import matches

_MATCHES = "SELECT to_tsvector('simple', %s) @@ websearch_to_tsquery('simple', %s)"
GOALS = (
    "",
    "Write the release notes of version 3, please.",
    "release; NOTES! (or a poem)",
    "notes of the release",
    "report on foo_bar and on well-known words",
    "ärger mit übergrößen",
    "a a b a b c",
    "either this or that",
)
TERMS = (
    "release",
    "NOTES",
    '"release notes"',
    '"notes release"',
    "-poem",
    '-"release notes"',
    "or",
    "OR",
    '"or"',
    "foo",
    "well-known",
    "known",
    "übergrößen",
    '"a b c"',
    '"a b a b"',
    "3",
    "!",
    '""',
    '"open end',
    "- poem",
)


def test_what_a_search_means() -> None:
    assert matches("write the release notes", "notes write")
    assert not matches("write the release notes", "notes poem")
    assert matches("write the release notes", "poem or notes")
    assert matches("write the release notes", "-poem")
    assert not matches("write the release notes", 'write -"release notes"')
    assert not matches("write", "!")
    assert not matches("a poem", "- poem")
    assert matches("this or that", "or")


@pytest.mark.parametrize("seed", range(3))
def test_the_same_is_found(postgres_url: str, seed: int) -> None:
    choose = random.Random(seed)
    with psycopg.connect(postgres_url) as connection:
        for _ in range(400):
            goal = choose.choice(GOALS)
            text = " ".join(choose.choices(TERMS, k=choose.randint(1, 4)))
            row = connection.execute(_MATCHES, (goal, text)).fetchone()
            assert row is not None
            assert matches(goal, text) == row[0], (goal, text)
