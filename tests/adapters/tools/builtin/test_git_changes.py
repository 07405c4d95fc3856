import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awe.adapters.tools.builtin.git import git_churn, line_changes, shortest_edit
from awe.adapters.tools.builtin.git.shortest_edit import added_and_removed
from support.git_repository import GRACE, LINK, SUBMODULE, GitRepository

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"}\n", b"\n"]), max_size=24)


def longest_common(before: list[bytes], after: list[bytes]) -> int:
    row = [0] * (len(after) + 1)
    for old in before:
        corner, row = 0, list(row)
        for place, new in enumerate(after, 1):
            above = row[place]
            row[place] = corner + 1 if old == new else max(above, row[place - 1])
            corner = above
    return row[-1]


@given(LINES, LINES)
def test_no_edit_is_shorter(before: list[bytes], after: list[bytes]) -> None:
    kept = longest_common(before, after)
    assert added_and_removed(before, after) == (len(after) - kept, len(before) - kept)


def test_a_long_shuffle_is_an_edit_found_fast() -> None:
    before = [b"%d\n" % n for n in range(4_000)]
    after = [b"%d\n" % (n * 1_777 % 4_000) for n in range(4_000)]
    added, removed = added_and_removed(before, after)
    assert added == removed
    assert 0 < added < 4_000
    assert shortest_edit.longest(before, after) is None


def test_the_shuffle_is_matched_copy_by_copy() -> None:
    assert shortest_edit.matched([b"a", b"a", b"b", b"a"], [b"a", b"b", b"a"]) == 2


def test_churn_counts_commits_and_lines_by_file_and_month(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a.py": "1\n2\n3\n", "b.py": "x\n"}, at="2026-01-31T23:30:00-01:00")
        made.commit({"a.py": "1\n2\n4\n5\n"}, author=GRACE, at="2026-02-02T00:00:00Z")
        last = made.commit({"b.py": None}, at="2026-02-03T00:00:00Z")
    told = git_churn(str(tmp_path))
    assert told["files"] == [
        {
            "path": "a.py",
            "commits": 2,
            "added": 5,
            "removed": 1,
            "authors": 2,
            "last_time": "2026-02-02T00:00:00Z",
            "last_commit": told["files"][0]["last_commit"],
            "exists": True,
        },
        {
            "path": "b.py",
            "commits": 2,
            "added": 1,
            "removed": 1,
            "authors": 1,
            "last_time": "2026-02-03T00:00:00Z",
            "last_commit": last,
            "exists": False,
        },
    ]
    assert told["months"] == [{"month": "2026-02", "commits": 3, "added": 6, "removed": 2}]
    assert (told["commits"], told["added"], told["removed"], told["complete"]) == (3, 6, 2, True)
    assert [each["path"] for each in git_churn(str(tmp_path), existing_only=True)["files"]] == ["a.py"]


def test_a_merge_counts_as_a_commit_and_changes_nothing(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        base = made.commit({"a": "1\n"}, at="2026-01-01T00:00:00Z")
        left = made.commit({"b": "1\n"}, at="2026-01-02T00:00:00Z")
        right = made.commit({"c": "1\n"}, at="2026-01-03T00:00:00Z", parents=[base])
        made.commit({"d": "evil\n"}, at="2026-01-04T00:00:00Z", parents=[left, right])
    told = git_churn(str(tmp_path))
    assert (told["commits"], told["merges"], told["months"][0]["commits"]) == (4, 1, 4)
    assert "d" not in {each["path"] for each in told["files"]}


def test_a_renamed_file_is_one_that_went_and_one_that_came(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"old.py": "1\n2\n"})
        made.commit({"old.py": None, "new.py": "1\n2\n"})
    told = {each["path"]: (each["added"], each["removed"]) for each in git_churn(str(tmp_path))["files"]}
    assert told == {"old.py": (2, 2), "new.py": (2, 0)}


def test_what_is_no_text_is_touched_and_has_no_lines(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"binary": b"\0\n\n", "large": b"x\n" * 600_000})
        made.commit({"link": "binary"}, mode=LINK)
        made.commit({"module": "1" * 40}, mode=SUBMODULE)
        made.commit({"link": "now a file\n"})
    told = {each["path"]: (each["commits"], each["added"]) for each in git_churn(str(tmp_path))["files"]}
    assert told == {"binary": (1, 0), "large": (1, 0), "link": (2, 1), "module": (1, 0)}


def test_a_last_line_without_its_end_is_another_line(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1\r2\n3"})
        made.commit({"a": "1\r2\n3\n"})
    (told,) = git_churn(str(tmp_path))["files"]
    assert (told["added"], told["removed"]) == (3, 1)


def test_only_so_many_commits_are_looked_at(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        for day in range(1, 6):
            made.commit({f"{day}.txt": f"{day}\n"}, at=f"2026-01-0{day}T00:00:00Z")
    told = git_churn(str(tmp_path), max_commits=2)
    assert (told["commits"], told["complete"]) == (2, False)
    assert {each["path"] for each in told["files"]} == {"4.txt", "5.txt"}
    assert git_churn(str(tmp_path), max_commits=5)["complete"]


def test_the_list_of_files_is_cut_and_the_totals_are_not(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a.py": "1\n2\n", **{f"{n}.txt": "1\n" for n in range(5)}})
    told = git_churn(str(tmp_path), limit=2)
    assert (len(told["files"]), told["total_files"], told["added"], told["truncated"]) == (2, 6, 7, True)
    only = git_churn(str(tmp_path), glob="*.py")
    assert (only["total_files"], only["added"], only["truncated"]) == (1, 2, False)


def test_lines_are_those_of_a_plain_comparison(tmp_path: Path) -> None:
    before = "".join(f"line {n % 7}\n" for n in range(60))
    after = "".join(f"line {n % 5}\n" for n in range(50))
    with GitRepository(tmp_path) as made:
        made.commit({"a": before})
        made.commit({"a": after})
    (told,) = git_churn(str(tmp_path))["files"]
    blocks = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    kept = sum(block.size for block in blocks.get_matching_blocks())
    assert told["removed"] <= 60 - kept
    assert told["added"] - 60 - (told["removed"]) == 50 - 60


def test_what_was_forgotten_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitRepository(tmp_path) as made:
        for number in range(4):
            made.commit({"a": f"{number}\n" * 50, "b": f"{number}\n"})
    told = git_churn(str(tmp_path))
    monkeypatch.setattr(line_changes, "REMEMBERED_BYTES", 1_000)
    assert git_churn(str(tmp_path)) == told
    assert (told["added"], told["removed"]) == (204, 153)
