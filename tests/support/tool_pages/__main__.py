"""Writes the pages anew, after a contract or an example has changed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from support.tool_pages.answers import pages

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "tools"

with TemporaryDirectory() as root:
    for page, text in pages(Path(root)).items():
        (FOLDER / page).write_text(text, encoding="utf-8")
