"""Several kinds of tools as one: local ones, those of MCP servers, those of the engine itself."""

from collections.abc import Sequence

from awe.commands.tools import Call, Failure, Success, Tools
from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.plan.lint.catalogue import Catalogue


class CombinedTools:
    """The port's implementation over its parts; where two have the same contract, the first is called."""

    def __init__(self, parts: Sequence[Tools]) -> None:
        self._parts = tuple(parts)
        self._seen: tuple[Catalogue, ...] = ()
        self._catalogue = Catalogue({})

    @property
    def catalogue(self) -> Catalogue:
        """The contracts of all parts, made anew when one of theirs has changed.

        Raises:
            ValueError: two parts have different tools of the same name and version.
        """
        now = tuple(part.catalogue for part in self._parts)
        if len(now) != len(self._seen) or any(a is not b for a, b in zip(now, self._seen, strict=True)):
            self._catalogue, self._seen = _merged(now), now
        return self._catalogue

    def contract(self, digest: str) -> ToolContract | None:
        for part in self._parts:
            contract = part.contract(digest)
            if contract is not None:
                return contract
        return None

    async def call(self, call: Call) -> Success | Failure:
        for part in self._parts:
            if part.contract(call.contract.digest) is not None:
                return await part.call(call)
        return Failure(
            FailureClass.INTERNAL,
            f"tool {call.contract.name}@{call.contract.version} with that contract is not here; "
            "start a worker that has it",
            sent=False,
        )


def _merged(catalogues: Sequence[Catalogue]) -> Catalogue:
    contracts: dict[tuple[str, str], ToolContract] = {}
    for catalogue in catalogues:
        for versions in catalogue.tools.values():
            for contract in versions:
                known = contracts.setdefault((contract.name, contract.version), contract)
                if known.digest != contract.digest:
                    raise ValueError(
                        f"two different tools are called {contract.name}@{contract.version}; "
                        "rename one or give it another version"
                    )
    return Catalogue.of(contracts.values())
