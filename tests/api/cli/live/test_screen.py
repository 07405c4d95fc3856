"""Frames replace each other in place: a terminal that obeys shows the last one, and above it what was said."""

import io
import re

import pytest

from awe.api.cli.live.above import Above
from awe.api.cli.live.frame import Line
from awe.api.cli.live.screen import Screen
from awe.api.cli.output import Ink


class Terminal(io.StringIO):
    """Knows the orders that a screen gives: lines up, to the end of line or screen; colours are shown as nothing."""

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> list[str]:
        lines, row = [""], 0
        for order, text in re.findall(r"(\x1b\[\??[0-9]*[A-Za-z])|([^\x1b\n]+|\n)", self.getvalue()):
            if order.endswith("F"):
                row -= int(order[2:-1])
                assert row >= 0, "above what was ever written"
            elif order.endswith("K"):
                continue
            elif order.endswith("J"):
                lines[row:] = [""]
            elif text == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif text:
                lines[row] = text
        return lines[:-1]


@pytest.fixture(autouse=True)
def _coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def lines(*texts: str) -> list[Line]:
    return [Line(text) for text in texts]


def test_a_frame_replaces_the_one_before_also_a_longer_one() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        screen.draw(lines("a", "b", "c"))
        screen.draw(lines("a2", "b2"))
        assert terminal.shown == ["a2", "b2"]
        screen.draw(lines("a3", "b3", "c3", "d3"))
    assert terminal.shown == ["a3", "b3", "c3", "d3"]


def test_an_equal_frame_writes_nothing() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        screen.draw(lines("a"))
        written = terminal.getvalue()
        screen.draw(lines("a"))
        assert terminal.getvalue() == written


def test_what_is_said_stays_above() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        screen.draw(lines("a", "b"))
        screen.say("one\ntwo")
        screen.draw(lines("a2", "b2"))
    assert terminal.shown == ["one", "two", "a2", "b2"]


def test_the_cursor_is_hidden_and_comes_back() -> None:
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError), Screen(terminal) as screen:
        screen.draw([Line(f"{1 // 0}")])
    assert terminal.getvalue() == "\x1b[?25l\x1b[?25h"


def test_only_the_inked_part_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        screen.draw([Line("failed  a", Ink.RED, 6)])
    assert "\x1b[31mfailed\x1b[0m  a" in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    with Screen(plain) as screen:
        screen.draw([Line("failed  a", Ink.RED, 6)])
    assert "\x1b[31m" not in plain.getvalue()


def test_nothing_shown_gives_the_terminal_orders() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        screen.draw(lines("a\x1b[2J"))
        screen.say("b\x1b]0;title\x07")
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()


def test_what_others_write_comes_out_line_by_line() -> None:
    said: list[str] = []
    above = Above(io.StringIO(), said.append)
    print("one", end="", file=above)
    assert said == []
    print(" and\ntwo\nthr", end="", file=above)
    above.end()
    above.end()
    assert said == ["one and\ntwo", "thr"]
    assert not above.isatty()
