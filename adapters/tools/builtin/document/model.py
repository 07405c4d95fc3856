"""A document as data: what is said, not how it looks. DOCX and Markdown are written from the same structure."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation

from awe.adapters.tools.context import ArtifactRef

Line = Annotated[str, Field(max_length=1_000)]
Prose = Annotated[str, Field(max_length=20_000)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Paragraph(Part):
    """Prose; a blank line in it begins another paragraph."""

    type: Literal["paragraph"] = "paragraph"
    text: Prose


class Bullets(Part):
    type: Literal["bullets"] = "bullets"
    items: Annotated[list[Prose], Field(max_length=1_000)]


class TableColumn(Part):
    """`key` is the member of the rows, `title` what stands above it (the key, when left out)."""

    key: Annotated[str, Field(min_length=1, max_length=256)]
    title: Line | None = None


class Table(Part):
    """Rows as the table tools have them; a member that is not there is an empty cell."""

    type: Literal["table"] = "table"
    columns: Annotated[list[TableColumn], Field(min_length=1, max_length=32)]
    rows: Annotated[list[dict[str, SkipValidation[JsonValue]]], Field(max_length=2_000)]
    caption: Line = ""


class Image(Part):
    """A picture that a tool has made; `alt` says in words what it shows."""

    type: Literal["image"] = "image"
    artifact: ArtifactRef
    alt: Line
    caption: Line = ""


class Statement(Part):
    """Something claimed, and where it can be checked: commits, files, places in files."""

    text: Prose
    sources: Annotated[list[Line], Field(min_length=1, max_length=100)]


class Evidence(Part):
    type: Literal["evidence"] = "evidence"
    statements: Annotated[list[Statement], Field(max_length=1_000)]


Block = Annotated[Paragraph | Bullets | Table | Image | Evidence, Field(discriminator="type")]


class Section(Part):
    heading: Annotated[str, Field(min_length=1, max_length=1_000)]
    level: Annotated[int, Field(ge=1, le=4)] = 1
    blocks: Annotated[list[Block], Field(max_length=1_000)] = []


class Document(Part):
    """`level` of a section is its depth below the title."""

    title: Annotated[str, Field(min_length=1, max_length=1_000)]
    subtitle: Line = ""
    sections: Annotated[list[Section], Field(max_length=1_000)]
