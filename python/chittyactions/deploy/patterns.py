"""Patterns of routes: which host and path they cover, and which of two gets a visitor.

`*` stands at the start of a host and at the end of a path. The more specific pattern wins, its host first; a route wins
over a custom domain (https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior).
"""

from __future__ import annotations

import re


def host_of(pattern: str) -> str:
    """The host of a route's pattern: `https://*.Example.com/api/*` → `*.example.com`."""
    return split(pattern)[0]


def split(pattern: str) -> tuple[str, str]:
    """Host and path of a pattern without its scheme: `https://Example.com/api/*` → `example.com`, `/api/*`."""
    host, slash, path = re.sub(r"^[a-z]+://", "", pattern, flags=re.IGNORECASE).partition("/")
    return host.lower(), (slash + path) or "/"


def matches(pattern: str, host: str, path: str) -> bool:
    """Whether a request for `path` at `host` is one that the pattern covers."""
    hosts, paths = split(pattern)
    return _within(host.lower(), hosts) and _within(path, paths)


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern names one host and covers `path` there: `example.com/*` covers `/health`."""
    host = host_of(pattern)
    return "*" not in host and matches(pattern, host, path)


def same(one: str, other: str) -> bool:
    """Whether two patterns cover the same, whatever their schemes."""
    return split(one) == split(other)


def takes_from(ours: str, theirs: str) -> bool:
    """Whether a route `ours` gets visitors that `theirs` has now: it covers the same, or a part of it."""
    (our_host, our_path), (their_host, their_path) = split(ours), split(theirs)
    if our_host == their_host:
        return _within(our_path, their_path)  # else theirs is the more specific one, and keeps what it has
    return _within(our_host, their_host) and (_within(our_path, their_path) or _within(their_path, our_path))


def _within(text: str, pattern: str) -> bool:
    """Whether all that `text` stands for is covered by `pattern`: a star is covered by a star."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text) is not None
