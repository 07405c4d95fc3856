"""Artifacts get names that a person can open, and stay inside their folder."""

from pathlib import Path

from awe.adapters.memory.blobs import MemoryBlobs
from awe.api.reading.exported import export, file_names
from awe.domain.artifacts import Artifact
from awe.domain.task.events import OperationSucceeded
from awe.projections.views.run import RunView
from support.run_entries import RUN, view
from support.task_events import claimed, ready, started


def made(*artifacts: tuple[str, str, str]) -> RunView:
    """A run whose one task made files of these names, media types and digests."""
    files = tuple(
        Artifact(name=name, media_type=kind, bytes=1, sha256=digest) for name, kind, digest in artifacts
    )
    done = OperationSucceeded(attempt=1, index=0, generation=1, output=1, artifacts=files)
    return view(*(("a", event) for event in (ready(), claimed(), started(), done)))


def names(*artifacts: tuple[str, str, str]) -> list[str]:
    return list(file_names(made(*artifacts)))


def test_a_name_keeps_its_ending_or_gets_that_of_its_type() -> None:
    assert names(
        ("charts/sales.svg", "image/svg+xml", "a" * 64),
        ("report", "text/plain", "b" * 64),
        ("data", "application/x-nobody-knows", "c" * 64),
    ) == ["charts/sales.svg", "report.txt", "data"]


def test_a_name_that_is_taken_gets_part_of_the_digest_and_equal_files_are_one() -> None:
    assert names(
        ("r.txt", "text/plain", "a" * 64),
        ("r.txt", "text/plain", "b" * 64),
        ("r.txt", "text/plain", "a" * 64),
    ) == ["r.txt", "r-bbbbbbbb.txt"]


def test_no_name_leads_out_of_the_folder() -> None:
    assert names(
        ("../../etc/passwd", "text/plain", "a" * 64),
        ("/etc/passwd", "text/plain", "b" * 64),
        ("a\nb", "text/plain", "c" * 64),
    ) == ["artifact-aaaaaaaa.txt", "artifact-bbbbbbbb.txt", "artifact-cccccccc.txt"]


async def test_files_are_copies_and_missing_bytes_are_no_fault(tmp_path: Path) -> None:
    blobs = MemoryBlobs()
    digest = await blobs.put(b"x")
    run = made(("d/r.txt", "text/plain", digest), ("gone.txt", "text/plain", "e" * 64))
    exported = await export(run, blobs, tmp_path)
    (first, path), (_, missing) = exported
    assert (first.name, path, missing) == ("d/r.txt", tmp_path / RUN / "artifacts" / "d" / "r.txt", None)
    assert path is not None
    assert path.read_bytes() == b"x"
    assert await export(run, blobs, tmp_path) == exported, "doing it again changes nothing"
