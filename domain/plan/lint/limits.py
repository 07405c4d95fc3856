"""How large a plan may be. Every limit is checked before the work that it bounds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are bytes, lengths characters; `max_binding_bytes` is what one event may carry."""

    max_bytes: int = 8 * 1024 * 1024
    max_nesting: int = 64
    max_values: int = 1_000_000
    max_string: int = 262_144
    max_tasks: int = 5_000
    max_depth: int = 250
    max_width: int = 2_500
    max_items: int = 10_000
    max_expression: int = 1_000
    max_binding_bytes: int = 262_144
    max_findings: int = 1_000


LIMITS = Limits()
