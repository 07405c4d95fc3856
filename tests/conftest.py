import getpass
import tempfile
from contextlib import suppress
from pathlib import Path

pytest_plugins = ["support.servers"]


def pytest_unconfigure() -> None:
    """Leave no folder behind: pytest keeps the one around its temporary folders, also when it is empty."""
    with suppress(OSError):
        (Path(tempfile.gettempdir()) / f"pytest-of-{getpass.getuser()}").rmdir()
