"""What kinds of code share: one file, imported once a process, whoever asks for what it holds."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from awe.adapters.projectors.loading import load as projectors_of
from awe.adapters.python_sources import Source, SourceUnusable, imported
from awe.adapters.tools.loading import load as tools_of

BOTH = """
    from neighbour import COLUMNS
    from awe import Projector, Table, tool
    from awe.domain.run.events import GoalSubmitted

    @tool(name="nothing", effect="read")
    def nothing() -> int:
        \"\"\"Nothing.\"\"\"
        return 0

    class Goals(Projector):
        name, version, events = "goals", 1, (GoalSubmitted,)
        table = Table(columns=COLUMNS, key=("run",))

        def keys(self, entry):
            return ((entry.run,),)

        def apply(self, row, entry):
            pass
"""


def test_a_file_may_hold_tools_and_projections_and_have_neighbours(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "neighbour.py").write_text(f'COLUMNS = {{"run": "text", "{folder}": "text"}}')
        (tmp_path / folder / "mine.py").write_text(dedent(BOTH))
        path = tmp_path / folder / "mine.py"
        (projector,) = projectors_of(files=[path])
        (definition,) = tools_of(Source.file(path))
        assert folder in projector.table.columns
        assert sys.modules[type(projector).__module__] is imported(Source.file(path), "tools")
        assert definition.contract.name == "nothing"
    assert "neighbour" not in sys.modules
    assert not list(tmp_path.rglob("__pycache__"))


def test_what_it_should_have_held_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\ny = 1 / 0\n")
    with pytest.raises(
        SourceUnusable, match=r"^the wishes of .*broken\.py, line 2 cannot be loaded: Zero"
    ) as told:
        imported(Source.file(tmp_path / "broken.py"), "wishes")
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    with pytest.raises(SourceUnusable, match=r"^the wishes of not\.there cannot be loaded: ModuleNotFound"):
        imported(Source("module", "not.there"), "wishes")
