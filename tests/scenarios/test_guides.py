"""A newcomer follows the guides, with nothing but what the wheel brings and an empty folder."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.fresh_environment import FreshEnvironment
from support.guides import Guide, agrees, follow, read_guide
from support.server_homes import next_home
from support.waiting import until

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDES: Final = ROOT / "docs" / "guides"
PAGES: Final = ("first-tool.md", "first-plan.md", "first-projection.md")


@pytest.fixture(scope="session")
def fresh_environment(tmp_path_factory: pytest.TempPathFactory) -> FreshEnvironment:
    return FreshEnvironment.made(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="session")
def followed(
    fresh_environment: FreshEnvironment, session_homes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Guide]]:
    """The guides, each followed on an installation of its own, all at once; their servers end by themselves."""
    guides = {page: read_guide(GUIDES / page) for page in PAGES}
    homes = {page: next_home(session_homes) for page in PAGES}

    def in_an_empty_folder(page: str) -> None:
        folder = tmp_path_factory.mktemp("guide")
        variables = {
            "PATH": f"{fresh_environment.scripts}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "AWE_HOME": str(homes[page]),
            "AWE_EMBEDDED_LINGER_S": "2",
        }
        follow(guides[page], folder, variables)

    with ThreadPoolExecutor(len(PAGES)) as pool:
        list(pool.map(in_an_empty_folder, PAGES))
    yield guides
    asyncio.run(until(lambda: not any(map(_servers, homes.values()))))


def test_the_environment_has_the_wheel_and_nothing_of_the_checkout(
    fresh_environment: FreshEnvironment,
) -> None:
    imported = fresh_environment.asks("import awe.api; print(awe.__file__, *awe.api.__path__)")
    for place in imported.split():
        assert Path(place).is_relative_to(fresh_environment.folder)
    assert str(ROOT / "src") not in fresh_environment.asks("import sys; print(*sys.path, sep='\\n')")


@pytest.mark.parametrize("page", PAGES)
def test_a_newcomer_sees_what_the_guide_shows(followed: Mapping[str, Guide], page: str) -> None:
    for commands in followed[page].commands:
        told = f"{'; '.join(commands.lines)}\n{commands.out}{commands.err}"
        assert commands.codes == commands.promised, told
        if commands.shown is None:
            assert not commands.out, told
        else:
            assert agrees(commands.printed, commands.shown), told


def test_a_guide_that_shows_something_else_is_found_out() -> None:
    printed = "run r-00-vsz2m66ar089xk87rdcncfag6e succeeded after 0.1s\n\noutputs\n  words: 4\n"
    assert agrees(
        printed, "run r-00-000000000000000000000000ab succeeded after 12.5s\n\noutputs\n  words: 4\n"
    )
    assert agrees(printed, "run r-00-000000000000000000000000ab succeeded after 12.5s\n…\n  words: 4\n")
    assert not agrees(printed, printed.replace("4", "5"))
    assert not agrees(printed, printed.replace("succeeded", "failed"))
    assert not agrees(f"{printed}more\n", printed)


def _servers(home: Path) -> list[int]:
    """The processes that are about this installation."""
    return [
        process.info["pid"]
        for process in psutil.process_iter(["pid", "cmdline"])
        if any(str(home) in word for word in process.info["cmdline"] or ())
    ]
