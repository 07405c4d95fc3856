"""What a unit did besides adding events stands in its entries, so healing can derive all else from the log.

Effects are one compact JSON object on the first entry of a unit; an entry that was sent to a work queue names the
queue under ``q``. A unit without events leaves no trace: repeating it must be harmless (acks, positions).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from awe.commands.log import (
    Ack,
    Advance,
    CounterStep,
    Limit,
    Position,
    Reserve,
    Settle,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Effects:
    """The recorded effects of one entry."""

    queue: str = ""
    control: str | None = None
    claims: int = 0
    counters: Sequence[CounterStep] = ()
    advance: Advance | None = None
    acks: Sequence[Ack] = ()


NONE = Effects()


def written(unit: Unit, index: int) -> str:
    """Return the effects text of the unit's event at ``index``; empty when there is nothing to say."""
    told: dict[str, Any] = {}
    if queue := unit.events[index].dispatch:
        told["q"] = queue
    if index == 0:
        if unit.control is not None:
            told["c"] = unit.control
        if unit.claims:
            told["o"] = unit.claims
        if unit.counters:
            told["b"] = [_step(step) for step in unit.counters]
        if unit.advance is not None:
            told["p"] = [unit.advance.reactor, unit.advance.to.n, unit.advance.to.epoch]
        if unit.acks:
            told["k"] = [[ack.queue, ack.message_id, ack.n, ack.append_id] for ack in unit.acks]
    return to_json(told).decode() if told else ""


def read(text: str) -> Effects:
    """Return what ``written`` wrote."""
    if not text:
        return NONE
    told = json.loads(text)
    advance = told.get("p")
    return Effects(
        queue=told.get("q", ""),
        control=told.get("c"),
        claims=told.get("o", 0),
        counters=tuple(_step_read(step) for step in told.get("b", ())),
        advance=None if advance is None else Advance(advance[0], Position(advance[1], advance[2])),
        acks=tuple(Ack(*ack) for ack in told.get("k", ())),
    )


def _step(step: CounterStep) -> list[str | int]:
    match step:
        case Limit(dimension, amount):
            return ["l", dimension, amount]
        case Reserve(dimension, holder, amount):
            return ["r", dimension, holder, amount]
        case Settle(dimension, holder, spent):
            return ["s", dimension, holder, spent]


def _step_read(step: list[Any]) -> CounterStep:
    match step:
        case ["l", dimension, amount]:
            return Limit(dimension, amount)
        case ["r", dimension, holder, amount]:
            return Reserve(dimension, holder, amount)
        case ["s", dimension, holder, spent]:
            return Settle(dimension, holder, spent)
        case _:
            msg = f"Unknown counter step {step!r}."
            raise ValueError(msg)
