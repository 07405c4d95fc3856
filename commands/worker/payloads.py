"""Payloads stand in the event up to `INLINE_BYTES` of JSON; larger ones are blobs, durable before the append that names them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json, to_json

from awe.commands.blobs import Blobs
from awe.domain.events import Json

INLINE_BYTES: Final = 32 * 1024

_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
"""One text for the same arguments: its digest stands in the log, so every release writes it like this."""


@dataclass(frozen=True, slots=True)
class Payload:
    """An output, and the digest of its blob when it is too large for an event."""

    value: Json
    blob: str | None = None

    @property
    def inline(self) -> Json:
        """What an event holds of it."""
        return self.value if self.blob is None else None


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call and the digest by which the same ones are recognised, whatever the order of their names."""

    value: dict[str, Json]
    digest: str
    inline: bool


async def keep(value: Json, blobs: Blobs) -> Payload:
    """Store an output where it belongs."""
    data = to_json(value)
    return Payload(value) if len(data) <= INLINE_BYTES else Payload(value, await blobs.put(data))


async def load(inline: Json, blob: str | None, blobs: Blobs) -> Json:
    """Return a payload that an event names.

    Raises:
        BlobMissing: its blob is gone.
    """
    return inline if blob is None else from_json(await blobs.get(blob))


async def keep_arguments(value: dict[str, Json], blobs: Blobs) -> Arguments:
    """Store arguments where they belong."""
    data = _CANONICAL.encode(value).encode()
    if len(data) <= INLINE_BYTES:
        return Arguments(value, hashlib.sha256(data).hexdigest(), inline=True)
    return Arguments(value, await blobs.put(data), inline=False)
