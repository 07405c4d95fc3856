"""What a document tool returns and is asked beside the document."""

from typing_extensions import TypedDict

from awe.adapters.tools.builtin.document.model import Document, Image, Table
from awe.adapters.tools.context import ArtifactRef


class DocumentFile(TypedDict):
    artifact: ArtifactRef
    sections: int
    tables: int
    images: int


def described(document: Document, artifact: ArtifactRef) -> DocumentFile:
    blocks = [block for section in document.sections for block in section.blocks]
    return DocumentFile(
        artifact=artifact,
        sections=len(document.sections),
        tables=sum(isinstance(block, Table) for block in blocks),
        images=sum(isinstance(block, Image) for block in blocks),
    )
