"""The schema with what stands before it. `schema.graphql` beside it is what clients were promised."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import strawberry
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from awe.api.graphql.guard import Guard
from awe.api.graphql.limits import Limits
from awe.api.graphql.masking import Coded
from awe.api.graphql.mutations import Mutation
from awe.api.graphql.queries import Query
from awe.api.graphql.scalars import SCALARS
from awe.api.graphql.subscriptions import Subscription
from awe.api.graphql.types.results import UserError

COMMITTED: Final = Path(__file__).with_name("schema.graphql")


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[Any], execution_context: ExecutionContext | None = None) -> None:
        """Errors are logged where they get their codes, and a client's mistakes nowhere."""


def schema(limits: Limits | None = None, *, introspection: bool = False) -> strawberry.Schema:
    """Build the schema; its extensions hold back what is too large, and give every error its code."""
    extensions: list[Any] = [Coded, partial(Guard, limits or Limits())]
    if not introspection:
        extensions.append(_hidden)
    return _built(extensions)


def printed() -> str:
    """The schema as text, in the order of names."""
    # Only for printing: a sorted schema no longer knows the values of its enums.
    return f"{_built([], in_order=True).as_str().strip()}\n"


def _built(extensions: list[Any], *, in_order: bool = False) -> strawberry.Schema:
    return _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[UserError],
        extensions=extensions,
        config=StrawberryConfig(
            sort_schema=in_order,
            scalar_map=SCALARS,
            disable_field_suggestions=True,
        ),
    )


def _hidden() -> SchemaExtension:
    return DisableIntrospection()
