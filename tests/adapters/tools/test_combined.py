import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.tools.combined import CombinedTools
from awe.adapters.tools.decorator import tool
from awe.adapters.tools.registry import Registry
from awe.adapters.tools.runner import LocalTools
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.tools import Call, Failure, Success
from awe.domain.contracts import ToolContract
from awe.domain.failures import FailureClass
from awe.domain.plan.lint.catalogue import Catalogue
from support.workbench import OPERATION, SCHEMAS, Workbench


@tool(name="one", effect="read")
async def one() -> int:
    return 1


@tool(name="two", effect="read")
async def two() -> int:
    return 2


@tool(name="one", effect="read")
async def other_one() -> str:
    return "1"


class Changing:
    """Tools that come and go, as those of a server elsewhere do."""

    def __init__(self) -> None:
        self.catalogue = Catalogue({})

    def contract(self, digest: str) -> ToolContract | None:
        found = (contract for versions in self.catalogue.tools.values() for contract in versions)
        return next((contract for contract in found if contract.digest == digest), None)

    async def call(self, call: Call) -> Success | Failure:
        return Success(f"called {call.contract.name}")


@pytest.fixture
def local(workbench: Workbench) -> LocalTools:
    return workbench.serving(Registry.of([one]))


def contract_of(function: object) -> ToolContract:
    (registered,) = Registry.of([function]).tools.values()  # type: ignore[list-item]  # a tool
    return registered.definition.contract


async def test_each_call_goes_to_the_part_that_has_the_tool(local: LocalTools) -> None:
    changing = Changing()
    tools = CombinedTools([local, changing])
    contract = contract_of(two)
    assert tools.contract(contract.digest) is None
    done = await tools.call(Call(OPERATION, contract, {}, 1, 1.0))
    assert isinstance(done, Failure)
    assert (done.failure, done.sent) == (FailureClass.INTERNAL, False)
    changing.catalogue = Catalogue.of([contract])
    assert tools.contract(contract.digest) == contract
    assert await tools.call(Call(OPERATION, contract, {}, 1, 1.0)) == Success("called two")
    assert await tools.call(Call(OPERATION, contract_of(one), {}, 1, 1.0)) == Success(1)


async def test_the_catalogue_is_of_all_parts_as_they_are_now(local: LocalTools) -> None:
    changing = Changing()
    tools = CombinedTools([local, changing])
    assert list(tools.catalogue.tools) == ["one"]
    assert tools.catalogue is tools.catalogue
    changing.catalogue = Catalogue.of([contract_of(two), contract_of(one)])
    assert list(tools.catalogue.tools) == ["one", "two"]
    changing.catalogue = Catalogue.of([contract_of(other_one)])
    with pytest.raises(ValueError, match="two different tools are called one@1"):
        _ = tools.catalogue


async def test_of_two_with_one_contract_the_first_is_called(local: LocalTools, workbench: Workbench) -> None:
    changing = Changing()
    changing.catalogue = Catalogue.of([contract_of(one)])
    call = Call(OPERATION, contract_of(one), {}, 1, 1.0)
    assert await CombinedTools([changing, local]).call(call) == Success("called one")
    again = LocalTools(Registry.of([one]), SCHEMAS, MemoryBlobs(), Workspaces(workbench.workspaces.root))
    assert await CombinedTools([again, changing]).call(call) == Success(1)
    assert CombinedTools([]).contract(call.contract.digest) is None
