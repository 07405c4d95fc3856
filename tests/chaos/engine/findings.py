"""The check at the end: the archive with its chain, the tiers, the read models, the truth about every effect; the figures."""

from collections import Counter
from collections.abc import Callable, Sequence

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.entries import recorded
from awe.adapters.redis_streams.keys import Keys
from awe.commands.log import RecordedEvent
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.task.events import (
    OperationObservedLate,
    OperationStarted,
    OutcomeUnknown,
    RetryScheduled,
    TaskDeadLettered,
    TaskSucceeded,
)
from awe.projections import archive_reader
from awe.projections.stored import StoredEntry
from awe.projections.verification import verify
from chaos.checking import shape
from chaos.engine import read_models
from chaos.engine.checking import History, histories, problems
from chaos.engine.effects import Effects
from chaos.engine.installation import Installation
from support.server_process import PostgresProcess

Say = Callable[[str], None]
_ALL = 10_000_000


async def findings(chaos: Installation, postgres: PostgresProcess, say: Say) -> list[str]:
    """Check an installation that is quiet, and tell its figures."""
    wrong: list[str] = []
    archived: dict[str, Sequence[StoredEntry]] = {}
    events: list[RecordedEvent] = []
    latest = 0
    connections = OwnedConnection(postgres.url, "check")
    try:
        for partition in chaos.store.logs:
            async with connections.connection() as connection:
                archived[partition] = await archive_reader.entries(connection, partition, 0, _ALL)
            found, epoch, problems_here = await _partition(chaos, connections, partition, archived[partition])
            events += found
            latest = max(latest, epoch)
            wrong += [f"{partition}: {each}" for each in problems_here]
    finally:
        await connections.aclose()
    wrong += await read_models.problems(postgres.url, archived)
    history, effects = histories(events), Effects.read(chaos.folder)
    wrong += problems(history, effects)
    wrong += [
        f"run {run} was answered and is lost"
        for run in chaos.client.runs
        if (run, RUN_AGGREGATE) not in history
    ]
    _tell(chaos, history, effects, len(events), latest, say)
    return wrong


async def _partition(
    chaos: Installation, connections: OwnedConnection, partition: str, entries: Sequence[StoredEntry]
) -> tuple[Sequence[RecordedEvent], int, list[str]]:
    """A partition's events, its epoch, and what is wrong with it as a log."""
    keys, client = Keys(partition), chaos.store.client
    events = [recorded(entry) for entry in entries]
    wrong = list(shape(events))
    checked = await verify(connections, partition, 1, len(entries))
    if checked.finding:
        wrong.append(checked.finding)
    hot = await client.execute_command("XRANGE", keys.log, "-", "+")
    if [(int(each[0][:-2]), each[1][5]) for each in hot] != [
        (entry.n, entry.body) for entry in entries[len(entries) - len(hot) :]
    ]:
        wrong.append("the tiers differ")
    followed = chaos.watch.events(partition)
    if [(event.n, event.append_id) for event in followed] != [(event.n, event.append_id) for event in events]:
        wrong.append("who followed the log did not read what is archived")
    epoch = await client.execute_command("HGET", keys.meta, "epoch")
    return events, int(epoch), wrong


def _tell(chaos: Installation, history: History, effects: Effects, events: int, epoch: int, say: Say) -> None:
    everything = [event for told in history.values() for event in told]
    kinds = Counter(type(event) for event in everything)
    statuses = Counter(view.status.value for view in chaos.watch.views().values())
    say(f"runs {dict(statuses)}; answers {dict(chaos.client.answers)}; {events} events, epoch {epoch}")
    say(
        f"{kinds[TaskSucceeded]} tasks succeeded; {kinds[OutcomeUnknown]} outcomes unknown, "
        f"{kinds[OperationObservedLate]} calls observed late"
    )
    retries = Counter(event.failure.value for event in everything if isinstance(event, RetryScheduled))
    say(f"retried {dict(retries)}; {kinds[TaskDeadLettered]} dead letters")
    for (run, aggregate), told in history.items():
        if isinstance(letter := told[-1], TaskDeadLettered):
            say(f"  {aggregate} of {run}, {letter.failure} after {letter.attempts} attempts: {letter.cause}")
    for tool in ("read", "put", "add"):
        intents = Counter(
            place
            for place, told in history.items()
            for event in told
            if isinstance(event, OperationStarted) and event.tool.startswith(f"chaos.{tool}")
        )
        say(
            f"chaos.{tool}: {len(intents)} operations, {intents.total()} intents, {effects.calls_of(tool)} calls"
        )
    say(f"{len(effects.files)} files, {effects.lines.total()} lines")
    say(f"roles ended by themselves: {dict(chaos.supervisor.deaths)}; read back {chaos.watch.rewound} times")
