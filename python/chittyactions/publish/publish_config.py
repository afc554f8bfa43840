"""What a package may tell npm by `publishConfig`: npm takes any of its settings from there, the proxy included.

Tried on npm 11.5 and 12.2: `proxy` sent the token to a foreign address, so did `https-proxy` with `strict-ssl: false`,
and `@scope:registry` beat `--registry`. So what is not known to be harmless is refused, before there is a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from chittyactions.errors import ConfigError
from chittyactions.publish.version import is_dist_tag

ALLOWED = ("access", "tag", "registry", "provenance")
"""npm's settings that a package may bring."""

AT_PACKING = frozenset(
    ("bin", "directory", "executableFiles", "exports", "imports", "linkDirectory", "main", "module",
     "type", "types", "typesVersions", "typings", "unpkg")
)  # fmt: skip
"""What pnpm and yarn look at when they pack. No setting of npm's has such a name (a test asks npm)."""


def judge_publish_config(config: object, *, registry: str, scoped: bool = True) -> None:
    """Raise ConfigError with every entry that may not reach npm. `registry` is the one that the workflow names."""
    if config is None:
        return
    if not isinstance(config, Mapping):
        raise _refused(["publishConfig is no object"])
    problems = [_problem(str(key), value, registry) for key, value in config.items()]
    if config.get("access") == "restricted" and not scoped:
        problems.append("access is restricted, which only a scoped package (@owner/name) can be")
    if found := [problem for problem in problems if problem]:
        raise _refused(found)


def same_registry(one: str, other: str) -> bool:
    """Whether two addresses name one registry: the slash at the end and the case of the host mean nothing."""
    return _whole(one) == _whole(other)


def _whole(url: str) -> tuple[str, str, int | None, str, str]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", url, None, "", "")
    return (parts.scheme.lower(), (parts.netloc.rpartition("@")[0] + "@" + (parts.hostname or "")).lower(), port,
            parts.path.rstrip("/"), parts.query + parts.fragment)  # fmt: skip


def _problem(key: str, value: object, registry: str) -> str:
    """What is wrong with one entry, "" for nothing. Its value is not shown: it may be a token."""
    shown = key if len(key) <= 60 else key[:57] + "…"
    if key == "registry":
        if isinstance(value, str) and same_registry(value, registry):
            return ""
        return "registry names another registry than the workflow, and the token would go there"
    if key == "access":
        return "" if value in ("public", "restricted", None) else "access is neither public nor restricted"
    if key == "tag":
        return "" if isinstance(value, str) and is_dist_tag(value) else "tag is no name for a dist-tag"
    if key == "provenance":
        return "" if isinstance(value, bool) else "provenance is neither true nor false"
    if key in AT_PACKING:
        return ""
    return f"{shown} {_reason(key)}"


def _reason(key: str) -> str:
    if key in ("proxy", "https-proxy", "noproxy", "https_proxy", "http-proxy", "local-address"):
        return "would send the token by a way that the package chose"
    if key in ("strict-ssl", "ca", "cafile", "cert", "key", "certfile", "keyfile"):
        return "would change whom npm takes for the registry"
    if key.startswith("//"):
        return "sets what npm presents to a host"
    if key.endswith(":registry"):
        return "would send this scope's packages, with the token, to another registry"
    if "auth" in key.lower() or "token" in key.lower() or key in ("otp", "username", "password"):
        return "sets how npm signs in"
    return "is a setting of npm that a package may not bring, or unknown"


def _refused(problems: list[str]) -> ConfigError:
    return ConfigError(
        "The package's publishConfig is refused: " + "; ".join(problems) + ".",
        why="npm takes settings from the package that it publishes, while it holds the token.",
        fix=f"Keep {', '.join(ALLOWED)} at most; the registry is named by registry_url in the workflow.",
        docs="package-publish.md#publish-config",
    )
