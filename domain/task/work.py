"""What a worker is told of a task: all that an attempt needs, so that it loads nothing before its first call.

The scheduler makes this document when it makes the task ready; it travels in the event and in the message. Every
binding is resolved but those to `requests/N`, the outputs of the task's own earlier requests, which only the worker
has: their places are named, since resolved values are data, whatever they look like. What no criterion mentions is
left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from awe.domain.events import Json
from awe.domain.plan.bindings import Place


class Request(NamedTuple):
    """One call: the tool's name, the digest of its contract, its arguments, and where these bind to earlier requests."""

    tool: str
    contract: str
    arguments: dict[str, Json]
    earlier: tuple[Place, ...] = ()


class Check(NamedTuple):
    """An acceptance criterion: its id in the plan and its source in CEL."""

    id: str
    source: str


class Control(NamedTuple):
    """The control version of the run that the work was decided from, and who wrote it: the claim's guard (I11)."""

    version: int = 0
    append_id: str = ""


class Work(NamedTuple):
    """The work of one task, or of one item of a `for_each` task.

    Attributes:
        requests: the calls, one after the other; the output of the last is the task's.
        criteria: what the output must meet.
        output_schema: narrows what the last contract promises.
        seen: values for criteria beside `output` and `artifacts`: `inputs`, `run` and `task`, where mentioned.
        deadline_ms: Unix time after which no call may run, if there is one.
        control: the guard of the claim.
    """

    requests: tuple[Request, ...]
    criteria: tuple[Check, ...] = ()
    output_schema: dict[str, Json] | None = None
    seen: Mapping[str, Json] | None = None
    deadline_ms: int | None = None
    control: Control = Control()

    def document(self) -> dict[str, Json]:
        """The work as JSON, without what is not there."""
        said: dict[str, Any] = {"requests": [_written(request) for request in self.requests]}
        if self.criteria:
            said["criteria"] = [list(check) for check in self.criteria]
        if self.output_schema is not None:
            said["output_schema"] = self.output_schema
        if self.seen:
            said["seen"] = dict(self.seen)
        if self.deadline_ms is not None:
            said["deadline_ms"] = self.deadline_ms
        if self.control.version:
            said["control"] = list(self.control)
        return said


def read_work(document: Json) -> Work:
    """The work that a document says; ValueError for what `Work.document` never wrote."""
    try:
        said = cast("dict[str, Any]", document)
        return Work(
            tuple([_read(*request) for request in said["requests"]]),
            tuple([Check(*check) for check in said.get("criteria", ())]),
            said.get("output_schema"),
            said.get("seen"),
            said.get("deadline_ms"),
            Control(*said.get("control", ())),
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no work of a task: {error}") from error


def _written(request: Request) -> list[Json]:
    said: list[Any] = [request.tool, request.contract, request.arguments]
    return [*said, [list(place) for place in request.earlier]] if request.earlier else said


def _read(
    tool: str, contract: str, arguments: dict[str, Json], earlier: Sequence[Sequence[str | int]] = ()
) -> Request:
    return Request(tool, contract, arguments, tuple([tuple(place) for place in earlier]))
