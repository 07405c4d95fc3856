"""The servers that awe keeps for itself: whose their data is and who uses it. None is started to find out."""

from __future__ import annotations

from typing import Final

from awe.adapters.embedded.home import Home, Kind
from awe.adapters.embedded.inspection import DataFolder, inspect
from awe.adapters.embedded.ownership import second_instance
from awe.adapters.embedded.programs import Program, no_program, postgres_servers, redis_servers
from awe.adapters.embedded.refusals import as_fault, ensure_space
from awe.adapters.servers.faults import Fault, ServerError
from awe.api.cli.checkup.check import Check

AREA: Final = "embedded"


def folder(home: Home) -> Check:
    if not home.path.exists():
        return Check.passed(AREA, "home", f"{home.path}, not made yet")
    try:
        ensure_space(home.path)
    except (ServerError, OSError) as error:
        return Check.failed(AREA, "home", as_fault(error, home.path))
    return Check.passed(AREA, "home", str(home.path))


def looked_into(home: Home, kind: Kind) -> DataFolder | Fault:
    try:
        return inspect(home, kind)
    except OSError as error:
        return as_fault(error, home.path)


def use(found: DataFolder | Fault, kind: Kind) -> Check:
    """Who uses the data."""
    name = f"{kind} data"
    match found:
        case Fault():
            return Check.failed(AREA, name, found)
        case DataFolder(pids=(), locked=True):
            return Check.failed(AREA, name, _locked_only(found))
        case DataFolder(pids=(), owner=""):
            return Check.passed(AREA, name, f"{found.path}, not made yet")
        case DataFolder(pids=()):
            return Check.passed(AREA, name, f"{found.path} of {found.owner}, in use by nobody")
        case DataFolder(pids=(pid,), locked=True):
            return Check.passed(AREA, name, f"{found.path} of {found.owner}, served by process {pid}")
        case _:
            return Check.failed(AREA, name, second_instance(found.path, list(found.pids)).fault)


def not_running(home: Home, kind: Kind) -> Check:
    """What would be started, and when."""
    program = _program(home, kind)
    if program is None:
        return Check.failed(kind, "server", _no_program(kind))
    return Check.passed(
        kind,
        "server",
        f"not running; {program} ({program.path}) is started on demand by the first command that needs it",
    )


def _locked_only(found: DataFolder) -> Fault:
    return Fault(
        "lock_held",
        f"The data in {found.path} is locked, but no server is at work in it: one starts or stops just now, "
        "or belongs to a user whose processes cannot be seen.",
        "Ask again in a minute.",
        severity="warning",
    )


def _program(home: Home, kind: Kind) -> Program | None:
    """The best program found, run as this user, so that nothing has to be copied for another."""
    programs = redis_servers if kind == "redis" else postgres_servers
    return next(programs(home.programs, None), None)


def _no_program(kind: Kind) -> Fault:
    if kind == "redis":
        return no_program("Redis or Valkey", "Redis 7.0", "AWE_REDIS_URL").fault
    return no_program("PostgreSQL", "PostgreSQL 15", "AWE_POSTGRES_URL").fault
