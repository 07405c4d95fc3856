"""Files are read up to a bound, and replaced whole or not at all."""

import os
from pathlib import Path

import pytest

from awe.api.cli import input_file
from awe.api.cli.errors import CliError
from awe.api.cli.exit_codes import ExitCode


def refused(path: Path | str) -> CliError:
    with pytest.raises(CliError) as caught:
        input_file.read(str(path), at_most=10)
    return caught.value


def test_no_more_is_read_than_shows_that_there_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 50)
    long = str(tmp_path / "long")
    assert input_file.read(long, at_most=10) == (long, b"x" * 11)


def test_an_endless_file_ends() -> None:
    assert len(input_file.read("/dev/zero", at_most=1000).data) == 1001


def test_a_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "plan.json")
    assert (error.exit_code, error.code) == (ExitCode.NOT_FOUND, "file_not_found")
    assert error.message == f"{tmp_path}/plan.json cannot be read: No such file or directory."


def test_a_directory(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert (error.exit_code, error.hint) == (
        ExitCode.INVALID,
        "Give a file inside it, or - to read standard input.",
    )


def test_a_path_that_cannot_be_one() -> None:
    assert refused("a\0b").exit_code is ExitCode.INVALID


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file" / "plan.json").exit_code is ExitCode.INVALID


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "plan.json").touch(mode=0)
    assert refused(tmp_path / "plan.json").hint.startswith("Let this account read the file")


def test_replacing_keeps_permissions_and_links_and_leaves_nothing_beside(tmp_path: Path) -> None:
    file, link = tmp_path / "plan.json", tmp_path / "link.json"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    input_file.replace(str(link), "neü\n")
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777, link.is_symlink()) == (
        "neü\n",
        0o640,
        True,
    )
    assert sorted(tmp_path.iterdir()) == [link, file]


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CliError) as caught:
        input_file.replace(str(file), "new")
    assert caught.value.message == f"{file} was not changed: No space left on device."
    assert (file.read_text(), list(tmp_path.iterdir())) == ("old", [file])
