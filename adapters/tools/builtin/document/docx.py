"""`document.docx`: a document as a file for word processors."""

from typing import Annotated

from pydantic import Field

from awe.adapters.tools.builtin.document.files import DocumentFile, described
from awe.adapters.tools.builtin.document.model import Document
from awe.adapters.tools.builtin.refusal import refused
from awe.adapters.tools.context import ArtifactRef, ToolContext
from awe.adapters.tools.decorator import tool
from awe.commands.blobs import BlobMissing


@tool(name="document.docx", effect="read", timeout_s=120, heavy=True)
def document_docx(
    context: ToolContext,
    document: Document,
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.docx$")] = "document.docx",
) -> DocumentFile:
    """Write the document as DOCX, with its images (PNG or JPEG) inside; the same document makes the same bytes."""
    from awe.adapters.tools.builtin.document.docx_file import docx_file  # noqa: PLC0415 (loads python-docx)

    def read(image: ArtifactRef) -> bytes:
        try:
            return context.read_artifact(image["sha256"])
        except BlobMissing as error:
            raise refused(f"the image '{image['name']}' is no stored artifact") from error

    return described(document, context.artifact(name, docx_file(document, read)))
