"""`document.markdown`: a document as a Markdown file."""

from typing import Annotated

from pydantic import Field

from awe.adapters.tools.builtin.document.files import DocumentFile, described
from awe.adapters.tools.builtin.document.markdown_text import markdown
from awe.adapters.tools.builtin.document.model import Document
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.decorator import tool


@tool(name="document.markdown", effect="read", timeout_s=60)
def document_markdown(
    context: ToolContext,
    document: Document,
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.md$")] = "document.md",
) -> DocumentFile:
    """Write the document as Markdown with tables; images are named beside it, as their artifacts are called."""
    return described(document, context.artifact(name, markdown(document).encode()))
