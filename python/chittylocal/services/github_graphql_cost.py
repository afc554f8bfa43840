"""What a query costs, as GitHub counts: a request for each time that a connection is asked, a hundred of them a point.

Nodes are what the connections would hold if all were full.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql import DocumentNode, FieldNode, GraphQLNamedType, GraphQLSchema, SelectionSetNode

LONGEST_PAGE = 100


@dataclass
class Cost:
    """Requests for connections, nodes, repositories that are asked for by name, and what GitHub would not take."""

    requests: int = 0
    nodes: int = 0
    repositories: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def points(self) -> int:
        """What is taken from the hour's points."""
        return max(1, (self.requests + 50) // 100)


def cost_of(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any], operation: str | None) -> Cost:
    """Count one operation of a valid query."""
    from graphql import OperationDefinitionNode

    counted = _Count(schema, document, variables)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        if operation is None or (definition.name and definition.name.value == operation):
            root = schema.get_root_type(definition.operation)
            counted.defaults(definition)
            assert root
            counted.selections(definition.selection_set, root, 1, ())
    return counted.cost


class _Count:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> None:
        from graphql import FragmentDefinitionNode

        self.cost = Cost()
        self._schema = schema
        self._variables = dict(variables)
        fragments = (item for item in document.definitions if isinstance(item, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}

    def defaults(self, operation: Any) -> None:
        """Take the values of variables that were not given."""
        from graphql import value_from_ast_untyped

        for variable in operation.variable_definitions or ():
            if variable.default_value is not None:
                self._variables.setdefault(variable.variable.name.value, value_from_ast_untyped(variable.default_value))

    def selections(self, found: SelectionSetNode, parent: GraphQLNamedType, times: int, path: tuple[str, ...]) -> None:
        """Count what is asked of something that there is `times` times."""
        from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode

        for item in found.selections:
            if isinstance(item, FieldNode):
                self._field(item, parent, times, path)
            elif isinstance(item, FragmentSpreadNode):
                fragment = self._fragments[item.name.value]
                within = self._schema.type_map[fragment.type_condition.name.value]
                self.selections(fragment.selection_set, within, times, path)
            elif isinstance(item, InlineFragmentNode):
                condition = item.type_condition
                within = self._schema.type_map[condition.name.value] if condition else parent
                self.selections(item.selection_set, within, times, path)

    def _field(self, item: FieldNode, parent: GraphQLNamedType, times: int, path: tuple[str, ...]) -> None:
        from graphql import get_named_type

        name = item.name.value
        path = (*path, (item.alias or item.name).value)
        definition = getattr(parent, "fields", {}).get(name)
        if definition is None or item.selection_set is None:
            return
        self.cost.repositories += parent.name == "Query" and name == "repository"
        kind = get_named_type(definition.type)
        if kind.name.endswith("Connection") and "first" in definition.args:
            size = self._size(item, path, name)
            self.cost.requests += times
            self.cost.nodes += times * size
            times *= size
        self.selections(item.selection_set, kind, times, path)

    def _size(self, item: FieldNode, path: tuple[str, ...], name: str) -> int:
        from graphql import value_from_ast_untyped

        given = {argument.name.value: argument.value for argument in item.arguments or ()}
        sizes = [value_from_ast_untyped(given[side], self._variables) for side in ("first", "last") if side in given]
        size = next((value for value in sizes if isinstance(value, int)), None)
        if size is None:
            said = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            self._refuse("MISSING_PAGINATION_BOUNDARIES", said, path)
        elif not 0 <= size <= LONGEST_PAGE:
            said = f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of 100 records."
            self._refuse("EXCESSIVE_PAGINATION", said, path)
        return size or 0

    def _refuse(self, kind: str, message: str, path: tuple[str, ...]) -> None:
        self.cost.problems.append({"type": kind, "path": list(path), "message": message})
