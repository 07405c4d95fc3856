"""What runs leave behind, as files: artifacts by the call that made them, any blob by its digest, files of a workspace."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from awe.adapters.artifacts.names import media_type_of
from awe.api.bootstrap.partitions import partition_name
from awe.api.http.codes import Code, Refusal, not_found
from awe.api.http.file_answer import CHECKED, KEPT, OTHER_TYPE, Named, answer
from awe.api.http.files import Files, NoSuchFile
from awe.api.reading.entries import entry
from awe.commands.blobs import BlobMissing
from awe.commands.log import EventLog
from awe.domain.identifiers import MalformedIdentifier, parse_task_key, partition_of, task_aggregate
from awe.projections.folding import fold, wanted
from awe.projections.ports import Connections
from awe.projections.projector import Row
from awe.projections.queries.calls import TaskRef, artifacts
from awe.projections.read_models.artifacts import Artifacts

_MANY: Final = 1_000
_COLUMNS: Final = ("call", "generation", "name", "media_type", "sha256")


class Downloads:
    """The endpoints."""

    def __init__(self, files: Files, logs: Mapping[int, EventLog], reads: Connections) -> None:
        self._files = files
        self._logs = logs
        self._reads = reads

    async def artifact(self, request: Request) -> Response:
        """``/runs/{run}/artifacts/{task}/{call}/{name}``: of a call that was made anew, what it made last."""
        told = request.path_params
        row = await self._artifact(told["run"], told["task"], told["call"], told["name"])
        if row is None:
            raise not_found()
        named = Named(row["name"], row["media_type"], row["sha256"], CHECKED)
        return await self._blob(request, named)

    async def blob(self, request: Request) -> Response:
        """``/blobs/{digest}``: an artifact, a plan or an output, whatever the bytes are."""
        digest: str = request.path_params["digest"]
        return await self._blob(request, Named(digest, OTHER_TYPE, digest, KEPT))

    async def workspace(self, request: Request) -> Response:
        """``/runs/{run}/workspace/{path}``: a file as it is now."""
        path: str = request.path_params["path"]
        try:
            file, digest = await self._files.of_workspace(request.path_params["run"], path)
        except (NoSuchFile, MalformedIdentifier):
            raise not_found() from None
        return answer(request, file, Named(path, media_type_of(path), digest))

    async def _blob(self, request: Request, named: Named) -> Response:
        try:
            file = await self._files.blob(named.digest)
        except NoSuchFile:
            raise not_found() from None
        except BlobMissing as error:
            raise Refusal(Code.FAULT, "The bytes that are stored are not those that were.") from error
        return answer(request, file, named)

    async def _artifact(self, run: str, task: str, call: int, name: str) -> Row | None:
        """The artifact's row: from the read model, or from the task's events where that has not come to them yet."""
        try:
            number, key = partition_of(run), parse_task_key(task)
        except MalformedIdentifier:
            return None
        if number not in self._logs:
            return None
        asked = TaskRef(partition_name(number), run, task)
        async with self._reads.connection() as connection:
            (rows,) = await artifacts(connection, _COLUMNS, [asked], _MANY)
        found = [row for row in rows if row["call"] == call and row["name"] == name]
        if not found:
            history = await self._logs[number].history(run, task_aggregate(key))
            entries = wanted(projector := Artifacts(), map(entry, history.events))
            rows = list(fold(projector, entries, {}, {}).rows.values())
            found = [row for row in rows if row["call"] == call and row["name"] == name]
        return max(found, key=lambda row: row["generation"], default=None)
