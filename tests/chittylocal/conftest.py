"""A running backend, and an independent client (requests) for each of its services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from chittylocal import Local


@pytest.fixture
def local() -> Iterator[Local]:
    """A backend of its own for each test: it starts in a few milliseconds."""
    with Local() as running:
        yield running


@pytest.fixture
def today() -> Iterator[Local]:
    """A backend whose services are as they are today."""
    with Local(behaviour="today") as running:
        yield running


@pytest.fixture
def web() -> Iterator[requests.Session]:
    """A client that takes nothing from the environment of whoever runs the tests."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def ask(local: Local, web: requests.Session) -> Callable[..., requests.Response]:
    """Put a GraphQL query, with its variables, by the workflow's token."""
    url = local.urls()["GITHUB_GRAPHQL_URL"]

    def post(query: str, token: str = "", **variables: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or local.github_token}"}
        return web.post(url, json={"query": query, "variables": variables}, headers=headers)

    return post


@pytest.fixture
def audit() -> Callable[..., str]:
    """What an audit asks of repositories `owner/name` in one query, under r0, r1 …"""
    fragments = (Path(__file__).parent / "audit.graphql").read_text("utf-8")

    def query(*names: str) -> str:
        aliases = [
            'r{}: repository(owner: "{}", name: "{}") {{ ...Audited }}'.format(number, *name.split("/"))
            for number, name in enumerate(names)
        ]
        asked = ["viewer { login }", "rateLimit { limit cost remaining resetAt nodeCount }", *aliases]
        return "\n".join(["query Audit {", *asked, "}", fragments])

    return query
