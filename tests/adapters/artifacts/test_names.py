import pytest

from awe.adapters.artifacts.names import checked_name, media_type_of


@pytest.mark.parametrize(
    "name", ["a", "report.md", "charts/2026/sales.svg", "ä ö.txt", ".hidden", "a..b", "x" * 255]
)
def test_a_relative_path_is_a_name(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\\b", "a\nb", "a\0b", "x" * 256]
)
def test_what_would_leave_its_folder_or_deceive_is_none(name: str) -> None:
    with pytest.raises(ValueError, match=r"name|path"):
        checked_name(name)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.md", "text/markdown"),
        ("a/b.svg", "image/svg+xml"),
        ("a.PNG", "image/png"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.csv", "text/csv"),
        ("a.json", "application/json"),
        ("a.csv.gz", "application/octet-stream"),
        ("Makefile", "application/octet-stream"),
    ],
)
def test_the_ending_says_the_media_type(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type
