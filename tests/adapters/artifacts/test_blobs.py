"""What any implementation of the port of blobs must do; another one takes this over by another parameter."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.memory.blobs import MemoryBlobs
from awe.commands.blobs import BlobMissing, Blobs


@pytest.fixture(params=["files", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FileBlobs(tmp_path / "home" / "blobs") if request.param == "files" else MemoryBlobs()


@pytest.mark.parametrize("data", [b"", b"a", bytes(range(256)) * 10_000], ids=["empty", "small", "large"])
async def test_what_is_stored_is_found_under_its_digest(blobs: Blobs, data: bytes) -> None:
    digest = await blobs.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert await blobs.get(digest) == data


async def test_storing_the_same_again_changes_nothing(blobs: Blobs) -> None:
    first = await blobs.put(b"same")
    assert await blobs.put(b"same") == first
    assert await blobs.get(first) == b"same"


async def test_storing_the_same_at_once_does_no_harm(blobs: Blobs) -> None:
    digests = await asyncio.gather(*(blobs.put(b"same" * 1000) for _ in range(16)))
    assert len(set(digests)) == 1
    assert await blobs.get(digests[0]) == b"same" * 1000


@pytest.mark.parametrize(
    "digest",
    ["0" * 64, "", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 62 + "/x", "0" * 64 + "\n"],
)
async def test_what_was_never_stored_is_missing(blobs: Blobs, digest: str) -> None:
    await blobs.put(b"something else")
    with pytest.raises(BlobMissing):
        await blobs.get(digest)


async def test_a_buffer_that_changes_later_changes_no_blob(blobs: Blobs) -> None:
    buffer = bytearray(b"before")
    digest = await blobs.put(buffer)  # type: ignore[arg-type]  # whoever is careless with types
    buffer[:] = b"after!"
    assert await blobs.get(digest) == b"before"
