"""Who answers for a host name, and which version: the edge's decisions, without workerd."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chittylocal.cloudflare.edge import overrides, visible
from chittylocal.cloudflare.hosts import matches
from chittylocal.cloudflare.model import Deployment, Script
from chittylocal.cloudflare.multipart import parse


@pytest.mark.parametrize(
    "pattern, host, path, covered",
    [
        ("api.example.com/*", "api.example.com", "/", True),
        ("api.example.com/*", "www.example.com", "/", False),
        ("*.example.com/*", "a.b.example.com", "/x", True),
        ("*.example.com/*", "example.com", "/x", False),
        ("*example.com/*", "example.com", "/x", True),
        ("example.com/shop*", "example.com", "/shopping/cart", True),
        ("example.com/shop*", "example.com", "/", False),
        ("example.com", "example.com", "/", True),
        ("example.com", "example.com", "/x", False),
        ("https://example.com/*", "example.com", "/x", True),
        ("example.com/a.c", "example.com", "/abc", False),
    ],
)
def test_a_route_pattern_covers_what_cloudflare_says(pattern: str, host: str, path: str, covered: bool) -> None:
    """Stars stand for any text, also none; everything else is literal."""
    assert matches(pattern, host, path) is covered


@pytest.mark.parametrize(
    "host, status, error",
    [
        ("nobody.chittylocal.workers.dev", 404, 1042),
        ("off.chittylocal.workers.dev", 404, 1042),
        ("stranger.other.workers.dev", 404, 1042),
        ("www.example.com", 530, 1016),
    ],
)
def test_a_host_that_nobody_serves_gets_cloudflare_s_error(api: Any, host: str, status: int, error: int) -> None:
    """An unknown Worker, one with workers.dev switched off, and an unknown domain are told apart from a fault."""
    api.upload("off", deploy=True)

    reply = api.visit(host)

    assert (reply.status, reply.body) == (status, f"error code: {error}")


def script_with(*ages: float) -> Script:
    script = Script("hello", "t", "")
    for number, age in enumerate(ages):
        script.deployments.append(Deployment(str(number), "", time.time() - age, "api", [], delay=1000))
    return script


def test_the_edge_learns_of_a_deployment_after_its_delay() -> None:
    """While the newest deployment is on its way, the one before answers; before the first, nobody does."""
    script = script_with(60, 1)

    shown = [visible(script, delay) for delay in (0, 5, 100)]
    script.deployments[0].delay = 0

    assert [deployment.id if deployment else None for deployment in shown] == ["1", "0", None]
    assert visible(script, 100) is script.deployments[0]


def test_a_mixed_edge_answers_from_both_sides() -> None:
    """During a mixed delay some requests meet the new deployment and some the old one."""
    script = script_with(60, 5)

    met = {deployment.id for _ in range(200) if (deployment := visible(script, 10, mixed=True))}

    assert met == {"0", "1"}


def test_the_override_header_names_versions_by_script() -> None:
    """It is a dictionary as RFC 8941 has it, with a version id for each Worker."""
    assert overrides('hello="1-2", other-worker="3"') == {"hello": "1-2", "other-worker": "3"}
    assert overrides("nonsense") == {}


def test_a_form_arrives_byte_for_byte() -> None:
    """Line ends, zero bytes and dashes in a module survive, and an escaped name is read as it was meant."""
    data = bytes(range(256)) + b"\r\n--other\r\n\r\n-\n"
    body = (
        b'--b\r\nContent-Disposition: form-data; name="a%22b"; filename="x"\r\nContent-Type: application/wasm\r\n\r\n'
    )

    parts = parse(body + data + b"\r\n--b--\r\n", 'multipart/form-data; boundary="b"')

    assert [(part.name, part.type, part.data) for part in parts] == [('a"b', "application/wasm", data)]
