"""A frame fits the terminal, whatever the run is like."""

import pytest

from awe.api.cli.live.frame import MOST_ROWS, fit, frame
from awe.domain.failures import FailureClass
from awe.projections.views.run import RunView
from support.run_entries import RUN, goal, planned, view
from support.task_events import claimed, ready, retry

WIDE = planned(*({"id": f"task_with_a_rather_long_name_{number}"} for number in range(100)))
WORK = [
    (f"task_with_a_rather_long_name_{number}", event)
    for number in range(60)
    for event in (ready(), claimed())
]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 100), (40, 10), (20, 3)])
def test_a_frame_fits(width: int, height: int) -> None:
    lines = frame(view(*WIDE, *WORK), 999_999, width, height)
    assert all(len(line.text) < width for line in lines)
    assert len(lines) <= max(min(height, MOST_ROWS + 3), 6)
    assert all(line.inked <= len(line.text) for line in lines if line.ink is not None)


def test_what_is_left_out_is_told() -> None:
    assert frame(view(*WIDE, *WORK), 0, 80, 24)[-1].text == "not shown: 40 running, 40 pending"


def test_before_there_is_a_plan_the_goal_is_shown() -> None:
    (line,) = frame(view(("run", goal("write\nnotes"))), 3_000, 80, 24)
    assert line.text == f"planning   2.0s  {RUN}  write notes"


def test_before_there_is_anything() -> None:
    (line,) = frame(RunView(RUN), 0, 80, 24)
    assert line.text == f"absent     {RUN}"


def test_a_long_note_is_cut() -> None:
    failing = retry(1, FailureClass.TIMEOUT)
    lines = frame(view(*WIDE, *WORK[:2], (WORK[0][0], failing)), 6_000, 60, 24)
    assert lines[2].text.startswith("retrying   task_with_a_rather_long_name_0 ")
    assert lines[2].text.endswith("…")
    assert len(lines[2].text) == 59


@pytest.mark.parametrize(
    ("text", "width", "told"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("東京都庁", 8, "東京都庁"),
        ("東京都庁", 7, "東京都…"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
    ],
)
def test_columns_are_counted_not_characters(text: str, width: int, told: str) -> None:
    assert fit(text, width) == told
