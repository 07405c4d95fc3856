import hashlib
import stat
import time
from pathlib import Path

import pytest

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.tools import context as module
from awe.adapters.tools.context import ToolContext
from awe.adapters.tools.errors import ToolError
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import BlobMissing
from awe.domain.failures import FailureClass
from awe.domain.identifiers import MalformedIdentifier, OperationId, TaskKey, run_id_from

OPERATION = OperationId(run_id_from(bytes(17), 1), TaskKey("collect"), 2, 1)


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    return ToolContext(
        operation=OPERATION,
        attempt=3,
        deadline=time.monotonic() + 5,
        storage=FileBlobs(tmp_path / "blobs"),
        workspaces=Workspaces(tmp_path / "workspaces"),
    )


def test_i22_a_tool_sees_the_key_of_its_operation(context: ToolContext) -> None:
    assert context.idempotency_key == OPERATION.idempotency_key
    assert (context.run, context.task, context.attempt) == (OPERATION.run, "collect", 3)


def test_the_remaining_time_is_never_negative(context: ToolContext, tmp_path: Path) -> None:
    assert 0 < context.remaining_s <= 5
    assert ToolContext.standalone(tmp_path, limit_s=-1).remaining_s == 0


async def test_an_artifact_is_stored_and_named(context: ToolContext, tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_bytes(b"from a file")
    text = context.artifact("report.md", b"# words")
    data = context.artifact("data/x.bin", file, "application/x-own")
    assert text == {
        "name": "report.md",
        "media_type": "text/markdown",
        "bytes": 7,
        "sha256": hashlib.sha256(b"# words").hexdigest(),
    }
    assert data["media_type"] == "application/x-own"
    assert context.read_artifact(text["sha256"]) == b"# words"
    assert await context.fetch_artifact(data["sha256"]) == b"from a file"
    assert [artifact.model_dump() for artifact in context.artifacts] == [text, data]
    with pytest.raises(BlobMissing):
        context.read_artifact("0" * 64)


def test_an_artifact_that_cannot_be_one_is_refused(
    context: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="relative path"):
        context.artifact("../x", b"")
    context.artifact("x", b"1")
    with pytest.raises(ValueError, match="already made"):
        context.artifact("x", b"2")
    monkeypatch.setattr(module, "MOST_ARTIFACT_BYTES", 3)
    with pytest.raises(ValueError, match="split it"):
        context.artifact("y", b"four")
    monkeypatch.setattr(module, "MOST_ARTIFACTS", 1)
    with pytest.raises(ValueError, match="pack them"):
        context.artifact("z", b"2")


def test_the_workspace_is_made_when_asked_for_and_shared_by_the_run(
    context: ToolContext, tmp_path: Path
) -> None:
    assert not (tmp_path / "workspaces").exists()
    folder = context.workspace
    assert folder == tmp_path / "workspaces" / OPERATION.run
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert context.workspace == folder


def test_a_workspace_is_removed_with_all_in_it_and_nothing_else(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path / "root")
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = workspaces.folder(OPERATION.run)
    (folder / "deep").mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "deep" / "file").write_text("x")
    workspaces.remove(OPERATION.run)
    workspaces.remove(OPERATION.run)
    assert list((tmp_path / "root").iterdir()) == []
    assert outside.is_dir()


def test_a_link_in_the_place_of_a_workspace_is_no_workspace(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path / "root")
    outside = tmp_path / "outside"
    for folder in (outside, workspaces.root):
        folder.mkdir()
    (workspaces.root / OPERATION.run).symlink_to(outside)
    with pytest.raises(FileExistsError, match="is a link"):
        workspaces.folder(OPERATION.run)
    workspaces.remove(OPERATION.run)
    assert outside.is_dir()
    assert list(workspaces.root.iterdir()) == []


@pytest.mark.parametrize("run", ["..", "", "/tmp/x", "r-00-../../x", "x"])  # noqa: S108 (a hostile name)
def test_only_a_run_has_a_workspace(tmp_path: Path, run: str) -> None:
    with pytest.raises(MalformedIdentifier):
        Workspaces(tmp_path).folder(run)
    with pytest.raises(MalformedIdentifier):
        Workspaces(tmp_path).remove(run)


def test_a_tool_chooses_among_the_failures_that_are_its_own() -> None:
    assert ToolError("x").failure is FailureClass.TOOL_ERROR
    assert ToolError("x", failure="rate_limited").failure is FailureClass.RATE_LIMITED
    for of_the_engine in ("timeout", "worker_lost", "no class"):
        with pytest.raises(ValueError, match=r"cannot fail as|is not a valid"):
            ToolError("x", failure=of_the_engine)
