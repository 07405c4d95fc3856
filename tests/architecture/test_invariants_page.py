"""The page of invariants names the tests that hold each rule, and names them truly."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
TEST = re.compile(r"^\s*(?:async )?def test((?:_i\d\d)+)_", re.MULTILINE)
HELD = re.compile(r"^- `([^`]+)`: i(\d\d) \((\d+)\)$", re.MULTILINE)
RULE = re.compile(r"^## I(\d+)\. ", re.MULTILINE)


def held() -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for file in (ROOT / "tests").rglob("*.py"):
        name = str(file.relative_to(ROOT))
        for numbers in TEST.findall(file.read_text(encoding="utf-8")):
            found.update((name, number) for number in set(re.findall(r"\d\d", numbers)))
    return found


def test_every_rule_has_its_entry() -> None:
    assert [int(number) for number in RULE.findall(PAGE)] == list(range(1, 31))


def test_the_page_lists_exactly_the_tests_that_there_are() -> None:
    listed = Counter({(name, number): int(count) for name, number, count in HELD.findall(PAGE)})
    assert listed == held()


def test_a_rule_without_a_test_says_that_it_is_open() -> None:
    for entry in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        assert "**Open" in entry or "Held by:" in entry, entry.splitlines()[0]
