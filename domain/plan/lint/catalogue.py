"""The tools that a plan may use: the contracts that the linter is handed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from pydantic import TypeAdapter, ValidationError

from awe.domain.contracts import ToolContract
from awe.domain.plan import pointer
from awe.domain.plan.lint.document import UnreadableError, read_json
from awe.domain.plan.lint.limits import LIMITS

_CONTRACTS: Final = TypeAdapter(list[ToolContract])


class CatalogueError(ValueError):
    """The text is no list of contracts; the message says where and why."""


@dataclass(frozen=True)
class Catalogue:
    """The contracts by tool name, each tool's from the oldest version to the newest."""

    tools: Mapping[str, tuple[ToolContract, ...]]

    @classmethod
    def of(cls, contracts: Iterable[ToolContract]) -> Self:
        """The catalogue of these contracts; of two with the same name and version the later one counts."""
        tools: dict[str, dict[str, ToolContract]] = {}
        for contract in contracts:
            tools.setdefault(contract.name, {})[contract.version] = contract
        return cls(
            {name: tuple(sorted(versions.values(), key=_age)) for name, versions in sorted(tools.items())}
        )

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The catalogue in a JSON array of contracts; raises `CatalogueError`."""
        try:
            return cls.of(_CONTRACTS.validate_python(read_json(data, LIMITS)))
        except UnreadableError as error:
            raise CatalogueError(
                f"the contracts cannot be read: {error.message} (at {error.path or '/'})"
            ) from error
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            raise CatalogueError(
                f"not a list of contracts: {fault['msg']} (at {pointer.join(*fault['loc'])})"
            ) from error

    def find(self, tool: str, version: str | None) -> ToolContract | None:
        """The contract of that version; without a version the newest that is not deprecated, else the newest."""
        versions = self.tools.get(tool, ())
        if version is not None:
            return next((contract for contract in versions if contract.version == version), None)
        return max(versions, key=lambda contract: (not contract.deprecated, _age(contract)), default=None)


def _age(contract: ToolContract) -> tuple[tuple[int, str], ...]:
    """Versions in natural order: `1.9` before `1.10`."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part)
        for part in re.findall(r"\d+|[^\d.]+", contract.version)
    )
