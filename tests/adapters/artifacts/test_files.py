import hashlib
import os
import stat
from pathlib import Path

import pytest

from awe.adapters.artifacts.files import FileBlobs
from awe.commands.blobs import BlobMissing


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_blob_is_a_file_named_by_its_digest_that_only_the_owner_reads(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "deep" / "blobs")
    digest = blobs.store(b"data")
    (file,) = files(tmp_path)
    assert file == tmp_path / "deep" / "blobs" / digest[:2] / digest[2:]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(file.parents)[:3]} == {0o700}


def test_the_folder_is_made_when_something_is_stored(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    with pytest.raises(BlobMissing, match="no blob"):
        blobs.load("0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_blob_is_found_out_and_mended_by_storing_it_again(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    digest = blobs.store(b"data")
    (file,) = files(tmp_path)
    file.write_bytes(b"dat")
    with pytest.raises(BlobMissing, match="damaged"):
        blobs.load(digest)
    assert blobs.store(b"data") == digest
    assert blobs.load(digest) == b"data"


def test_i08_a_blob_is_synced_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, list[str]]] = []
    blobs = FileBlobs(tmp_path / "blobs")
    real = os.fsync

    def fsync(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").readlink()
        named = [file.name for file in files(tmp_path) if file.suffix != ".part"]
        synced.append((str(target.relative_to(tmp_path)), named))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    digest = blobs.store(b"data")
    folder, name = digest[:2], digest[2:]
    assert [target for target, _ in synced if not target.endswith(".part")] == [
        ".",
        "blobs",
        f"blobs/{folder}",
    ]
    ((_, named),) = [each for each in synced if each[0].endswith(".part")]
    assert named == []
    assert synced[-1] == (f"blobs/{folder}", [name])


def test_i08_a_blob_that_another_process_has_just_named_is_synced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.store(b"data")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    blobs.store(b"data")
    assert len(synced) == 1


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = FileBlobs(tmp_path)
    (tmp_path / "3a").mkdir()  # where the digest of b"data" begins
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.store(b"data")
    assert files(tmp_path) == []


def test_a_blob_lies_where_its_path_says(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    path = blobs.path(hashlib.sha256(b"data").hexdigest())
    assert not path.exists()
    blobs.store(b"data")
    assert path.read_bytes() == b"data"
    with pytest.raises(BlobMissing, match="no SHA-256"):
        blobs.path("../" * 21 + "x")
