from awe.domain.contracts import Effect, ToolContract
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.model import Plan
from awe.domain.plan.pins import pins


def _contract(version: str) -> ToolContract:
    return ToolContract(name="t", version=version, input_schema={}, output_schema={}, effect=Effect.READ)


def test_each_contract_that_a_plan_means_is_pinned_by_its_digest() -> None:
    old, new = _contract("1"), _contract("2")
    requests = [{"tool": "t"}, {"tool": "t", "version": "1"}, {"tool": "gone"}]
    plan = Plan.model_validate({"name": "p", "tasks": [{"id": "a", "tool_requests": requests}]})
    assert pins(plan, Catalogue.of((old, new))) == {"t": new.digest, "t@1": old.digest}
