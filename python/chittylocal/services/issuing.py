"""Values that look like the real ones, so that masks and parsers are tried on what they will meet."""

from __future__ import annotations

import base64
import os
import secrets
import string
import textwrap
from typing import Any

from chittylocal.services.world import World

_LETTERS = string.ascii_letters + string.digits


def _text(length: int, alphabet: str = _LETTERS) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _pem() -> str:
    """A private key in form only: the right armour and length around random bytes."""
    body = "\n".join(textwrap.wrap(base64.b64encode(os.urandom(1190)).decode(), 64))
    kind = "RSA PRIVATE KEY"
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"


def made_up(name: str) -> str:
    """A random value in the form of the credential `name`."""
    if name == "CLOUDFLARE_API_TOKEN":
        return _text(40, _LETTERS + "-_")
    if name == "NPM_TOKEN":
        return f"npm_{_text(36)}"
    if name == "GITHUB_TOKEN":
        return f"ghs_{_text(36)}"
    if name == "GITHUB_APP_ID":
        return _text(7, string.digits)
    if name == "GITHUB_APP_PRIVATE_KEY":
        return _pem()
    if name == "NEON_DATABASE_URL":
        host = f"ep-{_text(8, string.ascii_lowercase)}-{_text(8, string.digits)}.us-east-2.aws.neon.tech"
        return f"postgresql://chittyos:npg_{_text(12)}@{host}/chittyos-core?sslmode=require"
    if name == "OPENAI_API_KEY":
        return f"sk-proj-{_text(48, _LETTERS + '-_')}"
    if name == "NOTION_TOKEN":
        return f"ntn_{_text(46)}"
    if name == "CHITTYCONNECT_API_KEY":
        return f"chitty_{_text(48)}"
    return f"{name.lower().partition('_')[0]}_{_text(40)}"


def issue(
    world: World, name: str, *, kind: str, way: str, service: str = "", token_id: str | None = None,
    ttl: float | None = None,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Issue the credential `name`: its value (the chosen one, or random) and its lease."""
    value = world.settings.issue_as.get(name) or made_up(name)
    lease = world.state.leases.add(value, name=name, kind=kind, way=way, service=service, token_id=token_id, ttl=ttl)
    return value, lease


def account_id(world: World) -> str:
    """The Cloudflare account as the services name it; no secret, and no lease."""
    return world.settings.issue_as.get("CLOUDFLARE_ACCOUNT_ID", world.state.account_id)
