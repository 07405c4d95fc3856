import pytest

from awe.api.bootstrap.weak_intents import IntentsTooWeak, require_durable_intents
from awe.api.settings import Settings
from awe.domain.contracts import Effect, Idempotency, ToolContract


def _tool(name: str, effect: Effect, idempotency: Idempotency = Idempotency.NONE) -> ToolContract:
    return ToolContract(
        name=name, version="1", input_schema={}, output_schema={}, effect=effect, idempotency=idempotency
    )


READ = _tool("read", Effect.READ)
KEYED = _tool("keyed", Effect.WRITE, Idempotency.KEY)
ONCE = _tool("pay", Effect.WRITE)
ERASE = _tool("erase", Effect.DESTRUCTIVE)


@pytest.mark.parametrize(
    ("durability", "cluster"), [("always", False), ("archived", False), ("archived", True)]
)
def test_i20_what_keeps_intents_admits_every_tool(durability: str, *, cluster: bool) -> None:
    settings = Settings.model_validate({"durability": durability})
    require_durable_intents((READ, KEYED, ONCE, ERASE), settings, cluster=cluster)


@pytest.mark.parametrize(
    ("durability", "cluster", "where"),
    [("everysec", False, "at durability everysec"), ("always", True, "in a cluster")],
)
def test_i20_what_may_lose_intents_refuses_writes_that_must_not_be_repeated(
    durability: str, *, cluster: bool, where: str
) -> None:
    settings = Settings.model_validate({"durability": durability})
    require_durable_intents((READ, KEYED), settings, cluster=cluster)
    with pytest.raises(IntentsTooWeak, match=f"erase, pay: .*{where}.*AWE_WEAK_INTENTS"):
        require_durable_intents((READ, ONCE, ERASE), settings, cluster=cluster)


def test_i20_a_tool_that_is_named_is_admitted_and_no_other() -> None:
    settings = Settings.model_validate({"durability": "everysec", "weak_intents": ["pay"]})
    require_durable_intents((ONCE,), settings, cluster=False)
    with pytest.raises(IntentsTooWeak, match=r"^erase: "):
        require_durable_intents((ONCE, ERASE), settings, cluster=False)
