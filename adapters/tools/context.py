"""What a tool is told of its call, and where it puts files: the parameter of a tool that is annotated `ToolContext`.

The same in an async tool, in a thread and in a child process. A file handed over is durable before the call is
reported as succeeded; its name is for people, its bytes are found by their digest.
"""

import hashlib
import time
from pathlib import Path
from typing import Final, Protocol, Self

from typing_extensions import TypedDict

from awe.adapters.artifacts.files import FileBlobs
from awe.adapters.artifacts.names import checked_name, media_type_of
from awe.adapters.tools.workspaces import Workspaces
from awe.domain.artifacts import Artifact
from awe.domain.identifiers import OperationId, TaskKey, run_id_from

MOST_ARTIFACTS: Final = 256
MOST_ARTIFACT_BYTES: Final = 256 * 1024 * 1024


class ArtifactRef(TypedDict):
    """A stored file as JSON, for the output of a tool."""

    name: str
    media_type: str
    bytes: int
    sha256: str


class Storage(Protocol):
    """Where a call's files go; which way depends on where the tool runs."""

    def store(self, data: bytes) -> object:
        """Take the bytes; they are durable at the latest when the call is reported."""
        ...

    def load(self, digest: str) -> bytes:
        """Return the bytes of a digest; raises `BlobMissing`."""
        ...

    async def get(self, digest: str) -> bytes:
        """Likewise, without holding up an event loop."""
        ...


class ToolContext:
    """One call, as its tool sees it."""

    def __init__(
        self,
        *,
        operation: OperationId,
        attempt: int,
        deadline: float,
        storage: Storage,
        workspaces: Workspaces,
    ) -> None:
        """`deadline` is by `time.monotonic`."""
        self._operation = operation
        self._attempt = attempt
        self._deadline = deadline
        self._storage = storage
        self._workspaces = workspaces
        self._artifacts: dict[str, Artifact] = {}

    @classmethod
    def standalone(cls, folder: Path, *, limit_s: float = 3600.0) -> Self:
        """A context outside of the engine, for a tool called as the function it is; files go into the folder."""
        return cls(
            operation=OperationId(run_id_from(bytes(17), 1), TaskKey("standalone"), 0, 1),
            attempt=1,
            deadline=time.monotonic() + limit_s,
            storage=FileBlobs(folder / "artifacts"),
            workspaces=Workspaces(folder / "workspaces"),
        )

    @property
    def idempotency_key(self) -> str:
        """The same whenever this operation is tried again: hand it to what recognises repetitions by it."""
        return self._operation.idempotency_key

    @property
    def run(self) -> str:
        return self._operation.run

    @property
    def task(self) -> str:
        return self._operation.task

    @property
    def attempt(self) -> int:
        """Which attempt of the task this is, from 1."""
        return self._attempt

    @property
    def remaining_s(self) -> float:
        """Seconds until the call is killed: a limit for whatever the tool waits for."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def workspace(self) -> Path:
        """A folder that all calls of the run share, made when first asked for; it may be gone once the run has ended."""
        return self._workspaces.folder(self._operation.run)

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The files handed over so far."""
        return tuple(self._artifacts.values())

    def artifact(self, name: str, data: bytes | Path, media_type: str | None = None) -> ArtifactRef:
        """Keep a file of the run under a relative name with `/`; the media type is guessed from it when not given.

        Raises:
            ValueError: the name is none, or taken in this call; the file is too large; there are too many.
        """
        checked_name(name)
        if name in self._artifacts:
            raise ValueError(f"this call already made an artifact {name!r}; give the other one another name")
        if len(self._artifacts) == MOST_ARTIFACTS:
            raise ValueError(f"a call makes at most {MOST_ARTIFACTS} artifacts; pack them into one")
        content = data.read_bytes() if isinstance(data, Path) else bytes(data)
        if len(content) > MOST_ARTIFACT_BYTES:
            raise ValueError(f"artifact {name!r} has more than {MOST_ARTIFACT_BYTES:,} bytes; split it")
        artifact = Artifact(
            name=name,
            media_type=media_type or media_type_of(name),
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        self._storage.store(content)
        self._artifacts[name] = artifact
        return ArtifactRef(
            name=name, media_type=artifact.media_type, bytes=artifact.bytes, sha256=artifact.sha256
        )

    def read_artifact(self, sha256: str) -> bytes:
        """The bytes of an artifact; an async tool awaits `fetch_artifact` instead.

        Raises:
            BlobMissing: no such artifact is stored.
        """
        return self._storage.load(sha256)

    async def fetch_artifact(self, sha256: str) -> bytes:
        """Likewise, for async tools."""
        return await self._storage.get(sha256)
