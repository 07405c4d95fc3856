"""A `for_each` task is expanded from its recorded list of items, a few at a time (I13).

What was begun is a fold of the log, so a restart goes on with the first item that was not. Items may be begun and
ended in the log before the list itself is known to this process again.
"""

from dataclasses import dataclass, field

from awe.domain.events import Json
from awe.domain.scheduling.outputs import Output


@dataclass(slots=True)
class Fan:
    """The items of one `for_each` task: `items` is None until they are listed."""

    items: list[Json] | None = None
    begun: set[int] = field(default_factory=set[int])
    ended: set[int] = field(default_factory=set[int])
    outputs: dict[int, Output] = field(default_factory=dict[int, Output])
    _next: int = 0

    @property
    def unfinished(self) -> int:
        """How many items have begun and not ended."""
        return len(self.begun) - len(self.ended)

    @property
    def complete(self) -> bool:
        return self.items is not None and len(self.ended) == len(self.items)

    def next_item(self, most_unfinished: int) -> int | None:
        """The next item to begin, if there is one and the wave has room for it."""
        if self.items is None or self.unfinished >= most_unfinished:
            return None
        while self._next in self.begun:
            self._next += 1
        return self._next if self._next < len(self.items) else None

    def begin(self, item: int) -> None:
        self.begun.add(item)

    def withdraw(self, item: int) -> None:
        """The item was not begun after all."""
        self.begun.discard(item)
        self._next = min(self._next, item)

    def end(self, item: int, output: Output | None) -> None:
        """The item has ended, with an output or without; again changes nothing."""
        self.begun.add(item)
        self.ended.add(item)
        if output is not None:
            self.outputs[item] = output

    def in_order(self) -> list[Output]:
        """The outputs in the order of the items; what left none is left out."""
        return [self.outputs[item] for item in sorted(self.outputs)]
