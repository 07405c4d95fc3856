import json

import pytest

from awe.domain.plan.lint.catalogue import Catalogue, CatalogueError
from support.catalogue import CATALOGUE, CONTRACTS, contract


def test_a_catalogue_is_read_from_a_list_of_contracts() -> None:
    text = json.dumps([contract.model_dump(mode="json") for contract in CONTRACTS])
    assert Catalogue.from_json(text.encode()) == CATALOGUE


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read: not JSON"),
        (b"{}", "not a list of contracts: Input should be a valid list"),
        (b'[{"name": "x"}]', "at /0/version"),
        (b'[{"a": 1, "a": 2}]', r"cannot be read: the key 'a' stands twice \(at /0\)"),
    ],
)
def test_a_text_that_is_no_list_of_contracts(data: bytes, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        Catalogue.from_json(data)


def test_the_newest_version_that_is_not_deprecated_is_meant() -> None:
    versions = [
        contract("t", {}, {}, version=version, deprecated=old)
        for version, old in [("1.10", False), ("1.9", False), ("2.0-rc", True), ("1.2", False)]
    ]
    catalogue = Catalogue.of(versions)
    assert [found.version for found in catalogue.tools["t"]] == ["1.2", "1.9", "1.10", "2.0-rc"]
    assert catalogue.find("t", None) == versions[0]
    assert catalogue.find("t", "2.0-rc") == versions[2]
    assert catalogue.find("t", "3") is None
    assert catalogue.find("u", None) is None


def test_a_tool_of_which_all_versions_are_deprecated_is_still_found() -> None:
    old = contract("t", {}, {}, deprecated=True)
    assert Catalogue.of([old]).find("t", None) == old


def test_of_two_contracts_with_one_name_and_version_the_later_counts() -> None:
    first, second = contract("t", {}, {}), contract("t", {}, {}, effect="write")
    assert Catalogue.of([first, second]).tools["t"] == (second,)
