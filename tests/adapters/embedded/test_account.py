"""Root runs servers as an account that exists; data keep their owner; nobody's permissions are widened."""

import os
import pwd
import shutil
import sysconfig
from pathlib import Path

import psutil
import pytest

from awe.adapters.embedded.account import ensure_reachable, own_folder, server_account
from awe.adapters.embedded.home import KINDS, Home
from awe.adapters.servers.faults import ServerError
from awe.adapters.servers.postgres_facts import probe_postgres
from support.embedded_user import EmbeddedUser, can_run_project, processes_of, server_pid, wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root chooses an account")
NOBODY = pwd.getpwnam("nobody")


def test_an_ordinary_user_runs_servers_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_account() is None
    ensure_reachable(Path("/root"), None)


@AS_ROOT
def test_the_first_account_that_exists_is_taken() -> None:
    account = server_account(preferred=("no_such_account", "nobody"))
    assert account is not None
    assert (account.name, account.uid) == ("nobody", NOBODY.pw_uid)


@AS_ROOT
def test_none_is_created(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as caught:
        server_account(tmp_path, preferred=("no_such_account",))
    assert caught.value.fault.code == "no_account"


@AS_ROOT
def test_data_keep_their_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY.pw_uid, NOBODY.pw_gid)
    account = server_account(tmp_path)
    assert account is not None
    assert account.name == "nobody"
    os.chown(tmp_path, 4_000_000, 4_000_000)
    with pytest.raises(ServerError) as caught:
        server_account(tmp_path)
    assert "4000000" in caught.value.fault.message


@AS_ROOT
def test_a_folder_that_root_left_is_handed_over(tmp_path: Path) -> None:
    account = server_account(preferred=("nobody",))
    folder = tmp_path / "data"
    folder.mkdir(mode=0o750)
    own_folder(folder, account)
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (NOBODY.pw_uid, 0o750)


@AS_ROOT
def test_data_of_nobody_are_served_by_nobody(home: Home) -> None:
    home.path.mkdir(mode=0o711)
    own_folder(home.data("redis"), server_account(preferred=("nobody",)))
    with EmbeddedUser(home, ["redis"], linger_s=0) as user:
        assert user.told["redis"]
        assert home.redis_socket.stat().st_uid == NOBODY.pw_uid


@AS_ROOT
def test_root_needs_no_access_of_the_account_to_the_wheels(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an environment in root's closed home will do: nothing that the servers use lies in it."""
    monkeypatch.setenv("PATH", str(home.path))
    with EmbeddedUser(home, linger_s=0) as user:
        assert user.told.keys() == set(KINDS)
        for kind in KINDS:
            used = {Path(each.path) for each in psutil.Process(server_pid(home, kind)).memory_maps()}
            assert any(path.is_relative_to(home.programs) for path in used)
            assert not any(path.is_relative_to(sysconfig.get_path("purelib")) for path in used)
    assert all(path.stat().st_uid == 0 for path in home.programs.rglob("*")), "only root can change them"


@AS_ROOT
def test_a_user_other_than_root_needs_no_account(server_home: Path) -> None:
    """An ordinary user's servers run as that user, and are closed to others."""
    python = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")
    home = Home(server_home / "mine" / "awe")
    own_folder(server_home / "mine", server_account(preferred=("nobody",)))
    if python is None or not can_run_project(python, "nobody"):
        pytest.skip("no Python of this version that the account nobody can run with this project")
    with EmbeddedUser(home, linger_s=0, python=python, account="nobody") as user:
        told = user.told
        assert all(process.uids().effective == NOBODY.pw_uid for process in processes_of(home.path))
        assert all(home.data(kind).stat().st_mode & 0o077 == 0 for kind in KINDS)
        assert home.path.stat().st_mode & 0o077 == 0
        assert not home.programs.exists(), "it can read the installed programs itself"
        assert probe_postgres(told["postgres"]).ok, "root may, too"
    wait_until(lambda: not processes_of(home.path), "everything has ended")
