"""Which Worker a host name (and path) leads to, and how: workers.dev, preview, custom domain or route."""

from __future__ import annotations

import re
from typing import NamedTuple

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.model import Script, Version


class Target(NamedTuple):
    """The Worker that a request is for. `version` is set on preview hosts: no traffic split there."""

    script: Script
    version: Version | None = None


class Nobody(NamedTuple):
    """No Worker answers: the status and Cloudflare's own error number."""

    status: int
    error: int


def find(account: Account, host: str, path: str) -> Target | Nobody:
    """Who answers for `host` (without port) and `path`."""
    host = host.lower().rstrip(".")
    scripts = account.store.scripts
    if host.endswith("." + account.domain):
        return _workers_dev(account, host.removesuffix("." + account.domain))
    pattern = _best_route(account, host, path)
    if pattern is not None:
        script = scripts.get(account.store.account["routes"][pattern]["script"] or "")
        return Target(script) if script else Nobody(530, 1016)
    for domain in account.store.account["domains"].values():
        if domain["hostname"] == host and domain["service"] in scripts and domain.get("enabled", True):
            return Target(scripts[domain["service"]])
    return Nobody(404, 1042) if host.endswith(".workers.dev") else Nobody(530, 1016)


def _workers_dev(account: Account, label: str) -> Target | Nobody:
    script = account.store.scripts.get(label)
    if script:
        return Target(script) if script.workers_dev else Nobody(404, 1042)
    # A preview is "<8 digits of the version or alias>-<script>"; both parts may have dashes.
    for cut in (place for place, sign in enumerate(label) if sign == "-"):
        prefix, script = label[:cut], account.store.scripts.get(label[cut + 1 :])
        if script and script.previews:
            version = _previewed(script, prefix)
            if version and version.has_preview:
                return Target(script, version)
    return Nobody(404, 1042)


def _previewed(script: Script, prefix: str) -> Version | None:
    if prefix in script.aliases:
        return script.version(script.aliases[prefix])
    if re.fullmatch("[0-9a-f]{8}", prefix):
        return next((version for version in script.versions if version.id.startswith(prefix)), None)
    return None


def _best_route(account: Account, host: str, path: str) -> str | None:
    # The most specific pattern wins; by Cloudflare's description that is the longest one.
    # https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior
    matching = [
        (len(route["pattern"]), id_)
        for id_, route in account.store.account["routes"].items() if matches(route["pattern"], host, path)
    ]  # fmt: skip
    return max(matching)[1] if matching else None


def matches(pattern: str, host: str, path: str) -> bool:
    """Whether a route pattern such as `*.example.com/api/*` covers a request."""
    pattern = re.sub("^https?://", "", pattern)
    name, slash, rest = pattern.partition("/")
    regex = "".join(".*" if sign == "*" else re.escape(sign) for sign in name.lower())
    if not re.fullmatch(regex, host):
        return False
    regex = "".join(".*" if sign == "*" else re.escape(sign) for sign in slash + rest)
    return re.fullmatch(regex or "/", path) is not None
