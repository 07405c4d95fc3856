import os
import pwd
import shutil
import socket
from pathlib import Path

import pytest

from awe.adapters.embedded.account import own_name
from awe.adapters.embedded.home import REFUSED, SOCKET_PATH_BYTES, SYSTEM_HOME, home_folder
from awe.adapters.embedded.memory import memory_bytes
from awe.adapters.servers.faults import ServerError


def test_root_uses_the_system_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert home_folder(None).path == SYSTEM_HOME


def test_an_ordinary_user_uses_its_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/somebody/data")
    assert home_folder(None).path == Path("/home/somebody/data/awe")


def test_a_given_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert home_folder(Path("~/awe")).path == Path("/home/somebody/awe")
    assert home_folder(Path("awe")).path == Path.cwd() / "awe"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/srv/" + "é" * 40, "home_path_too_long"),
        *((f"/srv/a{character}b", "home_path_unusable") for character in REFUSED),
    ],
)
def test_a_path_that_clients_or_initdb_cannot_name_is_refused(path: str, code: str) -> None:
    with pytest.raises(ServerError) as caught:
        home_folder(Path(path))
    assert caught.value.fault.code == code
    assert "AWE_HOME" in caught.value.fault.hint


def test_the_longest_path_that_is_accepted_can_be_listened_at(server_home: Path) -> None:
    spare = SOCKET_PATH_BYTES - len(str(home_folder(server_home).postgres_socket))
    home = home_folder(server_home.with_name(server_home.name + "x" * spare))
    home.postgres_socket.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home.postgres_socket))
    shutil.rmtree(home.path)
    with pytest.raises(ServerError, match="1 bytes too long"):
        home_folder(home.path.with_name(home.path.name + "x"))


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_name() == pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with pytest.raises(ServerError) as caught:
        own_name()
    assert caught.value.fault.code == "no_passwd_entry"


def test_memory_is_that_of_the_control_group_where_it_is_less(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    machine = memory_bytes(limit)
    assert machine > 0
    limit.write_text("max\n")
    assert memory_bytes(limit) == machine
    limit.write_text("1000000\n")
    assert memory_bytes(limit) == 1_000_000
