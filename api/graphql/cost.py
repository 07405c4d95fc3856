"""What a document asks for, before anything of it is done: how deep, with how many aliases, at what cost.

Each fragment is measured once, so spreading fragments in fragments costs nothing here and is counted in full all the same.
Cost is static: a field costs 1; what is asked of each item of a list costs that times the items there may be.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

FIRST: Final = "first"
LIST_ITEMS: Final = 10
"""Items that a list is taken to have when it cannot be asked for fewer."""

_ENOUGH: Final = 10**12
"""Beyond every limit; no need to count further."""


class Measure(NamedTuple):
    depth: int = 0
    aliases: int = 0
    cost: int = 0


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
) -> Measure:
    """Measure one operation. What the schema does not have costs 1; that it is wrong is found elsewhere."""
    root = schema.get_root_type(operation.operation)
    return _Walk(document, operation, variables or {}).selections(operation.selection_set, root, paged=False)


class _Walk:
    def __init__(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._defaults = {
            each.variable.name.value: each.default_value for each in operation.variable_definitions or ()
        }
        self._variables = variables
        self._known: dict[tuple[str, str, bool], Measure | None] = {}

    def selections(self, selected: SelectionSetNode | None, parent: Any, *, paged: bool) -> Measure:
        depth = aliases = cost = 0
        for each in () if selected is None else selected.selections:
            match each:
                case FieldNode():
                    found = self._field(each, parent, paged=paged)
                case FragmentSpreadNode():
                    found = self._fragment(each.name.value, parent, paged=paged)
                case InlineFragmentNode():
                    found = self.selections(each.selection_set, parent, paged=paged)
                case _:
                    continue
            depth = max(depth, found.depth)
            aliases = min(aliases + found.aliases, _ENOUGH)
            cost = min(cost + found.cost, _ENOUGH)
        return Measure(depth, aliases, cost)

    def _field(self, node: FieldNode, parent: Any, *, paged: bool) -> Measure:
        name = node.name.value
        aliased = int(node.alias is not None)
        if name.startswith("__"):
            return Measure(0, aliased, 1)  # introspection is on or off, and bounded by the schema's own size
        field = (
            parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        if field is None:
            below = self.selections(node.selection_set, None, paged=False)
            return Measure(below.depth + 1, below.aliases + aliased, below.cost + 1)
        first = self._first(node, field)
        items = first if first is not None else LIST_ITEMS if _lists(field.type) and not paged else 1
        below = self.selections(
            node.selection_set,
            get_named_type(field.type),
            paged=first is not None,
        )
        return Measure(below.depth + 1, below.aliases + aliased, min(1 + items * below.cost, _ENOUGH))

    def _fragment(self, name: str, parent: Any, *, paged: bool) -> Measure:
        key = (name, getattr(parent, "name", ""), paged)
        if key not in self._known:
            self._known[key] = None  # a fragment in itself is found out elsewhere
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[key] = self.selections(fragment.selection_set, parent, paged=paged)
        return self._known[key] or Measure()

    def _first(self, node: FieldNode, field: Any) -> int | None:
        """How many items are asked for; None where that is not the question."""
        argument = field.args.get(FIRST)
        if argument is None:
            return None
        default = argument.default_value if isinstance(argument.default_value, int) else LIST_ITEMS
        for each in node.arguments or ():
            if each.name.value == FIRST:
                return max(self._value(each.value, default), 1)
        return default

    def _value(self, node: object, default: int) -> int:
        if isinstance(node, IntValueNode):
            return _whole(node.value, default)
        if isinstance(node, VariableNode):
            name = node.name.value
            if name in self._variables:
                return _whole(self._variables[name], default)
            return self._value(self._defaults.get(name), default)
        return default


def _whole(value: object, default: int) -> int:
    """As much as was asked for, so that asking for too much costs too much."""
    if isinstance(value, str):
        return int(value) if len(value) < len(str(_ENOUGH)) and value.isdecimal() else default
    return min(value, _ENOUGH) if isinstance(value, int) else default


def _lists(type_: Any) -> bool:
    inner = cast("Any", type_).of_type if isinstance(type_, GraphQLNonNull) else type_
    return isinstance(inner, GraphQLList)


def operations(document: DocumentNode) -> Sequence[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
