"""Folders of playbooks: each is checked as it is loaded, and each has its name to itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from awe.adapters.playbooks.faults import GoalFileError
from awe.adapters.playbooks.library import load
from support.playbooks import SCHEMAS, SUMMARY

Lay = Callable[..., Path]


def text(name: str) -> str:
    return json.dumps(SUMMARY | {"name": name})


def test_playbooks_in_and_below_a_folder(lay: Lay) -> None:
    folder = lay(
        b_yaml=text("b"),
        a_json=text("a"),
        c__playbook_yml=text("c"),
        c__other_yaml="no playbook",
        d__readme_md="x",
        notes_txt="x",
    )
    assert [playbook.name for playbook in load([folder], SCHEMAS)] == ["a", "b", "c"]
    assert load([], SCHEMAS) == ()


def test_the_same_folder_twice_is_the_same_playbooks(lay: Lay) -> None:
    folder = lay(a_yaml=text("a"))
    assert [playbook.name for playbook in load([folder, folder], SCHEMAS)] == ["a"]


def test_two_playbooks_with_one_name(lay: Lay) -> None:
    folder = lay(a_yaml=text("a"), b_yaml=text("a"))
    with pytest.raises(GoalFileError, match=r"b\.yaml at /name: the playbook 'a' is also in .*a\.yaml"):
        load([folder], SCHEMAS)


def test_a_playbook_that_cannot_work(lay: Lay) -> None:
    folder = lay(a_yaml="name: a\ninputs:\n  type: strin\nplan: {}\n")
    with pytest.raises(GoalFileError, match=r"a\.yaml:3 at /inputs") as refused:
        load([folder], SCHEMAS)
    assert len(refused.value.findings) == 1


def test_many_faults_are_counted_in_the_words(lay: Lay) -> None:
    folder = lay(a_yaml="nam: a\nversion: x\n")
    with pytest.raises(GoalFileError, match=r"\(and 3 more\)"):
        load([folder], SCHEMAS)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(GoalFileError, match="cannot be read"):
        load([tmp_path / "none"], SCHEMAS)
