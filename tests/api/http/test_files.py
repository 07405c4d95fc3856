"""Nothing outside is ever opened, whatever the path says and whoever puts links there."""

import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from awe.adapters.artifacts.files import FileBlobs
from awe.api.http.files import Digests, Files, NoSuchFile, OpenFile
from awe.commands.blobs import BlobMissing
from awe.domain.identifiers import MalformedIdentifier
from support.http_door import digest_of

RUN = "r-00-00000000000000000000000000"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    workspace = tmp_path / "workspaces" / RUN
    (workspace / "notes").mkdir(parents=True)
    (workspace / "notes" / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    (workspace / "link.txt").symlink_to(tmp_path / "secret.txt")
    (workspace / "near.txt").symlink_to("notes/a.txt")
    (workspace / "up").symlink_to("..")
    (workspace / "root").symlink_to("/")
    os.mkfifo(workspace / "pipe")
    return Files(tmp_path / "blobs", tmp_path / "workspaces")


def opened() -> Counter[str]:
    """The files that this process has open; others in it may close theirs at any time."""
    links: Counter[str] = Counter()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists them
            links[str(descriptor.readlink())] += 1
    return Counter({link: times for link, times in links.items() if link.startswith("/")})


async def read(file: OpenFile) -> bytes:
    try:
        return b"".join([piece async for piece in file.pieces(0, file.size)])
    finally:
        file.close()


async def test_a_file_of_a_workspace_has_the_digest_of_its_bytes(files: Files) -> None:
    file, digest = await files.of_workspace(RUN, "notes/a.txt")
    assert (await read(file), digest) == (b"inside", digest_of(b"inside"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "notes",
        "notes/",
        "/notes/a.txt",
        "notes//a.txt",
        "notes/./a.txt",
        "notes/../notes/a.txt",
        "../../secret.txt",
        "../" * 20 + "etc/passwd",
        "/etc/passwd",
        "..\\secret.txt",
        "link.txt",
        "near.txt",
        "up/../secret.txt",
        "up/" + RUN + "/notes/a.txt",
        "root/etc/passwd",
        "pipe",
        "none.txt",
        "notes/a.txt/b",
        "notes/a.txt\0",
        "\0",
        "notes/a\ud800.txt",
        "a" * 300,
        "a/" * 200 + "b",
    ],
)
async def test_nothing_else_is_there(files: Files, path: str) -> None:
    before = opened()
    with pytest.raises(NoSuchFile):
        await files.of_workspace(RUN, path)
    assert not opened() - before


@pytest.mark.parametrize("run", ["", "..", ".", "r-00", f"{RUN}/..", f"../{RUN}", f"{RUN}\0", RUN.upper()])
async def test_a_run_is_named_by_its_id(files: Files, run: str) -> None:
    with pytest.raises(MalformedIdentifier):
        await files.of_workspace(run, "notes/a.txt")


async def test_a_workspace_that_is_a_link_is_none(files: Files, tmp_path: Path) -> None:
    other = RUN.replace("0000", "0001", 1)
    (tmp_path / "workspaces" / other.replace("r-00", "r-00")).symlink_to(tmp_path)
    with pytest.raises((NoSuchFile, MalformedIdentifier)):
        await files.of_workspace(other, "secret.txt")


async def test_blobs_are_checked_before_they_are_handed_out(files: Files, tmp_path: Path) -> None:
    digest = await FileBlobs(tmp_path / "blobs").put(b"some bytes")
    assert await read(await files.blob(digest)) == b"some bytes"
    for wrong in ("", "..", digest.upper(), digest[:-1], digest + "0", "0" * 64, "../" * 21 + "a"):
        with pytest.raises(NoSuchFile):
            await files.blob(wrong)
    place = tmp_path / "blobs" / digest[:2] / digest[2:]
    place.chmod(0o600)
    place.write_bytes(b"other byte")
    with pytest.raises(BlobMissing, match="damaged"):
        await files.blob(digest)


async def test_a_digest_is_taken_once_as_long_as_the_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def take(descriptor: int) -> str:
        os.close(descriptor)
        taken.append(descriptor)
        return "d"

    monkeypatch.setattr("awe.api.http.files._digest", take)
    monkeypatch.setattr("awe.api.http.files._REMEMBERED", 1)
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    digests = Digests()

    async def of(name: str, changed_s: float) -> None:
        file = OpenFile.at(tmp_path, (name,))
        try:
            await digests.of(OpenFile(file.descriptor, file.size, file.stamp, changed_s))
        finally:
            file.close()

    await of("a", time.time())  # just written: it may change without its times telling
    await of("a", 0)
    await of("a", 0)
    assert len(taken) == 2
    await of("b", 0)
    await of("a", 0)  # forgotten over the other one
    assert len(taken) == 4


async def test_a_file_that_becomes_shorter_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("four")
    file = OpenFile.at(tmp_path, ("a",))
    (tmp_path / "a").write_text("")
    with pytest.raises(OSError, match="shorter"):
        await read(file)
