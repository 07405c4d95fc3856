"""The page of invariants names the files with the tests that hold each rule, and names them truly."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
TEST = re.compile(r"^\s*(?:async )?def test((?:_i\d\d)+)_", re.MULTILINE)
ENTRIES = {
    int(number): entry
    for number, entry in re.findall(r"^## I(\d+)\. (.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


def held() -> set[tuple[int, str]]:
    return {
        (int(number), str(file.relative_to(ROOT)))
        for file in (ROOT / "tests").rglob("*.py")
        for numbers in TEST.findall(file.read_text(encoding="utf-8"))
        for number in re.findall(r"\d\d", numbers)
    }


def test_every_rule_has_its_entry() -> None:
    assert list(ENTRIES) == list(range(1, 31))


def test_the_page_lists_exactly_the_files_that_hold_a_rule() -> None:
    listed = {
        (number, name)
        for number, entry in ENTRIES.items()
        for name in re.findall(r"^- `([^`]+)`$", entry, re.MULTILINE)
    }
    assert listed == held()


def test_a_rule_that_no_test_holds_says_that_it_is_open() -> None:
    for number, entry in ENTRIES.items():
        assert "**Open" in entry or any(number == held_number for held_number, _ in held()), number
