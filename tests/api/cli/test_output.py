"""Tables, colour, documents: what every command prints with."""

import io
import json

import pytest

from awe.api.cli import output
from awe.api.cli.output import Ink


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def _coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("_coloured")
def test_a_terminal_is_coloured() -> None:
    assert output.paint("bad", Ink.RED, Terminal()) == "\x1b[31mbad\x1b[0m"


@pytest.mark.usefixtures("_coloured")
def test_a_pipe_is_not_coloured() -> None:
    assert output.paint("bad", Ink.RED, io.StringIO()) == "bad"


@pytest.mark.usefixtures("_coloured")
@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_the_environment_can_forbid_colour(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert output.paint("bad", Ink.RED, Terminal()) == "bad"


@pytest.mark.usefixtures("_coloured")
def test_an_empty_no_color_forbids_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert output.paint("bad", Ink.RED, Terminal()) != "bad"


def test_a_table_is_as_wide_as_its_widest_cells_and_has_one_line_a_row() -> None:
    long = "x" * 300
    assert output.table(("A", "B", "C"), [("1", "two\nlines", ""), ("2", "b", long)]).splitlines() == [
        "A  B          C",
        "1  two lines",
        f"2  b          {long}",
    ]


def test_a_document_keeps_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    output.document({"name": "Zürich → \u2028"})
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"name": "Zürich → \u2028"}
    assert "Zürich →" in shown
