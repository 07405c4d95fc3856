import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from awe.adapters.tools.builtin.chart import chart_line
from awe.adapters.tools.builtin.document import document_docx, document_markdown
from awe.adapters.tools.builtin.document.cells import cell
from awe.adapters.tools.builtin.document.markdown_text import markdown
from awe.adapters.tools.builtin.document.model import Document
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass

TABLE: dict[str, Any] = {
    "type": "table",
    "columns": [{"key": "path", "title": "Path"}, {"key": "n"}],
    "rows": [{"path": "a|b", "n": 3}, {"n": None}, {"path": ["x", 1], "n": 2.5}],
    "caption": "Hot spots",
}


def document(*blocks: dict[str, Any]) -> Document:
    sections = [{"heading": "Heading", "level": 2, "blocks": list(blocks)}]
    return Document.model_validate({"title": "Bericht 日本", "subtitle": "Sub", "sections": sections})


def text_of(*blocks: dict[str, Any]) -> str:
    return markdown(document(*blocks)).partition("### Heading\n\n")[2]


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    return ToolContext.standalone(tmp_path)


def opened(context: ToolContext, made: Any) -> Any:
    return docx.Document(io.BytesIO(context.read_artifact(made["artifact"]["sha256"])))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text, with a dot.", "plain text, with a dot."),
        ("*bold* `code` [link](x) <b> a|b ~x~", r"\*bold\* \`code\` \[link\](x) \<b> a\|b \~x\~"),
        ("snake_case and __init__", r"snake_case and \_\_init\_\_"),
        (
            "> no quote\n# no heading\n- no item\n12. no number",
            "\\> no quote\n\\# no heading\n\\- no item\n12\\. no number",
        ),
        ("-5 and\n2.5 and\n#tag\n---\n==", "-5 and\n2.5 and\n#tag\n\\---\n\\=="),
        ("&amp; R&D !important ![x]", r"\&amp; R&D !important \!\[x\]"),
        ("one\n\n\n    two\x01", "one\n\ntwo\ufffd"),
    ],
)
def test_text_stays_text_in_markdown(text: str, written: str) -> None:
    assert text_of({"type": "paragraph", "text": text}) == written + "\n"


def test_a_table_in_markdown() -> None:
    assert text_of(TABLE) == (
        "| Path | n |\n| --- | ---: |\n| a\\|b | 3 |\n|  |  |\n| x, 1 | 2.5 |\n\n*Hot spots*\n"
    )


def test_lists_and_images_in_markdown() -> None:
    statement = {"text": "It grew.", "sources": ["commit 1234", "a.py:3"]}
    ref = {"name": "months <1>.png", "media_type": "image/png", "bytes": 1, "sha256": "0" * 64}
    assert text_of(
        {"type": "bullets", "items": ["one\ntwo", "- three"]},
        {"type": "evidence", "statements": [statement]},
        {"type": "image", "artifact": ref, "alt": "Months", "caption": "By month"},
        {"type": "bullets", "items": []},
        {"type": "evidence", "statements": []},
    ) == (
        "- one two\n- \\- three\n\n- It grew.\n  - commit 1234\n  - a.py:3\n\n"
        "![Months](<months %3C1%3E.png>)\n\n*By month*\n\nnone\n\nnone\n"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (2.5, "2.5"),
        ("a\x00", "a\ufffd"),
        (["a", 1, None], "a, 1, "),
        ([{"a": 1}], '[{"a": 1}]'),
        ({"ä": 1}, '{"ä": 1}'),
    ],
)
def test_cells(value: Any, written: str) -> None:
    assert cell(value) == written


def test_a_markdown_file_and_what_is_in_it(context: ToolContext) -> None:
    made = document_markdown(context, document(TABLE), "report.md")
    assert (made["sections"], made["tables"], made["images"]) == (1, 1, 0)
    assert (made["artifact"]["name"], made["artifact"]["media_type"]) == ("report.md", "text/markdown")
    assert (
        context.read_artifact(made["artifact"]["sha256"])
        .decode()
        .startswith("# Bericht 日本\n\n*Sub*\n\n### H")
    )


def test_a_docx_file_says_what_the_document_says(context: ToolContext) -> None:
    chart = chart_line(context, [{"m": 1, "n": 2}], "m", ["n"], name="months")
    statement = {"text": "It grew.", "sources": ["commit 1234"]}
    made = document_docx(
        context,
        document(
            {"type": "paragraph", "text": "One.\n\nTwo \x01 & <three>."},
            {"type": "bullets", "items": ["first"]},
            {"type": "bullets", "items": []},
            TABLE,
            {"type": "evidence", "statements": [statement]},
            {"type": "image", "artifact": chart["png"], "alt": "By month", "caption": "Months"},
        ),
        "report.docx",
    )
    assert (made["tables"], made["images"]) == (1, 1)
    told = opened(context, made)
    assert [(each.style.name, each.text) for each in told.paragraphs] == [
        ("Title", "Bericht 日本"),
        ("Subtitle", "Sub"),
        ("Heading 2", "Heading"),
        ("Normal", "One."),
        ("Normal", "Two \ufffd & <three>."),
        ("List Bullet", "first"),
        ("Normal", "none"),
        ("Caption", "Hot spots"),
        ("List Bullet", "It grew."),
        ("List Bullet 2", "commit 1234"),
        ("Normal", ""),
        ("Caption", "Months"),
    ]
    (table,) = told.tables
    assert [[place.text for place in row.cells] for row in table.rows] == [
        ["Path", "n"],
        ["a|b", "3"],
        ["", ""],
        ["x, 1", "2.5"],
    ]
    (picture,) = told.inline_shapes
    assert picture._inline.docPr.get("descr") == "By month"
    assert picture.width.inches <= 6.01
    assert (told.core_properties.title, told.core_properties.author) == ("Bericht 日本", "AWE")


def test_the_same_document_makes_the_same_bytes(context: ToolContext, tmp_path: Path) -> None:
    first = document_docx(context, document(TABLE))
    second = document_docx(ToolContext.standalone(tmp_path), document(TABLE))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(context.read_artifact(first["artifact"]["sha256"]))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_image_that_is_none_is_invalid_input(context: ToolContext) -> None:
    chart = chart_line(context, [{"m": 1, "n": 2}], "m", ["n"])
    missing = {"name": "x.png", "media_type": "image/png", "bytes": 1, "sha256": "0" * 64}
    for ref, message in (
        (chart["svg"], "is no image that DOCX can hold"),
        (missing, "is no stored artifact"),
    ):
        with pytest.raises(ToolError, match=message) as caught:
            document_docx(context, document({"type": "image", "artifact": ref, "alt": "x"}))
        assert caught.value.failure is FailureClass.INVALID_INPUT
