from pathlib import Path

import pytest

from awe.adapters.tools.builtin.git import git_files, git_marks, git_show
from awe.adapters.tools.builtin.git.globs import matcher
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass
from support.git_repository import LINK, SUBMODULE, GitRepository


@pytest.mark.parametrize(
    ("glob", "matched"),
    [
        (None, ["a.py", "src/b.py", "src/deep/c.py", "src/c.txt"]),
        ("*.py", ["a.py", "src/b.py", "src/deep/c.py"]),
        ("src/*.py", ["src/b.py"]),
        ("/*.py", ["a.py"]),
        ("src/**", ["src/b.py", "src/deep/c.py", "src/c.txt"]),
        ("src/**/*.py", ["src/b.py", "src/deep/c.py"]),
        ("**/c.*", ["src/deep/c.py", "src/c.txt"]),
        ("?.py", ["a.py", "src/b.py", "src/deep/c.py"]),
        ("a+.py", []),
    ],
)
def test_globs(glob: str | None, matched: list[str]) -> None:
    matches = matcher(glob)
    paths = ["a.py", "src/b.py", "src/deep/c.py", "src/c.txt"]
    assert [path for path in paths if matches(path)] == matched


def test_a_glob_that_cannot_be_used() -> None:
    with pytest.raises(ToolError, match="glob cannot be used"):
        matcher("?" * 200)


def test_files_are_listed_with_their_sizes(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a.py": "1234\n", "src/b.py": "", "c.txt": "12"})
        made.commit({"link": "a.py"}, mode=LINK)
        made.commit({"module": "1" * 40}, mode=SUBMODULE)
    told = git_files(str(tmp_path))
    assert [(each["path"], each["bytes"], each["kind"]) for each in told["files"]] == [
        ("a.py", 5, "file"),
        ("c.txt", 2, "file"),
        ("link", 4, "link"),
        ("src/b.py", 0, "file"),
    ]
    assert (told["count"], told["truncated"]) == (4, False)
    cut = git_files(str(tmp_path), glob="*.py", limit=1)
    assert (len(cut["files"]), cut["count"], cut["truncated"]) == (1, 2, True)


def test_the_text_of_a_file_is_cut_between_characters(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        sha = made.commit({"docs/ä.md": "äöü\nend"})
    whole = git_show(str(tmp_path), "docs/ä.md")
    assert whole == {
        "path": "docs/ä.md",
        "commit": sha,
        "text": "äöü\nend",
        "lines": 2,
        "bytes": 10,
        "truncated": False,
    }
    for most, text in ((1, ""), (3, "ä"), (4, "äö"), (9, "äöü\nen")):
        cut = git_show(str(tmp_path), "docs/ä.md", max_bytes=most)
        assert (cut["text"], cut["truncated"], cut["bytes"]) == (text, True, 10)


def test_a_text_that_would_grow_in_json_is_cut_to_fit_an_event(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a": b"\x01" * 100_000})
    told = git_show(str(tmp_path), "a", max_bytes=131_072)
    assert told["truncated"]
    assert 20_000 < len(told["text"]) < 40_000


@pytest.mark.parametrize(
    "path", ["missing.py", "src", "link", "module", "a.py/more", "../a.py", "/a.py", "binary"]
)
def test_what_cannot_be_shown_is_invalid_input(tmp_path: Path, path: str) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({"a.py": "1", "src/b.py": "2", "binary": b"\0"})
        made.commit({"link": "/etc/passwd"}, mode=LINK)
        made.commit({"module": "1" * 40}, mode=SUBMODULE)
    with pytest.raises(ToolError, match=path) as caught:
        git_show(str(tmp_path), path)
    assert caught.value.failure is FailureClass.INVALID_INPUT


def test_nothing_can_be_shown_before_the_first_commit(tmp_path: Path) -> None:
    with GitRepository(tmp_path):
        pass
    with pytest.raises(ToolError, match="has no file"):
        git_show(str(tmp_path), "a")
    assert git_files(str(tmp_path)) == {"files": [], "count": 0, "truncated": False}
    assert git_marks(str(tmp_path))["total"] == 0


def test_a_path_that_is_no_text_is_found_as_it_is_listed(tmp_path: Path) -> None:
    with GitRepository(tmp_path) as made:
        made.commit({b"caf\xe9.txt": "1\n"})
    (listed,) = git_files(str(tmp_path))["files"]
    assert listed["path"] == "caf\\xe9.txt"
    assert git_show(str(tmp_path), listed["path"])["text"] == "1\n"


def test_marks_are_whole_words_in_text_files(tmp_path: Path) -> None:
    words = {name: name for name in ("TODO", "FIXME", "XXX", "HACK")}
    with GitRepository(tmp_path) as made:
        made.commit(
            {
                "a.py": f"x = 1  # {words['TODO']}: later {words['TODO']}\ntodo = METODOS\n# {words['HACK']} {words['FIXME']}\n",
                "b.md": f"{words['XXX']}" + "y" * 10 + f"\n({words['XXX']}) " + "z" * 400,
                "binary": f"\0{words['TODO']}",
                "large": words["TODO"] + "\n" * 1_100_000,
            }
        )
        made.commit({"link": words["TODO"]}, mode=LINK)
    told = git_marks(str(tmp_path))
    assert [(each["path"], each["line"], each["mark"]) for each in told["marks"]] == [
        ("a.py", 1, "TODO"),
        ("a.py", 3, "HACK"),
        ("a.py", 3, "FIXME"),
        ("b.md", 2, "XXX"),
    ]
    assert told["marks"][0]["text"].startswith("x = 1")
    assert len(told["marks"][3]["text"]) == 200
    assert (told["total"], told["files"], told["truncated"]) == (4, 2, False)
    assert {each["mark"]: each["count"] for each in told["by_mark"]} == {
        "TODO": 1,
        "FIXME": 1,
        "XXX": 1,
        "HACK": 1,
    }
    some = git_marks(str(tmp_path), glob="*.py", marks=["TODO", "HACK"], limit=1)
    assert (some["total"], len(some["marks"]), some["truncated"]) == (2, 1, True)
