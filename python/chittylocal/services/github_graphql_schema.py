"""GitHub's published schema, read once a process and when it is first needed, and how a query is executed by it.

Whoever answers is a plain object: a field `nameWithOwner` is its attribute or method `name_with_owner`. What the
backend does not know is an error and never null, which would read as GitHub's own answer.
"""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chittylocal.cloudflare.tools import ROOT
from chittylocal.services.github_graphql_cost import Cost, cost_of

if TYPE_CHECKING:
    from graphql import DocumentNode, GraphQLError, GraphQLResolveInfo, GraphQLSchema

SCHEMA = ROOT / ".tools/graphql/node_modules/@octokit/graphql-schema/schema.graphql"
PAGE = frozenset({"first", "after", "last", "before"})
"""What the `**page` of a connection's method takes."""
_BUILDING = threading.Lock()


class SchemaMissing(Exception):
    """GitHub's schema, or the library that reads it, is not installed."""


class Unanswered(Exception):
    """A field that is null with an error, of GitHub's type and in its words."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Plan:
    """A query that was read; `errors` are those of its form, as they are answered."""

    document: DocumentNode | None
    errors: list[dict[str, Any]] = field(default_factory=list)


def schema() -> GraphQLSchema:
    """The schema. Raises SchemaMissing with what to do."""
    with _BUILDING:
        return _build()


@lru_cache(1)
def _build() -> GraphQLSchema:
    try:
        from graphql import build_ast_schema, parse

        text = SCHEMA.read_text("utf-8")
    except (ImportError, OSError) as error:
        raise SchemaMissing(
            f"chittylocal has no GraphQL here: {error}. GitHub's schema and graphql-core come with `make setup` in a "
            "checkout of ChittyOps; run the backend from there."
        ) from None
    # The published text has fields twice, which a strict reading refuses.
    return build_ast_schema(parse(text, no_location=True), assume_valid=True, assume_valid_sdl=True)


@lru_cache(64)
def plan(text: str) -> Plan:
    """Read a query and hold it to the schema."""
    known = schema()
    from graphql import GraphQLSyntaxError, parse, validate

    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return Plan(None, [shown(error)])
    return Plan(document, [shown(error) for error in validate(known, document)])


def cost(plan: Plan, variables: dict[str, Any], operation: str | None) -> Cost:
    """What a query costs."""
    assert plan.document
    return cost_of(schema(), plan.document, variables, operation)


def execute(plan: Plan, root: Any, variables: dict[str, Any], operation: str | None) -> dict[str, Any]:
    """The answer to a query: `data`, and `errors` where there are any."""
    from graphql import execute_sync

    assert plan.document
    found = execute_sync(
        schema(), plan.document, root,
        variable_values=variables, operation_name=operation, field_resolver=_resolve, type_resolver=_type_of,
    )  # fmt: skip
    answer: dict[str, Any] = {"data": found.data}
    if found.errors:
        for error in found.errors:
            if error.original_error and not isinstance(error.original_error, Unanswered):
                raise RuntimeError(f"no answer at {error.path}") from error.original_error
        answer["errors"] = [shown(error) for error in found.errors]
    return answer


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as GitHub writes it."""
    cause = error.original_error
    kind = {"type": cause.kind} if isinstance(cause, Unanswered) else {}
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    path = {"path": list(error.path)} if error.path else {}
    return {**kind, **path, "locations": places, "message": error.message}


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    name = _snake(info.field_name)
    if not hasattr(source, name):
        said = f"chittylocal does not know {info.parent_type.name}.{info.field_name}"
        raise Unanswered("NOT_IMPLEMENTED", f"{said}: ask for what it knows, or teach it.")
    member = getattr(source, name)
    if not callable(member):
        return member
    known = _parameters(member.__func__)
    written = {argument.name.value for argument in info.field_nodes[0].arguments or ()}
    unknown = sorted(argument for argument in written if _snake(argument) not in known)
    if unknown:
        said = f"{info.parent_type.name}.{info.field_name}({', '.join(unknown)}: …)"
        raise Unanswered("NOT_IMPLEMENTED", f"chittylocal does not know {said}.")
    given = {_snake(argument): value for argument, value in arguments.items()}
    return member(**{argument: value for argument, value in given.items() if argument in known})


def _type_of(value: Any, *_rest: Any) -> str:
    return str(value.typename)


@lru_cache(1024)
def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    parameters = inspect.signature(function).parameters
    is_paged = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return frozenset(parameters) | (PAGE if is_paged else frozenset())


@lru_cache(1024)
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
