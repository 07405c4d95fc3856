"""The commands on runs: each names its run, and so its partition, before anything is read (I19)."""

from collections.abc import Callable

from awe.commands.handling import Handled, RunHandler
from awe.commands.log import NEW_RUN, Admission
from awe.commands.messages import Command, RequestCancel, SubmitGoal
from awe.domain.events import Context
from awe.domain.identifiers import RunId, partition_of, run_id_for, run_id_from
from awe.domain.run import decisions

ENTROPY_BYTES = 17


class RunCommands:
    """What can be asked of the runs of an installation."""

    def __init__(
        self, handler_of: Callable[[int], RunHandler], partitions: int, entropy: Callable[[int], bytes]
    ) -> None:
        """``handler_of`` gives a partition's handler; ``entropy`` gives that many random bytes."""
        self._handler_of = handler_of
        self._partitions = partitions
        self._entropy = entropy

    async def submit(self, command: SubmitGoal) -> Handled:
        """Begin a run, or find the one that the same key began.

        Raises:
            IdempotencyConflict: the key named another goal.
            Overloaded: no new goals are taken now.
        """
        if command.idempotency_key is None:
            run, absent_at = run_id_from(self._entropy(ENTROPY_BYTES), self._partitions), NEW_RUN
        else:
            run = run_id_for(command.tenant, command.actor, command.idempotency_key, self._partitions)
            absent_at = 0
        return await self._handler_of(partition_of(run)).handle(
            run,
            lambda state: decisions.submit_goal(
                state,
                tenant=command.tenant,
                goal=command.goal,
                inputs=command.inputs,
                tools=command.tools,
                deadline_ms=command.deadline_ms,
                planning=command.planning,
                queue=command.queue,
                priority=command.priority,
            ),
            _context(command, run),
            admission=Admission.DISPATCH,
            absent_at=absent_at,
        )

    async def cancel(self, command: RequestCancel) -> Handled:
        """Request the cancel of a run; asking again changes nothing.

        Raises:
            RunMissing, RunEnded: there is nothing to cancel.
        """
        return await self._handler_of(partition_of(command.run)).handle(
            command.run,
            lambda state: decisions.request_cancel(state, reason=command.reason),
            _context(command, command.run),
        )


def _context(command: Command, run: RunId) -> Context:
    return Context(actor=command.actor, correlation_id=run, traceparent=command.traceparent)
