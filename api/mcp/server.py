"""The server's three tools. Whoever asks is recorded as the actor and tenant that the server was started with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.bootstrap import EventStore, partition_name
from awe.api.bootstrap.kit import Kit
from awe.api.faults import told
from awe.api.goals.preparing import Asked, GoalMalformed, GoalRefused, prepare
from awe.api.mcp.results import Finding, RunLine, RunList, RunShown, Submitted
from awe.api.reading.documents import run_document, summary_document
from awe.api.reading.run_list import newest_runs
from awe.api.reading.run_views import shown, watch
from awe.api.reading.sources import Sources
from awe.api.reading.untouched import untouched
from awe.api.roles.openness import ensure_open
from awe.commands.log import LogUnavailable
from awe.domain.identifiers import parse_run_id, partition_of
from awe.domain.run.state import RunStatus
from awe.projections.queries.runs import RunFilter
from awe.projections.views.run import RunView

LONGEST_WAIT_S: Final = 300.0
_STATEMENT_S: Final = 10.0

_INSTRUCTIONS: Final = (
    "Submit a goal in words; AWE plans it, checks the plan and runs it with its own tools. Ask show_run for the outcome. "
    "Everything is recorded as asked by {actor} of tenant {tenant}."
)
_READS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_BEGINS: Final = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True)

Wait = Annotated[float, Field(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for the run's end.")]


@dataclass(frozen=True, slots=True)
class Door:
    """What the tools do, for one actor of one tenant. Their results have no place for what may be old: it is no result."""

    store: EventStore
    kit: Kit
    asked: Asked
    sources: Sources

    async def submit_goal(
        self,
        goal: Annotated[str, Field(min_length=1, max_length=20_000, description="What is wanted, in words.")],
        inputs: Annotated[dict[str, Any] | None, Field(description="The inputs of the run, by name.")] = None,
        playbook: Annotated[str | None, Field(description="Plan with this playbook.")] = None,
        idempotency_key: Annotated[
            str | None, Field(max_length=200, description="The same key with the same goal is the same run.")
        ] = None,
        priority: Annotated[int | None, Field(ge=-100, le=100)] = None,
    ) -> Submitted:
        """Begin a run for a goal. Its plan is checked first; with an error in it nothing begins."""
        with _faults_told():
            asked = replace(
                self.asked, inputs=inputs, playbook=playbook, key=idempotency_key, priority=priority
            )
            try:
                prepared = await prepare(goal, asked, self.kit)
            except GoalRefused as refused:
                return Submitted(run=None, status="refused", plan=None, findings=_findings(refused.findings))
            for partition in self.store.logs:
                await ensure_open(self.store, partition)
            handled = await self.store.runs.submit(prepared.command)
            return Submitted(
                run=handled.run,
                status="submitted" if handled.changed else "known",
                plan=prepared.preview.plan,
                findings=_findings(prepared.preview.findings),
            )

    async def list_runs(
        self,
        status: Annotated[list[RunStatus] | None, Field(description="Only runs of these statuses.")] = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> RunList:
        """List runs, the newest first."""
        with _faults_told():
            wanted = RunFilter(statuses=tuple(dict.fromkeys(each.value for each in status or ())))
            found = await newest_runs(self.sources, wanted, limit)
            _refuse_stale(found.stale)
            return RunList(runs=[RunLine.model_validate(summary_document(each)) for each in found.runs])

    async def show_run(
        self, run: Annotated[str, Field(description="The id of the run.")], wait_s: Wait = 0.0
    ) -> RunShown:
        """Show a run: its status, its tasks, its outputs, and why it failed if it did."""
        with _faults_told():
            view = await self._view(parse_run_id(run), wait_s)
            if not view.events:
                raise ToolError(f"There is no run {run}. See list_runs.")
            return RunShown.model_validate(run_document(view))

    async def _view(self, run: str, wait_s: float) -> RunView:
        partition = partition_name(partition_of(run))
        log = self.sources.logs.get(partition)
        if log is None:
            raise ToolError(f"There is no run {run}. See list_runs.")
        found = await shown(self.sources, partition, run, self.kit.blobs)
        _refuse_stale(found.stale)
        view = found.view
        if view.ended or not view.events or not wait_s:
            return view
        try:
            async with asyncio.timeout(wait_s), aclosing(watch(log, run, self.kit.blobs)) as watched:
                async for seen in watched:
                    view = seen.view
        except TimeoutError:
            pass  # as it is by now
        return view


def server(store: EventStore, kit: Kit, *, actor: str, tenant: str) -> MCPServer[None]:
    """Build the server; it holds a connection of its own to what it reads, as long as it runs."""
    # What it reads outlives releases of the read models: statements are planned anew.
    reads = OwnedConnection(
        store.servers.postgres_url, "mcp", statement_timeout_s=_STATEMENT_S, prepares=False
    )
    sources = Sources(store.logs, reads, partial(untouched, store.client, reads))
    door = Door(store, kit, Asked(actor, tenant), sources)

    @asynccontextmanager
    async def running(_: MCPServer[None]) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await reads.aclose()

    made: MCPServer[None] = MCPServer(
        "awe",
        title="AWE",
        instructions=_INSTRUCTIONS.format(actor=actor, tenant=tenant),
        version=version("awe-engine"),
        log_level="WARNING",
        lifespan=running,
    )
    made.tool(title="Submit a goal", annotations=_BEGINS, structured_output=True)(door.submit_goal)
    made.tool(title="List runs", annotations=_READS, structured_output=True)(door.list_runs)
    made.tool(title="Show a run", annotations=_READS, structured_output=True)(door.show_run)
    return made


def _refuse_stale(why: str) -> None:
    if why:
        raise LogUnavailable(why)


def _findings(found: Sequence[Any]) -> list[Finding]:
    return [Finding.model_validate(each.document()) for each in found]


@contextmanager
def _faults_told() -> Generator[None]:
    """A fault with a name is for the client to read; any other is logged here and withheld there."""
    try:
        yield
    except GoalMalformed as error:
        raise ToolError(f"The goal cannot be submitted: {error}") from error
    except Exception as error:
        known = told(error)
        if known is None:
            raise
        raise ToolError(f"{known.code}: {known.message} {known.hint}") from error
