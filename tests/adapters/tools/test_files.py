"""The files of async tools on the loop and of sync ones in threads."""

import asyncio

import pytest

from awe.adapters.tools.context import ArtifactRef, ToolContext
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.errors import ToolError
from awe.commands.tools import Success
from awe.domain.failures import FailureClass
from support.workbench import OPERATION, Serve


@tool(name="async.file", effect="read")
async def async_file(context: ToolContext, name: str, fail: bool = False) -> ArtifactRef:  # noqa: FBT001, FBT002 (JSON)
    ref = context.artifact(name, b"content")
    (context.workspace / "note").write_text(f"{context.run} {context.attempt}")
    if fail:
        raise ToolError("changed its mind")
    return ref


@tool(name="sync.file", effect="read")
def sync_file(context: ToolContext, name: str, fail: bool = False) -> ArtifactRef:  # noqa: FBT001, FBT002 (JSON)
    ref = context.artifact(name, b"content")
    (context.workspace / "note").write_text(f"{context.run} {context.attempt}")
    assert context.read_artifact(ref["sha256"]) == b"content"
    if fail:
        raise ToolError("changed its mind")
    return ref


@tool(name="async.read", effect="read")
async def async_read(context: ToolContext, sha256: str) -> str:
    return (await context.fetch_artifact(sha256)).decode()


@tool(name="async.blocking", effect="read")
async def async_blocking(context: ToolContext, sha256: str) -> str:
    return context.read_artifact(sha256).decode()


@tool(name="sync.read", effect="read")
def sync_read(context: ToolContext, sha256: str) -> str:
    fetched = asyncio.run(context.fetch_artifact(sha256))
    assert fetched == context.read_artifact(sha256)
    return fetched.decode()


BOTH = pytest.mark.parametrize("kind", ["async", "sync"])
EVERYTHING = (async_file, sync_file, async_read, async_blocking, sync_read)


@BOTH
async def test_i08_files_are_stored_before_the_call_has_succeeded(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    done = await tools.call(f"{kind}.file", name="a/b.md")
    assert isinstance(done, Success)
    (artifact,) = done.artifacts
    assert artifact.model_dump() == done.output
    assert await tools.blobs.get(artifact.sha256) == b"content"
    assert (tools.workspaces.folder(OPERATION.run) / "note").read_text() == f"{OPERATION.run} 3"
    assert await tools.output(f"{kind}.read", sha256=artifact.sha256) == "content"


@BOTH
async def test_a_call_that_fails_has_no_files(serve: Serve, kind: str) -> None:
    tools = await serve(*EVERYTHING)
    assert (await tools.failure(f"{kind}.file", name="x", fail=True))[1] == "changed its mind"
    assert (await tools.failure(f"{kind}.file", name="../x"))[1].startswith(
        "ValueError: '../x' is no relative"
    )


async def test_an_async_tool_is_told_not_to_block(serve: Serve) -> None:
    tools = await serve(*EVERYTHING)
    assert "await fetch_artifact" in (await tools.failure("async.blocking", sha256="0" * 64))[1]


@BOTH
async def test_a_file_that_cannot_be_stored_is_a_failure(
    serve: Serve, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = await serve(*EVERYTHING)

    async def put(_data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tools.blobs, "put", put)
    failure, message, sent = await tools.failure(f"{kind}.file", name="x")
    assert sent
    assert failure is (FailureClass.INTERNAL if kind == "async" else FailureClass.TOOL_ERROR)
    assert "OSError" in message
