"""Before a write that must not be repeated, its intent must outlive what may fail (I20).

One server that syncs before it answers keeps it, and so does the archive. Where the log may lose acknowledged appends,
a worker with such a tool does not start, unless the installation names the tool and so accepts that its effect may
happen twice.
"""

from collections.abc import Iterable

from awe.api.settings import Settings
from awe.domain.contracts import ToolContract


class IntentsTooWeak(Exception):  # noqa: N818 (named for the fact)
    """Some tools need more than the log promises here; the message names them and says what to do."""


def require_durable_intents(contracts: Iterable[ToolContract], settings: Settings, *, cluster: bool) -> None:
    """Refuse tools whose intents may be lost; raises `IntentsTooWeak`."""
    if settings.durability == "archived" or (settings.durability == "always" and not cluster):
        return
    needy = {contract.name for contract in contracts if not contract.repeatable}
    refused = sorted(needy.difference(settings.weak_intents))
    if refused:
        where = (
            "in a cluster"
            if cluster and settings.durability == "always"
            else f"at durability {settings.durability}"
        )
        raise IntentsTooWeak(
            f"{', '.join(refused)}: such a write must not be repeated, and {where} its intent may be lost. Set "
            "AWE_DURABILITY=archived, give the tool an idempotency key, or name it in AWE_WEAK_INTENTS to accept that."
        )
