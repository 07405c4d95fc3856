"""Documents as files, written from one structure."""

from awe.adapters.tools.builtin.document.docx import document_docx
from awe.adapters.tools.builtin.document.markdown import document_markdown

__all__ = ["document_docx", "document_markdown"]
