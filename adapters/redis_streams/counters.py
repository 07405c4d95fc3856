"""The bounded counters of a run are a fold of the steps recorded on its entries, field by field as the script keeps them."""

from collections.abc import Iterable

from awe.commands.log import CounterStep, Limit, Reserve, Settle


def fold(steps: Iterable[CounterStep]) -> dict[str, int]:
    """Return the counter hash after all steps, in log order.

    ``l:`` limit, ``s:`` spent, ``r:`` reserved in all, ``h:<dimension>:<holder>`` one reservation.
    """
    fields: dict[str, int] = {}
    for step in steps:
        match step:
            case Limit(dimension, amount):
                fields[f"l:{dimension}"] = amount
            case Reserve(dimension, holder, amount):
                held = f"h:{dimension}:{holder}"
                fields[held] = fields.get(held, 0) + amount
                fields[f"r:{dimension}"] = fields.get(f"r:{dimension}", 0) + amount
            case Settle(dimension, holder, spent):
                reserved = fields.pop(f"h:{dimension}:{holder}", None)
                if reserved is not None:
                    fields[f"r:{dimension}"] -= reserved
                    fields[f"s:{dimension}"] = fields.get(f"s:{dimension}", 0) + spent
    return fields
