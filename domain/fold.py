"""State is what its events make of it, and nothing else: every state in the engine is this fold."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import TypeVar

State = TypeVar("State")
Event = TypeVar("Event")


def fold(initial: State, evolve: Callable[[State, Event], State], events: Iterable[Event]) -> State:
    return reduce(evolve, events, initial)
