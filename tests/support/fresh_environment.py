"""AWE as users get it: its wheel in a virtual environment of its own, beside the locked dependencies.

Nothing of the checkout is importable there, so whatever a test runs in it came out of the wheel.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parents[2]
_SOURCES: Final = ("domain", "commands", "projections", "adapters", "api", "src")
_FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")


class FreshEnvironment:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = folder / "bin"

    @classmethod
    def made(cls, folder: Path) -> Self:
        """Build the wheel and install it, without network; the checkout is left as it is."""
        wheel = _wheel(folder / "build")
        made = cls(folder / "venv")
        _run(sys.executable, "-m", "venv", "--without-pip", made.folder)
        python = made.scripts / "python"
        _run(*_pip("--python", python), "install", "--quiet", "--no-deps", "--no-index", wheel)
        packages = Path(made.asks("import sysconfig; print(sysconfig.get_path('purelib'))"))
        (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        return made

    def asks(self, code: str) -> str:
        """What a line of Python prints there."""
        answer = subprocess.run(
            [self.scripts / "python", "-c", code],
            check=True,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin"},
        )
        return answer.stdout.strip()


def _wheel(folder: Path) -> Path:
    tree = folder / "tree"
    for name in _SOURCES:
        ignored = shutil.ignore_patterns("*.egg-info", "__pycache__")
        shutil.copytree(ROOT / name, tree / name, symlinks=True, ignore=ignored)
    for name in _FILES:
        shutil.copy(ROOT / name, tree)
    _run(*_pip(), "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, tree)
    (wheel,) = folder.glob("awe_engine-*.whl")
    return wheel


def _pip(*options: object) -> tuple[object, ...]:
    return (sys.executable, "-m", "pip", "--disable-pip-version-check", *options)


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
