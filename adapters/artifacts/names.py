"""What a file of a run may be called: a name that is a relative path wherever it is unpacked, and says what it is."""

from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import Final

_LONGEST: Final = 255
_OTHERS: Final = "application/octet-stream"
_TYPES: Final = MimeTypes()  # the library's own table: the same on every machine
_TYPES.types_map[True].update(
    {
        ".diff": "text/x-diff",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".jsonl": "application/x-ndjson",
        ".md": "text/markdown",
        ".ndjson": "application/x-ndjson",
        ".patch": "text/x-diff",
        ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".toml": "application/toml",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".yaml": "application/yaml",
        ".yml": "application/yaml",
    }
)


def checked_name(name: str) -> str:
    """The name as it is; ValueError when it would not stay inside the folder it is unpacked in."""
    parts = name.split("/")
    if not name or len(name) > _LONGEST or "\\" in name or not name.isprintable():
        raise ValueError(f"an artifact's name has 1 to {_LONGEST} printable characters and no backslash")
    if any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"{name!r} is no relative path; expected one like charts/sales.svg")
    return name


def media_type_of(name: str) -> str:
    """The media type that the name's ending stands for; a compressed file is one of unknown content."""
    guessed, encoding = _TYPES.guess_type(PurePosixPath(name).name)
    return _OTHERS if guessed is None or encoding is not None else guessed
