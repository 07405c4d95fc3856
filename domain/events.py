"""An event is an immutable fact under a name that never changes; the module it lives in may move freely.

The body holds the event's own data and the context in which it came to be. What the log knows of every entry (event
id, run, aggregate and its version, time, position) stands in the entry and is not said twice. A field that may be
None has None as its default and is left out of the body then.

A change of an event's fields is a new schema version with a step in `upcasting`; bodies already written are never
changed.
"""

from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetPydanticSchema, JsonValue
from pydantic_core import core_schema

MESSAGE_LENGTH = 2_000


def _unchecked(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.any_schema()


def _cut(text: str) -> str:
    return text[:MESSAGE_LENGTH]


Json = Annotated[JsonValue, GetPydanticSchema(_unchecked)]
"""JSON by the type checker's and the parser's word: checking each leaf once more would triple the price of an event."""

Message = Annotated[str, AfterValidator(_cut)]
"""Words for people, cut to `MESSAGE_LENGTH` characters, so that no report fails for the length of its complaint."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hex. Where a body leaves the value itself out, it is the digest of the blob that holds it."""

Count = Annotated[int, Field(ge=0)]
Ordinal = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Part):
    """Base of all facts; a class becomes an event by `@event`, which gives it its name and schema version."""

    event_name: ClassVar[str]
    schema_version: ClassVar[int]
    event_type: ClassVar[str]
    """`<name>/<schema version>`: what a log entry calls it."""


E = TypeVar("E", bound=Event)


def event(name: str, *, version: int) -> Callable[[type[E]], type[E]]:
    """Give an event class its stable name (`awe.<aggregate>.<fact>`) and the version of its fields, from 1."""

    def named(cls: type[E]) -> type[E]:
        cls.event_name = name
        cls.schema_version = version
        cls.event_type = event_type(name, version)
        return cls

    return named


def event_type(name: str, version: int) -> str:
    return f"{name}/{version}"


class Context(NamedTuple):
    """Who caused an event and how it hangs together with others; an empty string where there is nothing to say."""

    actor: str = ""
    causation_id: str = ""
    """Id of the event that this one reacts to."""
    correlation_id: str = ""
    """Shared by all that one command set in motion."""
    traceparent: str = ""
    """W3C trace context."""


CONTEXT_KEYS = ("actor", "cause", "corr", "trace")
"""What the fields of `Context` are called in a body, in their order."""


_quoted: Callable[[str], str] = encode_basestring  # half of what a dict and its JSON cost


def encode(event: Event, context: Context) -> bytes:
    """The body of a log entry: compact JSON, the event under `data` and beside it what the context has to say."""
    data = event.__pydantic_serializer__.to_json(event, exclude_none=True)
    return b"".join((b'{"data":', data, _rest(context)))


@lru_cache(maxsize=64)
def _rest(context: Context) -> bytes:
    """What follows the data; the events of an append share their context."""
    said = "".join(
        [f',"{key}":{_quoted(value)}' for key, value in zip(CONTEXT_KEYS, context, strict=True) if value]
    )
    return f"{said}}}".encode()
