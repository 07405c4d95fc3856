"""What every attempt of one worker works with."""

import asyncio
from dataclasses import dataclass, field

from awe.commands.append_ids import AppendIds
from awe.commands.blobs import Blobs
from awe.commands.clock import Clock
from awe.commands.off_loop import OffLoop
from awe.commands.offers import Offer
from awe.commands.tools import Tools
from awe.commands.worker.settings import WorkerSettings
from awe.domain.expressions import Expressions
from awe.domain.schemas import Schemas


@dataclass(slots=True, kw_only=True)
class Ports:
    """The worker's name, its ports, and what its attempts share; `off_loop` runs what blocks."""

    name: str
    tools: Tools
    blobs: Blobs
    expressions: Expressions
    schemas: Schemas
    clock: Clock
    ids: AppendIds
    settings: WorkerSettings
    off_loop: OffLoop = asyncio.to_thread
    closing: bool = False
    """The worker takes nothing new: who did not claim yet leaves the message to others."""
    opening: dict[str, Offer] = field(default_factory=dict[str, Offer])
    """Appends under way that claim, by id: with the offer, a claim that nobody wants can be handed back whole."""
    unserved: set[str] = field(default_factory=set[str])
    """Contracts that were asked for and are not here, each reported once."""
