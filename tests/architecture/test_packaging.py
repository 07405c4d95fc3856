"""The wheel holds what the root folders hold: a checkout without links would build an empty one without complaint."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("domain", "commands", "projections", "adapters", "api")
SHIPPED = {".py", ".lua", ".sql", ".json", ".graphql"}


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("wheel")
    tree = tmp_path_factory.mktemp("tree")  # a build leaves folders behind: not in the checkout
    for name in (*FOLDERS, "src"):
        shutil.copytree(
            ROOT / name,
            tree / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"),
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, tree)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            "-w",
            out,
            tree,
        ],
        check=True,
    )
    (wheel,) = out.glob("awe_engine-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", FOLDERS)
def test_wheel_holds_every_file_of_a_root_folder(wheel_files: set[str], folder: str) -> None:
    here = {
        f"awe/{path.relative_to(ROOT)}"
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SHIPPED and "__pycache__" not in path.parts
    }
    assert here - wheel_files == set()
    assert {name for name in wheel_files if name.startswith(f"awe/{folder}/")} == here


def test_wheel_is_typed_and_has_nothing_else(wheel_files: set[str]) -> None:
    assert "awe/py.typed" in wheel_files
    assert {name.split("/")[0].split("-")[0] for name in wheel_files} == {"awe", "awe_engine"}


def test_each_root_folder_is_linked_and_named_to_the_type_checker() -> None:
    configured = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for folder in FOLDERS:
        link = ROOT / "src" / "awe" / folder
        assert link.is_symlink()
        assert link.resolve() == ROOT / folder
        assert f'"src/awe/{folder}"' in configured
