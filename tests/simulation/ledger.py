"""The outside world as it remembers itself: which calls reached it, from whom, and what they did to it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from awe.commands.tools import Call
from awe.domain.contracts import Effect
from awe.domain.events import Json
from simulation.audit import Audit
from simulation.clock import START_MS
from simulation.process import Process
from simulation.story import Call as Intent


@dataclass(slots=True)
class Returned:
    """A call that came back to its caller, and when."""

    process: Process
    call: Call
    at_s: float


def intent_of(call: Call) -> Intent:
    operation = call.operation
    return operation.run, operation.task, operation.index, operation.generation, call.attempt


class Ledger:
    def __init__(self, loop: asyncio.AbstractEventLoop, audit: Audit, skew_ms: int) -> None:
        self._loop = loop
        self._audit = audit
        self._skew_ms = skew_ms
        self.returned: list[Returned] = []
        self.answers: dict[str, Json] = {}
        """What writes with a key were answered first."""
        self._effects: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)

    def begin(self, call: Call) -> None:
        """A call reached the tool: its intent stands in the log by now (I20)."""
        intent = intent_of(call)
        if intent not in self._audit.intents:
            self._audit.wrong(f"{intent[0]}/{intent[1]}: a call without an intent: {intent[2:]} (I20)")

    def effect(self, call: Call) -> None:
        """A write has its effect."""
        operation, contract = call.operation, call.contract
        if contract.effect is Effect.READ:
            return
        place = f"{operation.run}/{operation.task} call {operation.index}"
        until_ms = self._audit.intents.get(intent_of(call), 0)
        if START_MS + self._loop.time() * 1000 > until_ms + self._skew_ms:
            self._audit.wrong(f"{place}: an effect after the call's end (I21)")
        done = self._effects[operation.run, operation.task, operation.index]
        key = operation.idempotency_key
        if contract.repeatable and key in done:
            return
        if done and not (self._audit.lossy and contract.repeatable):
            self._audit.wrong(f"{place}: its effect was made again, {done} and {key} (I20, I22)")
        done.append(key)

    def told(self, process: Process, call: Call) -> None:
        """The caller got an answer."""
        self.returned.append(Returned(process, call, self._loop.time()))
