"""Who runs the servers and owns their data.

An ordinary user runs them as itself. Postgres refuses root, so root runs them as an account that exists; none is
created. Data that exists keeps its owner, also where a better account has come since.
"""

import os
import pwd
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

from awe.adapters.servers.faults import ServerError

PREFERRED = ("postgres", "nobody")


@final
@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def server_account(data: Path | None = None, preferred: Sequence[str] = PREFERRED) -> Account | None:
    """The account to run a server as when root asks, None for whoever else asks: it runs as itself.

    Raises:
        ServerError: root asks, and there is no account to use.
    """
    if os.geteuid() != 0:
        return None
    try:
        owner = data.stat().st_uid if data is not None else 0
    except FileNotFoundError:
        owner = 0
    try:
        if owner != 0:
            return _account(pwd.getpwuid(owner))
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        return _account(next(known[name] for name in preferred if name in known))
    except (KeyError, StopIteration):
        wanted = f"uid {owner}, which owns {data}" if owner else " or ".join(preferred)
        raise ServerError.of(
            "no_account",
            f"Root cannot run the embedded servers as itself, and there is no account {wanted}.",
            "Add one (for example: useradd --system postgres), run awe as an ordinary user, "
            "or set AWE_REDIS_URL and AWE_POSTGRES_URL.",
        ) from None


def own_folder(folder: Path, account: Account | None, mode: int = 0o700) -> None:
    """Make the folder, for the account, unless it exists; one that root left unowned is handed over."""
    folder.mkdir(mode=mode, exist_ok=True)
    if account is not None and folder.stat().st_uid == 0:
        os.chown(folder, account.uid, account.gid)


def own_name() -> str:
    """The name of the user that runs this process.

    Raises:
        ServerError: it has none.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise ServerError.of(
            "no_passwd_entry",
            f"The user {os.geteuid()}, which runs awe, has no entry in /etc/passwd, which PostgreSQL needs.",
            "Add an entry for it, or set AWE_POSTGRES_URL to a running server.",
        ) from None


def ensure_reachable(path: Path, account: Account | None) -> None:
    """Fail where the account may not enter the folder.

    Raises:
        ServerError: some folder on the way is closed to the account.
    """
    if account is None:
        return
    with _acting_as(account):
        closed = next((each for each in (*reversed(path.parents), path) if not _may_enter(each)), None)
    if closed is not None:
        raise ServerError.of(
            "home_unreachable",
            f"The account {account.name}, which runs the servers, may not enter {closed}.",
            f"Set AWE_HOME to a folder that {account.name} can reach, such as /var/lib/awe.",
        )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _may_enter(folder: Path) -> bool:
    return os.access(folder, os.X_OK, effective_ids=True)


@contextmanager
def _acting_as(account: Account) -> Generator[None]:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
