"""A document as a DOCX file: the same document always makes the same bytes."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any, Final, cast

import docx
from docx import oxml
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.shared import Inches, Length

from awe.adapters.tools.builtin.document.cells import NOTHING, cell, is_numeric, printable
from awe.adapters.tools.builtin.document.column_widths import column_widths
from awe.adapters.tools.builtin.document.model import (
    Block,
    Bullets,
    Document,
    Evidence,
    Image,
    Paragraph,
    Table,
)
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.context import ArtifactRef

_MOMENT: Final = datetime(1980, 1, 1)  # noqa: DTZ001 (the format has no zone; zip knows no earlier year)
_WIDEST: Final = Inches(6)

Read = Callable[[ArtifactRef], bytes]


def docx_file(document: Document, read: Read) -> bytes:
    """The file; `read` gets the bytes of an image."""
    made: Any = docx.Document()
    _properties(made.core_properties, document)
    made.add_heading(printable(document.title), 0)
    if document.subtitle:
        made.add_paragraph(printable(document.subtitle), style="Subtitle")
    for section in document.sections:
        made.add_heading(printable(section.heading), section.level)
        for block in section.blocks:
            _add(made, block, read)
    buffer = BytesIO()
    made.save(buffer)
    return _without_times(buffer.getvalue())


def _properties(properties: Any, document: Document) -> None:
    properties.title = printable(document.title)[:255]
    properties.author = properties.last_modified_by = "AWE"
    properties.comments = ""
    properties.revision = 1
    properties.created = properties.modified = _MOMENT


def _add(made: Any, block: Block, read: Read) -> None:
    match block:
        case Paragraph():
            for part in printable(block.text).split("\n\n"):
                made.add_paragraph(part.strip())
        case Bullets(items=[]) | Evidence(statements=[]):
            made.add_paragraph(NOTHING)
        case Bullets():
            for item in block.items:
                made.add_paragraph(printable(item), style="List Bullet")
        case Evidence():
            for statement in block.statements:
                made.add_paragraph(printable(statement.text), style="List Bullet")
                for source in statement.sources:
                    made.add_paragraph(printable(source), style="List Bullet 2")
        case Image():
            _add_image(made, block, read(block.artifact))
        case Table():
            _add_table(made, block)
    if isinstance(block, Image | Table) and block.caption:
        made.add_paragraph(printable(block.caption), style="Caption")


def _add_image(made: Any, image: Image, data: bytes) -> None:
    name = image.artifact["name"]
    try:
        shape = made.add_picture(BytesIO(data))
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError) as error:
        raise refused(f"'{name}' is no image that DOCX can hold; give a PNG or a JPEG") from error
    if shape.width > _WIDEST:
        shape.height = Length(shape.height * _WIDEST // shape.width)
        shape.width = _WIDEST
    properties = shape._inline.docPr  # noqa: SLF001 (the library has no way to say what a picture shows)
    properties.set("descr", printable(image.alt))
    properties.set("name", printable(name))


def _add_table(made: Any, table: Table) -> None:
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Light Grid Accent 1")
    numeric = [is_numeric([row.get(column.key) for row in table.rows]) for column in table.columns]
    head, *rows = grid.rows
    repeated = cast("Any", oxml).OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 (the library cannot repeat a first row)
    for column, place in zip(table.columns, head.cells, strict=True):
        place.text = printable(column.title or column.key)
    for values, row in zip(table.rows, rows, strict=True):
        for column, place, right in zip(table.columns, row.cells, numeric, strict=True):
            place.text = cell(values.get(column.key))
            if right:
                place.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    grid.autofit = False
    texts = [[place.text for place in column.cells] for column in grid.columns]
    for column, width in zip(grid.columns, column_widths(texts, _WIDEST), strict=True):
        column.width = Length(width)  # some programs read the column's width, some its cells'
        for place in column.cells:
            place.width = Length(width)


def _without_times(data: bytes) -> bytes:
    """The same archive with one fixed time on every entry."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as given, zipfile.ZipFile(buffer, "w") as written:
        for entry in given.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _MOMENT.timetuple()[:6])
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            written.writestr(fixed, given.read(entry))
    return buffer.getvalue()
