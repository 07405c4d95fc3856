"""What happened to a projection. Topics are names of their own: a class may move without its events."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from eventsourcing.utils import register_topic


@dataclass(frozen=True)
class Happened:
    """Base of the events; ``originator_id`` is the projection's name."""

    TOPIC: ClassVar[str]
    originator_id: str
    originator_version: int
    timestamp: datetime

    def __init_subclass__(cls, *, topic: str) -> None:
        cls.TOPIC = f"awe.projection.{topic}"
        register_topic(cls.TOPIC, cls)


@dataclass(frozen=True)
class Registered(Happened, topic="registered"):
    number: int
    code: str


@dataclass(frozen=True)
class BuildStarted(Happened, topic="build-started"):
    number: int


@dataclass(frozen=True)
class CaughtUp(Happened, topic="caught-up"):
    number: int


@dataclass(frozen=True)
class Verified(Happened, topic="verified"):
    number: int
    against: int
    equal: bool
    report: str


@dataclass(frozen=True)
class Switched(Happened, topic="switched"):
    """``forced`` is the reason, or empty when the rules were kept."""

    number: int
    forced: str


@dataclass(frozen=True)
class RolledBack(Happened, topic="rolled-back"):
    number: int
    reason: str


@dataclass(frozen=True)
class Dropped(Happened, topic="dropped"):
    number: int


ProjectionEvent = Registered | BuildStarted | CaughtUp | Verified | Switched | RolledBack | Dropped
