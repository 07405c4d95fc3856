"""Who uses the data of an embedded server is found out from outside, and nothing is left behind by looking."""

import os
from pathlib import Path

import pytest

from awe.adapters.embedded.home import Home
from awe.adapters.embedded.inspection import inspect
from awe.adapters.embedded.ownership import take_lock


def test_a_home_that_does_not_exist_stays_so(tmp_path: Path) -> None:
    found = inspect(Home(tmp_path / "awe"), "redis")
    assert (found.owner, found.pids, found.locked) == ("", (), False)
    assert not (tmp_path / "awe").exists()


def test_a_lock_is_seen_while_it_is_held(tmp_path: Path) -> None:
    home = Home(tmp_path)
    lock = take_lock(home.lock("postgres"))
    assert lock is not None
    assert inspect(home, "postgres").locked
    assert not inspect(home, "redis").locked
    os.close(lock)
    assert not inspect(home, "postgres").locked


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_an_owner_without_a_name_is_a_number(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.data("redis").mkdir()
    os.chown(home.data("redis"), 54_321, 54_321)
    assert inspect(home, "redis").owner == "54321"
