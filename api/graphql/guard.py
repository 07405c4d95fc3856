"""Stands before every operation: refuses what is too large before anything of it is validated or done, and tells its cost."""

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType
from strawberry.extensions import SchemaExtension

from awe.api.graphql.codes import Code
from awe.api.graphql.context import Context
from awe.api.graphql.cost import Measure, measure, operations
from awe.api.graphql.limits import Limits
from awe.api.graphql.media_types import EVENTS


class Guard(SchemaExtension):
    """One for each operation."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cost: int | None = None

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = self._limits.tokens
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            types: GraphQLSchema = vars(context.schema)["_schema"]
            # All operations of a document are measured: those that are not meant are validated too.
            found = [measure(types, document, each, context.variables) for each in operations(document)]
            self._cost = max((each.cost for each in found), default=0)
            refused = [error for each in found for error in self._refused(each)]
            meant = self._meant(document)
            if len(meant) > 1:
                message = "The document has several operations: name one in `operationName`."
                refused.insert(0, GraphQLError(message, extensions={"code": Code.INVALID_QUERY.value}))
            if _subscribes(meant) and isinstance(context.context, Context) and not context.context.streams:
                message = f"Subscribe over a web socket, or accept {EVENTS}."
                refused.append(GraphQLError(message, extensions={"code": Code.NEEDS_A_STREAM.value}))
            if refused:
                context.pre_execution_errors = refused[:1]
        yield

    def get_results(self) -> dict[str, Any]:
        context = self.execution_context
        document = context.graphql_document
        if document is None or self._cost is None:
            return {}
        if _subscribes(self._meant(document)):
            return {}
        told: dict[str, Any] = {"cost": {"requested": self._cost, "limit": self._limits.cost}}
        asked = context.context
        notes = (
            [note for each in operations(document) for note in asked.noted(each)]
            if isinstance(asked, Context)
            else []
        )
        if notes:
            told["freshness"] = notes
        return told

    def _meant(self, document: DocumentNode) -> Sequence[OperationDefinitionNode]:
        """The operation that is named, or all of them: nothing is executed because it comes first."""
        # `operation_name` falls back to the first one's.
        named = vars(self.execution_context)["_provided_operation_name"]
        found = operations(document)
        if named is None:
            return found
        return [each for each in found if each.name is not None and each.name.value == named]

    def _refused(self, found: Measure) -> Iterator[GraphQLError]:
        limits = self._limits
        if found.depth > limits.depth:
            yield _error(
                Code.TOO_DEEP,
                f"The query is {found.depth} fields deep, and {limits.depth} are allowed.",
                limits.depth,
            )
        if found.aliases > limits.aliases:
            yield _error(
                Code.TOO_MANY_ALIASES,
                f"The query has more than {limits.aliases} aliases.",
                limits.aliases,
            )
        if found.cost > limits.cost:
            message = (
                f"The query costs {found.cost}, and {limits.cost} are allowed: ask for fewer items at once."
            )
            yield _error(Code.TOO_COSTLY, message, limits.cost)


def _subscribes(meant: Sequence[OperationDefinitionNode]) -> bool:
    return any(each.operation is OperationType.SUBSCRIPTION for each in meant)


def _error(code: Code, message: str, limit: int) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code.value, "limit": limit})
