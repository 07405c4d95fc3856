"""Inputs of a goal on the command line: JSON where it is JSON, words where it is not."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode
from awe.api.cli.run.inputs import read_inputs


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("x=7", 7),
        ("x=7.5", 7.5),
        ("x=true", True),
        ("x=null", None),
        ('x="7"', "7"),
        ('x={"a": [1]}', {"a": [1]}),
        ("x=seven", "seven"),
        ("x=", ""),
        ("x=a=b", "a=b"),
        ("x=NaN", "NaN"),
        ("x=-Infinity", "-Infinity"),
        ("x=[1,", "[1,"),
    ],
)
def test_values(given: str, value: Any) -> None:
    assert read_inputs([given]) == {"x": value}


def test_several_and_the_later_of_one_name() -> None:
    assert read_inputs(["a=1", "b=2", "a=3"]) == {"a": 3, "b": 2}
    assert read_inputs([]) == {}


def test_a_value_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("words as they stand", encoding="utf-8")
    (tmp_path / "list.json").write_text("\ufeff[1, 2]", encoding="utf-8")
    given = [f"text=@{tmp_path / 'text.txt'}", f"list=@{tmp_path / 'list.json'}"]
    assert read_inputs(given) == {"text": "words as they stand", "list": [1, 2]}


def test_several_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text('{"a": 1, "b": 2}', encoding="utf-8")
    assert read_inputs([f"@{tmp_path / 'all.json'}", "b=3"]) == {"a": 1, "b": 3}


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))
    assert read_inputs(["x=@-"]) == {"x": [1]}


@pytest.mark.parametrize(
    ("given", "code", "exit_code"),
    [
        ("x", "input_malformed", ExitCode.INVALID),
        ("=1", "input_malformed", ExitCode.INVALID),
        ("x=@/nowhere/at/all", "file_not_found", ExitCode.NOT_FOUND),
        ("@/nowhere/at/all", "file_not_found", ExitCode.NOT_FOUND),
    ],
)
def test_what_is_no_input(given: str, code: str, exit_code: ExitCode) -> None:
    with pytest.raises(CliError) as caught:
        read_inputs([given])
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)


def test_a_file_that_is_no_object_or_too_large(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(CliError, match="no JSON object"):
        read_inputs([f"@{tmp_path / 'list.json'}"])
    (tmp_path / "large").write_bytes(b" " * 10_000_001)
    with pytest.raises(CliError, match="more than 10,000,000 bytes"):
        read_inputs([f"x=@{tmp_path / 'large'}"])
