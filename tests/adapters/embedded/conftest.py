from collections.abc import Iterator
from pathlib import Path

import pytest

from awe.adapters.embedded.home import Home, home_folder
from support.embedded_user import processes_of, wait_until


@pytest.fixture
def home(server_home: Path) -> Iterator[Home]:
    """The home of an installation that does not exist yet. No test may leave a process in it."""
    home = home_folder(server_home / "awe")
    yield home
    try:
        wait_until(lambda: not processes_of(home.path), "everything has ended", 30)
    finally:
        for process in processes_of(home.path):
            process.kill()
