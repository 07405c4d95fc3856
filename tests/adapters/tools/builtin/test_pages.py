from pathlib import Path

import pytest

from support.tool_pages.answers import builtin_tools, pages
from support.tool_pages.examples import EXAMPLES

FOLDER = Path(__file__).resolve().parents[4] / "docs" / "tools"


def test_the_pages_show_what_the_contracts_say_and_the_examples_return(tmp_path: Path) -> None:
    made = pages(tmp_path)
    assert {page.name for page in FOLDER.iterdir()} == set(made)
    for name, text in made.items():
        shown = (FOLDER / name).read_text(encoding="utf-8")
        assert shown == text, f"write {name} anew: cd tests && python -m support.tool_pages"


def test_every_tool_has_an_example() -> None:
    assert sorted(builtin_tools()) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_no_contract_needs_more_than_an_event_can_carry(name: str) -> None:
    contract = builtin_tools()[name].contract
    assert contract.output_cap_bytes <= 262_144
    assert contract.repeatable
