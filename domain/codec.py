"""Reads log entries back into events, whatever release wrote them.

A codec knows a closed set of event classes, checked when it is built: every name stands for one class, and every
version ever written has its way to today's. Whatever a codec does not know is refused by a typed error and never
guessed: a process manager or worker that meets it gives up, since it cannot know what it would overlook; a mere
reader may skip it (I9).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from awe.domain.events import Context, Event, event_type
from awe.domain.upcasting import Step, Steps, chain, upcast


class Undecodable(Exception):  # noqa: N818 (named for the fact, like the rejections)
    """A log entry that cannot be read.

    Undecodable
    ├── UnknownEvent    the type is not known here: most likely a newer release wrote it
    └── MalformedEvent  the type is known, and the body is not one of its kind
    """


class UnknownEvent(Undecodable):
    pass


class MalformedEvent(Undecodable):
    pass


@dataclass(frozen=True, slots=True)
class _Reading:
    """How entries of one type are read."""

    validate: Callable[[Any], Event]
    steps: tuple[Step, ...]


class Codec:
    def __init__(self, classes: Iterable[type[Event]], steps: Steps) -> None:
        """Know these classes and the way from their older versions; ValueError when they do not fit together."""
        given = tuple(classes)
        self.classes = {cls.event_name: cls for cls in given}
        if len(self.classes) != len(given):
            raise ValueError("two event classes share a name; a name stands for one class for ever")
        if stray := [start for start in steps if start not in self._older_versions()]:
            raise ValueError(f"upcasting steps from versions that no event ever had: {stray}")
        self._readings = {
            event_type(name, version): _Reading(
                cls.__pydantic_validator__.validate_python, chain(name, version, cls.schema_version, steps)
            )
            for name, cls in self.classes.items()
            for version in range(1, cls.schema_version + 1)
        }

    @property
    def types(self) -> frozenset[str]:
        """Every type that can be read, the older versions too."""
        return frozenset(self._readings)

    def decode(self, type_: str, body: bytes) -> tuple[Event, Context]:
        """The event in a log entry of this type (`<name>/<schema version>`) and its context.

        Raises:
            UnknownEvent: no such event here, or not in this version.
            MalformedEvent: the body does not fit the type.
        """
        try:
            content = from_json(
                body, cache_strings="keys"
            )  # values repeat so rarely that keeping them costs more
        except ValueError as error:
            raise MalformedEvent(f"the body of a {type_} event cannot be read: {error}") from error
        return self.decode_content(type_, content)

    def decode_content(self, type_: str, content: Any) -> tuple[Event, Context]:
        """As `decode`, for a body that was read as JSON already, inside a message for instance."""
        reading = self._readings.get(type_)
        if reading is None:
            raise UnknownEvent(
                f"event type {type_!r} is not known to this release; upgrade it before it goes on"
            )
        try:
            said = content.get
            data = upcast(content["data"], reading.steps) if reading.steps else content["data"]
            return reading.validate(data), Context(
                said("actor", ""), said("cause", ""), said("corr", ""), said("trace", "")
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise MalformedEvent(f"the body of a {type_} event cannot be read: {error}") from error

    def _older_versions(self) -> set[tuple[str, int]]:
        return {
            (name, version) for name, cls in self.classes.items() for version in range(1, cls.schema_version)
        }
