"""The digest of a call's arguments stands in the log: every release has to come to the same one (I22)."""

import hashlib

import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.worker.payloads import INLINE_BYTES, keep_arguments
from awe.domain.events import Json

ARGUMENTS: dict[str, Json] = {"b": [1, 2.5, None, True], "a": {"z": "ö", "y": {}}}
WRITTEN = '{"a":{"y":{},"z":"ö"},"b":[1,2.5,null,true]}'


async def test_i22_arguments_are_recognised_by_their_canonical_text() -> None:
    kept = await keep_arguments(ARGUMENTS, MemoryBlobs())
    assert kept.inline
    assert kept.digest == hashlib.sha256(WRITTEN.encode()).hexdigest()


async def test_i22_the_order_of_their_names_says_nothing() -> None:
    turned: dict[str, Json] = dict(reversed(ARGUMENTS.items()))
    assert list(turned) != list(ARGUMENTS)
    assert await keep_arguments(turned, MemoryBlobs()) == await keep_arguments(ARGUMENTS, MemoryBlobs())


@pytest.mark.parametrize(("more", "inline"), [(0, True), (1, False)])
async def test_large_arguments_are_a_blob_of_that_digest(more: int, inline: bool) -> None:  # noqa: FBT001 (a case)
    blobs = MemoryBlobs()
    text = "x" * (INLINE_BYTES - len('{"a":""}') + more)
    kept = await keep_arguments({"a": text}, blobs)
    assert kept.inline is inline
    if not inline:
        assert await blobs.get(kept.digest) == f'{{"a":"{text}"}}'.encode()
