from pathlib import Path

import pytest

from awe.adapters.tools.builtin.git import git_contributors, git_log, git_summary, git_tags
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass
from support.git_repository import ADA, GRACE, GitRepository


def test_a_summary_says_what_the_history_is(tmp_path: Path) -> None:
    with GitRepository(tmp_path / "calculator.git") as made:
        first = made.commit({"a.py": "1\n", "docs/b.md": "b\n"}, at="2026-01-01T00:00:00+00:00")
        last = made.commit({"a.py": "2\n"}, at="2026-02-01T12:00:00+02:00")
        made.tag("v1", first)
    told = git_summary(str(tmp_path / "calculator.git"))
    assert told == {
        "name": "calculator",
        "head": last,
        "branch": "main",
        "commits": 2,
        "merges": 0,
        "first_commit": first,
        "first_time": "2026-01-01T00:00:00Z",
        "last_time": "2026-02-01T10:00:00Z",
        "tags": 1,
        "files": 2,
        "root": [{"name": "a.py", "kind": "file"}, {"name": "docs", "kind": "folder"}],
        "truncated": False,
        "bare": False,
        "shallow": False,
    }


def test_a_repository_without_a_commit_has_an_empty_history(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        told = git_summary(str(made.folder))
    assert (told["head"], told["branch"], told["commits"]) == (None, "main", 0)
    assert (told["first_commit"], told["last_time"], told["files"], told["root"]) == (None, None, 0, [])
    assert git_log(str(tmp_path))["commits"] == []
    assert git_contributors(str(tmp_path))["total"] == 0
    assert git_tags(str(tmp_path)) == {"tags": [], "truncated": False}


def test_a_history_of_one_commit(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        only = made.commit({"a": "1\n"})
    told = git_summary(str(tmp_path))
    assert (told["first_commit"], told["first_time"]) == (only, told["last_time"])
    assert git_log(str(tmp_path))["commits"][0]["parents"] == 0
    assert told["head"] == only


def test_the_log_is_read_page_by_page_without_gap_or_repetition(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        shas = [
            made.commit({"a": f"{n}\n"}, f"Change {n}", at=f"2026-01-0{n}T00:00:00Z") for n in range(1, 8)
        ]
    read: list[str] = []
    after = None
    while True:
        page = git_log(str(tmp_path), shas[-1], limit=3, after=after)
        read += [each["sha"] for each in page["commits"]]
        after = page["next_after"]
        if after is None:
            break
    assert read == shas[::-1]
    assert not page["truncated"]


def test_a_page_behind_a_commit_that_is_not_there(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1\n"})
    with pytest.raises(ToolError, match="has no commit") as caught:
        git_log(str(tmp_path), after="0" * 40)
    assert caught.value.failure is FailureClass.INVALID_INPUT


def test_a_merge_brings_both_sides_once(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        base = made.commit({"a": "1\n"}, at="2026-01-01T00:00:00Z")
        left = made.commit({"b": "1\n"}, at="2026-01-02T00:00:00Z")
        right = made.commit({"c": "1\n"}, at="2026-01-03T00:00:00Z", parents=[base])
        merge = made.commit({}, "Merge", at="2026-01-04T00:00:00Z", parents=[left, right])
    assert [each["sha"] for each in git_log(str(tmp_path))["commits"]] == [merge, right, left, base]
    told = git_summary(str(tmp_path))
    assert (told["commits"], told["merges"]) == (4, 1)


def test_a_history_can_be_read_at_a_tag_a_branch_and_a_short_id(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        first = made.commit({"a": "1\n"})
        last = made.commit({"a": "2\n"})
        made.tag("v1", first, "One")
    for at, meant in (("v1", first), ("main", last), (first[:10], first), ("HEAD", last), (None, last)):
        assert git_summary(str(tmp_path), at)["head"] == meant


@pytest.mark.parametrize("at", ["nowhere", "0" * 40, "../../etc", "v1^{tree}", "", "a" * 250])
def test_what_names_no_commit_is_invalid_input(tmp_path: Path, at: str) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1\n"})
    with pytest.raises(ToolError, match="commit") as caught:
        git_summary(str(tmp_path), at)
    assert caught.value.failure is FailureClass.INVALID_INPUT
    assert not caught.value.sent


def test_a_file_is_no_commit(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1\n"})
        blob = made.blob("a")
    with pytest.raises(ToolError, match="does not name a commit"):
        git_summary(str(tmp_path), blob)


def test_strange_names_times_and_encodings_are_readable(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1"}, b"\n\nGr\xfc\xdfe\nmore", author=b"J\xf6rg", at="1969-12-31T23:59:58+00:00")
    (entry,) = git_log(str(tmp_path))["commits"]
    assert (entry["author"], entry["email"], entry["subject"]) == ("J\\xf6rg", "", "Gr\\xfc\\xdfe")
    assert entry["time"] == "1969-12-31T23:59:58Z"


def test_contributors_are_told_apart_by_address_and_counted(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": "1\n2\n"}, author=ADA, at="2026-01-01T00:00:00Z")
        made.commit({"a": "1\n3\n"}, author="ada <ADA@example.org>", at="2026-01-02T00:00:00Z")
        last = made.commit({"a": "1\n"}, author=GRACE, at="2026-01-03T00:00:00Z")
    told = git_contributors(str(tmp_path), lines=True)
    assert (told["total"], told["commits"], told["truncated"]) == (2, 3, False)
    ada, grace = told["contributors"]
    assert (ada["name"], ada["email"]) == ("ada", "ADA@example.org")
    assert (ada["commits"], ada["added"], ada["removed"]) == (2, 3, 1)
    assert (ada["first_time"], ada["last_time"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert (grace["commits"], grace["added"], grace["removed"], grace["last_commit"]) == (1, 0, 1, last)
    cut = git_contributors(str(tmp_path), limit=1)
    assert (len(cut["contributors"]), cut["total"], cut["commits"], cut["truncated"]) == (1, 2, 3, True)
    assert cut["contributors"][0]["added"] == 0


def test_the_mailmap_of_the_commit_says_who_is_who(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({".mailmap": "Ada Lovelace <ada@example.org> <old@example.org>\n"}, author=ADA)
        made.commit({"a": "1"}, author="A. L. <old@example.org>")
        made.commit({"a": "2"}, author=b"nobody")
    assert [(each["name"], each["commits"]) for each in git_contributors(str(tmp_path))["contributors"]] == [
        ("Ada Lovelace", 2),
        ("nobody", 1),
    ]


def test_a_broken_mailmap_is_as_good_as_none(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({".mailmap": "> what < is this\n<<<\n"}, author=ADA)
    assert git_contributors(str(tmp_path))["contributors"][0]["name"] == "Ada Lovelace"


def test_tags_are_newest_first_and_say_what_they_stand_for(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        first = made.commit({"a.py": "1"}, "First", at="2026-01-01T00:00:00Z")
        made.tag("light", first)
        made.tag("v1", first, "Version one\n\nmore", at="2026-03-01T00:00:00Z")
        made.tag("a-file", made.blob("a.py"))
    told = git_tags(str(tmp_path))
    assert [(each["name"], each["annotated"], each["subject"], each["time"]) for each in told["tags"]] == [
        ("v1", True, "Version one", "2026-03-01T00:00:00Z"),
        ("light", False, "First", "2026-01-01T00:00:00Z"),
    ]
    assert {each["commit"] for each in told["tags"]} == {first}
    assert git_tags(str(tmp_path), limit=1)["truncated"]
