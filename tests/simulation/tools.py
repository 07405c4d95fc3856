"""Tools that do what tools do: they answer, fail in every way, are slow, hang, and forget to say what they did.

What a call does outside happens whether or not its caller lives to hear of it. A failure that tells for certain that
nothing happened is only given when nothing did.
"""

import asyncio
import hashlib
import random
from typing import Any, Final

from awe.commands.planning.contract import PLAN_CONTRACT
from awe.commands.tools import Call, Failure, Success
from awe.domain.contracts import Effect, Idempotency, ToolContract
from awe.domain.events import Json
from awe.domain.failures import OPEN_ENDED, FailureClass
from awe.domain.plan.canonical import digest
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.model import Plan
from awe.domain.plan.pins import pins
from simulation.ledger import Ledger
from simulation.process import Process
from simulation.world import World

_LARGE: Final = "x" * 33_000
_DEFINITE: Final = sorted(set(FailureClass) - OPEN_ENDED - {FailureClass.WORKER_LOST})
_OPEN: Final = sorted(OPEN_ENDED - {FailureClass.WORKER_LOST, FailureClass.DEADLINE_EXCEEDED})


def _contract(name: str, effect: Effect, idempotency: Idempotency, timeout_ms: int) -> ToolContract:
    return ToolContract(
        name=name,
        version="1",
        input_schema={"type": "object"},
        output_schema={"type": "object"},
        effect=effect,
        idempotency=idempotency,
        timeout_ms=timeout_ms,
    )


LOOK: Final = _contract("look", Effect.READ, Idempotency.NONE, 4_000)
PUT: Final = _contract("put", Effect.WRITE, Idempotency.KEY, 3_000)
SET: Final = _contract("set", Effect.WRITE, Idempotency.IDEMPOTENT, 9_000)
ONCE: Final = _contract("once", Effect.WRITE, Idempotency.NONE, 2_500)
CONTRACTS: Final = (LOOK, PUT, SET, ONCE)
CATALOGUE: Final = Catalogue.of(CONTRACTS)
_KNOWN: Final = {each.digest: each for each in (*CONTRACTS, PLAN_CONTRACT)}


class SimulatedTools:
    """Implements `awe.commands.tools.Tools` for one worker; `plans` are what goals are answered with."""

    def __init__(self, world: World, process: Process, plans: dict[str, Plan | None]) -> None:
        self._world = world
        self._process = process
        self._plans = plans
        self._dice = world.dice(f"tools/{process.name}")

    @property
    def catalogue(self) -> Catalogue:
        return CATALOGUE

    def contract(self, digest: str) -> ToolContract | None:
        return _KNOWN.get(digest)

    async def call(self, call: Call) -> Success | Failure:
        world, ledger = self._world, self._world.ledger
        with self._process.inside("tool.call"):
            ledger.begin(call)
            takes_s, outcome = self._fate(call)
            if self._acts(outcome):
                self._effect(ledger, call, takes_s)
            if takes_s >= call.limit_s:
                await asyncio.sleep(call.limit_s)
                outcome = Failure(FailureClass.TIMEOUT, "no answer in time")
            else:
                await asyncio.sleep(takes_s)
            world.coverage.events[
                f"tool {outcome.failure if isinstance(outcome, Failure) else 'success'}"
            ] += 1
            ledger.told(self._process, call)
            return outcome

    def _fate(self, call: Call) -> tuple[float, Success | Failure]:
        """How long it takes, and what it comes to."""
        dice, patience_s = self._dice, min(call.limit_s, 9.0)
        luck = dice.random()
        if not self._world.stormy:
            luck *= 0.7
        if luck < 0.35:
            takes_s = 0.0
        elif luck < 0.75:
            takes_s = dice.uniform(0.001, 0.6)
        elif luck < 0.85:
            takes_s = dice.uniform(0.6, patience_s)
        elif luck < 0.9:
            takes_s = call.limit_s + 1 if call.contract is not PLAN_CONTRACT else patience_s
        else:
            return dice.uniform(0, 0.5), self._failure(dice)
        return takes_s, Success(self._answer(call))

    def _failure(self, dice: random.Random) -> Failure:
        kind = dice.choice((dice.choice(_DEFINITE), dice.choice(_OPEN), FailureClass.TRANSPORT))
        sent = kind is not FailureClass.TRANSPORT or dice.random() < 0.5
        return Failure(kind, "so the dice want it", sent)

    def _acts(self, outcome: Success | Failure) -> bool:
        if isinstance(outcome, Success):
            return True
        return outcome.sent and outcome.failure in OPEN_ENDED and self._dice.random() < 0.5

    def _effect(self, ledger: Ledger, call: Call, takes_s: float) -> None:
        """Have the effect while the call lasts; when it is killed before, perhaps not at all."""
        loop = self._world.loop
        after_s = self._dice.uniform(0, min(takes_s, call.limit_s))
        loop.call_later(after_s, ledger.effect, call, context=loop.network)

    def _answer(self, call: Call) -> Json:
        if call.contract.digest == PLAN_CONTRACT.digest:
            return _planned(self._plans[str(call.arguments["goal"])])
        if call.contract.effect is not Effect.READ:
            key = call.operation.idempotency_key
            return self._world.ledger.answers.setdefault(key, _output(f"{key}/{call.arguments}", self._dice))
        return _output(f"{call.arguments}/{self._dice.random()}", self._dice)


def _output(seed: str, dice: random.Random) -> Json:
    number = hashlib.sha256(seed.encode()).digest()[0]
    output: dict[str, Json] = {"n": number % 10, "items": [number + each for each in range(number % 5)]}
    if dice.random() < 0.03:
        output["text"] = _LARGE
    return output


def _planned(plan: Plan | None) -> Json:
    refusal: dict[str, Any] = {"code": "E1", "severity": "error", "path": "", "message": "no", "hint": "none"}
    if plan is None:
        return {"plan": None, "digest": None, "findings": [refusal], "pins": {}, "planner": "dice"}
    return {
        "plan": plan.model_dump(mode="json", by_alias=True),
        "digest": digest(plan),
        "findings": [],
        "pins": dict(pins(plan, CATALOGUE)),
        "planner": "dice",
    }
