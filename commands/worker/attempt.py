"""One attempt at one offered task: claim, call, check, report.

Each call follows its intent in the log, and counts its time from before the intent was sent: what the append took is
no longer there for the call (I21). What earlier attempts have done for certain is not done again (I22).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from awe.commands.blobs import BlobMissing
from awe.commands.log import EventLog, LogError, UnitTooLarge
from awe.commands.offers import Offer
from awe.commands.tools import Call, Failure, Success
from awe.commands.worker.acceptance import objection
from awe.commands.worker.binding import Unbound, bind
from awe.commands.worker.journal import Events, Journal, Stopped
from awe.commands.worker.lease import Heartbeat
from awe.commands.worker.payloads import Arguments, Payload, keep, keep_arguments, load
from awe.commands.worker.ports import Ports
from awe.domain.artifacts import Artifact
from awe.domain.codec import UnknownEvent
from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.identifiers import OperationId
from awe.domain.rejections import CallStillPossible, OperationSettled, OutcomeUnresolved
from awe.domain.task.calls import FIRST_GENERATION, fail_operation, start_operation, succeed_operation
from awe.domain.task.decisions import fail, succeed
from awe.domain.task.events import OutcomeUnknown
from awe.domain.task.operation import Operation, OperationStatus
from awe.domain.task.operation import Request as Recorded
from awe.domain.task.state import Task
from awe.domain.task.work import Request, Work, read_work

MOST_DELIVERIES: Final = 5
"""After so many deliveries to workers that do not know its tool, a task fails."""

_STORE_PAUSES_S: Final = (0.2, 1.0, 5.0)
"""Between one try to store an output and the next."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """One request on its way."""

    index: int
    generation: int
    contract: ToolContract
    arguments: Arguments


class Attempt:
    """Works on one offer, once."""

    def __init__(
        self, ports: Ports, log: EventLog, heartbeat: Heartbeat, offer: Offer, deliveries: int
    ) -> None:
        self._ports = ports
        self._offer = offer
        self._deliveries = deliveries
        self._number = offer.ready.attempt
        self._identity = f"{offer.run}/{offer.task}"
        self._journal = Journal(ports, log, heartbeat, offer)
        self._artifacts: list[Artifact] = []
        self._until = 0.0
        """When the call is over, by the monotonic clock."""
        self._sent = False

    async def run(self) -> str:
        """Work on the offer; returns a word for how that ended.

        Raises:
            UnknownEvent: a newer release wrote to the task.
            LogError: nothing can be appended any more.
        """
        try:
            await self._work_on()
        except Stopped as stopped:
            return stopped.word
        except UnitTooLarge:
            self._journal.take_back()
            return await self._report_fault(
                FailureClass.OUTPUT_TOO_LARGE, "the result exceeds what an event can hold"
            )
        except (LogError, UnknownEvent):
            raise
        except Exception as fault:  # noqa: BLE001 (it becomes the task's failure)
            _log.exception("Attempt %d of %s met a fault of the engine", self._number, self._identity)
            message = f"{type(fault).__name__} in worker {self._ports.name}; its log says more"
            return await self._report_fault(FailureClass.INTERNAL, message)
        return self._journal.task.status.value

    async def _work_on(self) -> None:
        ready, journal = self._offer.ready, self._journal
        if self._number > 1:
            await journal.recall()
        try:
            work = read_work(await load(ready.work, ready.work_blob, self._ports.blobs))
        except (ValueError, BlobMissing) as unreadable:
            await self._fail(FailureClass.INTERNAL, f"the work of the task cannot be read: {unreadable}")
            return
        journal.expect(work.control)
        contracts = await self._contracts(work)
        outputs: list[Payload] = []
        for index, (request, contract) in enumerate(zip(work.requests, contracts, strict=True)):
            output = await self._output(work, index, request, contract, outputs)
            if output is None:
                return
            outputs.append(output)
        if not journal.held:
            await journal.begin(lambda _: ())
        await self._finish(work, contracts[-1], outputs[-1])

    async def _contracts(self, work: Work) -> Sequence[ToolContract]:
        """Find every contract before anything begins: what is not served here is left to others."""
        found: list[ToolContract] = []
        for request in work.requests:
            contract = self._ports.tools.contract(request.contract)
            if contract is not None:
                found.append(contract)
                continue
            named = f"tool {request.tool!r} with contract {request.contract[:12]}"
            if self._deliveries < MOST_DELIVERIES:
                if request.contract not in self._ports.unserved:
                    self._ports.unserved.add(request.contract)
                    _log.warning("%s is not served here; its tasks are left to other workers", named)
                raise Stopped("unserved")
            await self._fail(
                FailureClass.INVALID_INPUT, f"no worker knows {named}; start one that has it, or plan anew"
            )
            raise Stopped("unserved_by_all")
        return found

    async def _output(
        self, work: Work, index: int, request: Request, contract: ToolContract, outputs: Sequence[Payload]
    ) -> Payload | None:
        """The output of a request, called for or known from an earlier attempt; None when the attempt has ended."""
        try:
            bound = bind(request, [output.value for output in outputs])
        except Unbound as missing:
            await self._fail(FailureClass.INVALID_INPUT, f"request {index} has no arguments: {missing}")
            return None
        arguments = await keep_arguments(bound, self._ports.blobs)
        former = self._journal.task.operation(index)
        same = former is not None and former.request == Recorded(contract.digest, arguments.digest)
        if former is not None and same and former.status is OperationStatus.SUCCEEDED:
            return await self._known(former)
        generation = FIRST_GENERATION if former is None else former.generation + (not same)
        try:
            return await self._called(work, _Step(index, generation, contract, arguments))
        except OperationSettled:  # seen late, while the claim was on its way
            settled = self._journal.task.operation(index)
            assert settled is not None  # noqa: S101 (it was just said to be settled)
            return await self._known(settled)

    async def _known(self, former: Operation) -> Payload:
        result = former.result
        assert result is not None  # noqa: S101 (it succeeded)
        self._artifacts += result.artifacts
        return Payload(await load(result.output, result.output_blob, self._ports.blobs), result.output_blob)

    async def _called(self, work: Work, step: _Step) -> Payload | None:
        await self._journal.begin(lambda task: self._intent(task, work, step))
        intent = self._journal.task.open_operation
        if intent is None:
            return None
        left_ms = intent.call_until_ms - self._ports.clock.now_ms()  # an earlier copy may have been taken
        self._until = min(self._until, self._ports.clock.monotonic() + left_ms / 1000)
        outcome = await self._call(work, step)
        if isinstance(outcome, Failure):
            await self._failed(step.index, step.generation, outcome)
            return None
        output = await self._kept(outcome)
        self._artifacts += outcome.artifacts
        self._journal.tell(
            succeed_operation(
                self._journal.task,
                attempt=self._number,
                index=step.index,
                generation=step.generation,
                output=output.inline,
                output_blob=output.blob,
                artifacts=tuple(outcome.artifacts),
            )
        )
        return output

    async def _kept(self, outcome: Success) -> Payload:
        """Store an output; what was done is not lost for a moment's fault of the store."""
        for pause_s in _STORE_PAUSES_S:
            try:
                return await keep(outcome.output, self._ports.blobs)
            except OSError as error:
                _log.warning("An output of %s is not stored yet: %s", self._identity, error)
                await self._ports.clock.sleep(pause_s)
        return await keep(outcome.output, self._ports.blobs)

    def _intent(self, task: Task, work: Work, step: _Step) -> Events:
        clock, contract, arguments = self._ports.clock, step.contract, step.arguments
        now_ms, limit_ms = clock.now_ms(), contract.timeout_ms
        if work.deadline_ms is not None:
            limit_ms = min(limit_ms, work.deadline_ms - now_ms)
        if limit_ms <= 0:
            return self._verdict(
                task, FailureClass.DEADLINE_EXCEEDED, f"no time is left for request {step.index}"
            )
        self._sent = False
        self._until = clock.monotonic() + limit_ms / 1000
        try:
            return start_operation(
                task,
                attempt=self._number,
                index=step.index,
                generation=step.generation,
                contract=contract,
                arguments_digest=arguments.digest,
                arguments=arguments.value if arguments.inline else None,
                now_ms=now_ms,
                call_until_ms=now_ms + limit_ms,
            )
        except OutcomeUnresolved as unresolved:
            return self._verdict(task, FailureClass.UNKNOWN_OUTCOME, str(unresolved))

    async def _call(self, work: Work, step: _Step) -> Success | Failure:
        clock = self._ports.clock
        left_s = self._until - clock.monotonic()
        if left_s <= 0:
            late = work.deadline_ms is not None and clock.now_ms() >= work.deadline_ms
            return Failure(
                FailureClass.DEADLINE_EXCEEDED if late else FailureClass.TRANSPORT,
                "the call's time was over before its intent was in the log",
                sent=False,
            )
        operation = OperationId(self._offer.run, self._offer.task, step.index, step.generation)
        call = Call(operation, step.contract, step.arguments.value, self._number, left_s)
        self._sent = True
        try:
            return await self._ports.tools.call(call)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return Failure(FailureClass.INTERNAL, "the call was cancelled from inside")

    async def _failed(self, index: int, generation: int, failed: Failure) -> None:
        """Report that a call failed; what it may still do is waited for where it must not be done again (I21)."""
        clock, journal = self._ports.clock, self._journal
        events: Events = ()
        while not events:
            try:
                events = fail_operation(
                    journal.task,
                    attempt=self._number,
                    index=index,
                    generation=generation,
                    failure=failed.failure,
                    message=failed.message,
                    sent=failed.sent,
                    now_ms=clock.now_ms(),
                    skew_ms=self._ports.settings.skew_ms,
                )
            except CallStillPossible as possible:
                await clock.sleep(max(possible.judge_after_ms - clock.now_ms(), 1) / 1000)
        journal.tell(events)
        if isinstance(events[0], OutcomeUnknown):
            await journal.report()
        else:
            await self._fail(failed.failure, failed.message)

    async def _finish(self, work: Work, contract: ToolContract, output: Payload) -> None:
        """Judge the output of the last request, and end the task."""
        journal, ports = self._journal, self._ports
        if work.criteria or work.output_schema is not None:
            if not contract.repeatable:
                await journal.report()  # while it is judged, the effect must not become unknown
            wrong = await objection(
                work,
                contract,
                output,
                self._artifacts,
                expressions=ports.expressions,
                schemas=ports.schemas,
                off_loop=ports.off_loop,
            )
            if wrong is not None:
                await self._fail(FailureClass.ACCEPTANCE_FAILED, wrong)
                return
        await journal.report(
            succeed(journal.task, attempt=self._number, output=output.inline, output_blob=output.blob)
        )

    async def _fail(self, failure: FailureClass, message: str) -> None:
        """End the attempt without a result, held or not."""
        await self._journal.begin(lambda task: self._verdict(task, failure, message))

    def _verdict(self, task: Task, failure: FailureClass, message: str) -> Events:
        return fail(task, attempt=self._number, failure=failure, message=message, identity=self._identity)

    async def _report_fault(self, failure: FailureClass, message: str) -> str:
        """Let the task end by what went wrong around its call; what the call itself came to stays told."""
        try:
            operation = self._journal.task.open_operation
            if operation is None:
                await self._fail(failure, message)
            else:
                failed = Failure(failure, message, sent=self._sent)
                await self._failed(operation.index, operation.generation, failed)
        except Stopped as stopped:
            return stopped.word
        return self._journal.task.status.value
