"""Connections: a page of a list by keyset, and how to go on behind it."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import strawberry

from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.members import field
from awe.projections.projector import Row

MOST = 100
T = TypeVar("T")


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None = strawberry.field(description="Hand it over as `after` for the next page.")


@strawberry.type
class Edge(Generic[T]):
    node: T
    cursor: str


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo

    @field("The items without their cursors.")
    def nodes(self) -> list[T]:
        return [edge.node for edge in self.edges]


def checked_first(first: int) -> int:
    """How many items are wanted; raises `Refused`."""
    if not 1 <= first <= MOST:
        raise Refused(Code.INVALID_ARGUMENT, f"`first` is from 1 to {MOST}.")
    return first


def edges_of(
    rows: Sequence[Row], first: int, node: Callable[[Row], T], cursor: Callable[[Row], str]
) -> tuple[list[Any], PageInfo]:
    """The edges of a page that was read one row further than asked."""
    edges = [Edge(node=node(row), cursor=cursor(row)) for row in rows[:first]]
    return edges, PageInfo(has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None)
