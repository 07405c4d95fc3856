"""Projections from modules, files and packages; what is wrong with one is said with its place."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from awe.adapters.projectors import loading
from awe.adapters.projectors.errors import ProjectorLoadError
from awe.adapters.projectors.loading import load
from awe.api.bootstrap.projector_names import load_projectors
from awe.projections.read_models import BUILT_IN

ONE = """
    from awe.domain.run.events import GoalSubmitted
    from awe.projections.projector import Projector, Table

    class Base(Projector):
        events = (GoalSubmitted,)
        table = Table(columns={"run": "text"}, key=("run",))

        def keys(self, entry):
            return ((entry.run,),)

    class Goals(Base):
        name = "goals"
        version = 1

        def apply(self, row, entry):
            pass
"""


def file(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_files_modules_and_packages_bring_projections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (from_file,) = load(files=[file(tmp_path, ONE)])
    assert load(files=[tmp_path / "mine.py"])[0].__class__ is from_file.__class__
    assert not list(tmp_path.glob("__pycache__"))
    (tmp_path / "its_module.py").write_text((tmp_path / "mine.py").read_text())
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    assert [each.name for each in load(["its_module"])] == ["goals"]

    def installed(group: str) -> list[EntryPoint]:
        return [EntryPoint("mine", "its_module", group)]

    monkeypatch.setattr(loading, "entry_points", installed)
    assert [each.name for each in load(["its_module"])] == ["goals"]
    assert [each.name for each in load_projectors()] == [*(each.name for each in BUILT_IN), "goals"]
    with pytest.raises(ProjectorLoadError, match="'goals' of Goals is taken"):
        load_projectors([str(tmp_path / "mine.py")])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", r"mine\.py has no projection$"),
        (
            ONE.replace("def apply", "def other"),
            r"mine\.py has no projection: Base lacks some of name, version",
        ),
        (
            ONE.replace("version = 1", "version = 0"),
            r"mine\.py, line 12 cannot be loaded: ValueError: The version",
        ),
        ("def f(:", r"mine\.py, line 1 cannot be loaded: SyntaxError"),
        ("raise SystemExit('no')", r"mine\.py, line 1 cannot be loaded: SystemExit: no"),
        (
            ONE + "\n        def __init__(self):\n            raise OSError('no')",
            r"mine\.py, line \d+ cannot be loaded: OSError: no",
        ),
    ],
)
def test_what_cannot_be_loaded_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ProjectorLoadError, match=told):
        load(files=[file(tmp_path, text)])


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectorLoadError, match="FileNotFoundError"):
        load(files=[tmp_path / "none.py"])
    with pytest.raises(ProjectorLoadError, match="name must end with"):
        load(files=[file(tmp_path, ONE, "mine.txt")])
    with pytest.raises(ProjectorLoadError, match="No module named 'not_there'"):
        load(["not_there"])


def test_an_interrupt_while_a_file_is_imported_passes(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(files=[file(tmp_path, "raise KeyboardInterrupt")])


def test_a_projection_is_written_and_tried_without_any_driver() -> None:
    code = """
        import sys
        from awe.projections.projector import Projector, Table
        from awe.projections.trial import given, rows
        print([name for name in ("psycopg", "redis", "eventsourcing", "typer") if name in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
