"""The tools that this process has: found once, by the digest of their contract."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points as installed_entry_points
from pathlib import Path
from typing import Any, Final, Self

from awe.adapters.tools.definition import Definition, definition_of
from awe.adapters.tools.errors import ToolLoadError
from awe.adapters.tools.loading import Source, load
from awe.domain.contracts import ToolContract
from awe.domain.plan.lint.catalogue import Catalogue

ENTRY_POINTS: Final = "awe.tools"
_QUEUE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Registered:
    """A tool, and where another process finds it."""

    definition: Definition
    source: Source


class Registry:
    def __init__(self, tools: Iterable[Registered] = ()) -> None:
        """Raises `ToolLoadError` when two tools have the same name and version."""
        self.tools: Mapping[str, Registered] = _by_digest(tools)

    @classmethod
    def load(
        cls, modules: Sequence[str] = (), files: Sequence[Path] = (), *, entry_points: bool = False
    ) -> Self:
        """The tools of dotted modules, of files, and of installed packages that name modules under `awe.tools`.

        Raises:
            ToolLoadError: one of them cannot be imported or has no tool, or two tools are called the same.
        """
        sources = [Source("module", name) for name in modules]
        sources += map(Source.file, files)
        if entry_points:
            sources += [Source("module", each.module) for each in installed_entry_points(group=ENTRY_POINTS)]
        return cls(
            Registered(definition, source) for source in dict.fromkeys(sources) for definition in load(source)
        )

    @classmethod
    def of(cls, tools: Iterable[Callable[..., Any]]) -> Self:
        """The registry of these decorated functions; the heavy ones are found by the name of their module."""
        registered: list[Registered] = []
        for function in tools:
            definition = definition_of(function)
            if definition is None:
                raise ToolLoadError(f"{function!r} is no tool; decorate it with @tool")
            registered.append(Registered(definition, Source("module", definition.function.__module__)))
        return cls(registered)

    def merged(self, other: "Registry") -> "Registry":
        """The tools of both; raises `ToolLoadError` when two are called the same."""
        return Registry((*self.tools.values(), *other.tools.values()))

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue.of(each.definition.contract for each in self.tools.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What the authors of the tools should know."""
        return tuple(note for each in self.tools.values() for note in each.definition.notes)

    def contract(self, digest: str) -> ToolContract | None:
        registered = self.tools.get(digest)
        return None if registered is None else registered.definition.contract


def queue_of(contracts: Iterable[ToolContract]) -> str:
    """The task queue that only workers with exactly these tools serve."""
    digests = "\n".join(sorted({contract.digest for contract in contracts}))
    return f"tools-{hashlib.sha256(digests.encode()).hexdigest()[:_QUEUE_DIGITS]}"


def _by_digest(tools: Iterable[Registered]) -> dict[str, Registered]:
    """A tool imported into several modules is one tool."""
    by_label: dict[str, Registered] = {}
    for each in tools:
        known = by_label.setdefault(each.definition.label, each)
        if known.definition is not each.definition:
            raise ToolLoadError(
                f"two tools are called {each.definition.label}: at {known.definition.place} and at "
                f"{each.definition.place}; rename one or give it another version"
            )
    return {each.definition.contract.digest: each for each in by_label.values()}
