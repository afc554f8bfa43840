"""GitHub's GraphQL API: queries are executed against the schema that GitHub publishes.

What is answered is in `github_graphql_nodes` and `github_graphql_objects`, what a query costs in `github_graphql_cost`,
how GitHub refuses in `github_limits`. The schema and its library are read at the first query.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from chittylocal.services import github_graphql_schema
from chittylocal.services.github_answers import DOCS, Refusal, token_of
from chittylocal.services.github_data import Data
from chittylocal.services.github_graphql_asked import Asked
from chittylocal.services.github_graphql_cost import Cost
from chittylocal.services.github_graphql_nodes import Query
from chittylocal.services.github_graphql_schema import Plan, SchemaMissing
from chittylocal.services.github_limits import graphql_refusal

MOST_NODES = 500_000


class GraphQL:
    """`POST /graphql` over `Data`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def query(self, request: web.Request) -> web.Response:
        """Answer one query."""
        await asyncio.sleep(self._data.limits.latency)
        try:
            self._judge(request)
            body = json.loads(await request.text())
            query = str(body["query"]), dict(body.get("variables") or {}), body.get("operationName")
            response = self._data.limits.meets_secondary()
            if response is None:
                response = await asyncio.to_thread(self._answer, *query, token_of(request))
        except Refusal as refusal:
            response = refusal.answer()
        except SchemaMissing as missing:
            error = {"type": "SCHEMA_MISSING", "message": str(missing)}
            response = web.json_response({"message": str(missing), "errors": [error]}, status=501)
        except (ValueError, KeyError, TypeError):
            response = Refusal(400, "Problems parsing JSON").answer()
        response.headers.update(self._data.budget.headers())
        return response

    def _judge(self, request: web.Request) -> None:
        token = token_of(request)
        issued = self._data.apps.token(token)
        if not token:
            raise Refusal(401, "This endpoint requires you to be authenticated.")
        if (issued and not issued.live) or (self._data.strict and not self._data.accounts.known(token)):
            raise Refusal(401, "Bad credentials")

    def _answer(self, text: str, variables: dict[str, Any], operation: str | None, token: str) -> web.Response:
        plan = github_graphql_schema.plan(text)
        if plan.errors:
            return web.json_response({"errors": plan.errors})
        cost = github_graphql_schema.cost(plan, variables, operation)
        if cost.problems or cost.nodes > MOST_NODES:
            return web.json_response({"errors": cost.problems or [_too_many(cost)]})
        too_large = self._data.limits.too_large(cost.repositories, cost.nodes)
        if too_large:
            return too_large
        if not self._data.budget.spend(cost.points):
            return graphql_refusal(self._data.budget)
        return self._execute(plan, variables, operation, Asked(self._data, token, cost))

    def _execute(self, plan: Plan, variables: dict[str, Any], operation: str | None, asked: Asked) -> web.Response:
        found = github_graphql_schema.execute(plan, Query(asked), variables, operation)
        return web.Response(body=json.dumps(found).encode(), content_type="application/json", charset="utf-8")


def routes(data: Data) -> list[web.RouteDef]:
    """`/github/graphql`."""
    return [web.post("/github/graphql", GraphQL(data).query)]


def _too_many(cost: Cost) -> dict[str, Any]:
    said = f"This query requests up to {cost.nodes:,} possible nodes which exceeds the maximum limit of {MOST_NODES:,}."
    return {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": said, "documentation_url": DOCS}
