"""A file as the answer to a request: to be saved and never shown, whatever it says that it is.

It is read a piece at a time, when the client has taken the piece before.
"""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from awe.api.http.codes import Code, Refusal
from awe.api.http.files import OpenFile
from awe.api.http.ranges import Part, Unsatisfiable, has_already, part_wanted

OTHER_TYPE: Final = "application/octet-stream"
KEPT: Final = "private, max-age=31536000, immutable"
CHECKED: Final = "private, no-cache"
_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+(?: *; *[\w.+-]+=[\w.+-]+)*", re.ASCII)
_PLAIN: Final = re.compile(r"[^A-Za-z0-9._ -]")


class Named(NamedTuple):
    """How a file is handed out; `digest` is that of its bytes, and `cache` how long a client may keep them."""

    name: str
    media_type: str
    digest: str
    cache: str = CHECKED


def answer(request: Request, file: OpenFile, named: Named) -> Response:
    """Answer with the file, or with what of it is wanted; closes it.

    Raises:
        Refusal: the range lies behind its end.
    """
    etag = f'"{named.digest}"'
    headers = {
        "ETag": etag,
        "Cache-Control": named.cache,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    with ExitStack() as closing:
        closing.callback(file.close)
        if has_already(request.headers, etag):
            return Response(status_code=304, headers=headers)
        try:
            wanted = part_wanted(request.headers, etag, file.size)
        except Unsatisfiable:
            told = {"Content-Range": f"bytes */{file.size}"}
            raise Refusal(
                Code.RANGE_NOT_SATISFIABLE, f"The file has {file.size} bytes.", headers=told
            ) from None
        part = wanted or Part(0, file.size)
        headers |= {
            "Content-Type": named.media_type if _TYPE.fullmatch(named.media_type) else OTHER_TYPE,
            "Content-Disposition": disposition(named.name),
            "Content-Length": str(part.length),
        }
        if wanted is not None:
            headers["Content-Range"] = f"bytes {part.first}-{part.first + part.length - 1}/{file.size}"
        status = 200 if wanted is None else 206
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        closing.pop_all()
    return _Pieces(file, part, status, headers)


class _Pieces(StreamingResponse):
    def __init__(self, file: OpenFile, part: Part, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(file.pieces(part.first, part.length), status, headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def disposition(name: str) -> str:
    """An attachment under the last part of a name, in ASCII and, by RFC 8187, as it is."""
    last = PurePosixPath(name).name or "file"
    return f"attachment; filename=\"{_PLAIN.sub('_', last)}\"; filename*=UTF-8''{quote(last, safe='')}"
