"""The address of ChittyConnect: what is wrong with one, and how it is shown. A value is never quoted: it may hold
a password, or a key that was pasted into the wrong input.
"""

from __future__ import annotations

from urllib.parse import urlsplit

LIKE = "expected an address like https://connect.chitty.cc"


def trouble(url: str) -> str:
    """Why `url` is no base address, in words that hold nothing of it; "" when it is one."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and (parts.port or 1) > 0
    except ValueError:
        return f"cannot be read as a URL: {LIKE}"
    if "@" in url:
        return "holds a user or a password, which is not sent: give the address alone, and a key by `api_key`"
    if not url.isprintable() or " " in url:
        return f"has a space, a line break or a control character in it: {LIKE}"
    if not usable or not parts.hostname:
        return f"does not begin with https:// and a host: {LIKE}"
    if "?" in url or "#" in url:
        return f"has a query or a fragment, and paths are added to it: {LIKE}"
    return ""


def shown(url: str) -> str:
    """The address without user and password."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + mark + host.rpartition("@")[2] + slash + path


def in_the_clear(url: str) -> bool:
    """Whether credentials would travel unencrypted to another machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not _loopback(parts.hostname or "")


def _loopback(host: str) -> bool:
    import socket  # loaded in any case before the first request

    if host in ("localhost", "::1"):
        return True
    try:
        socket.inet_pton(socket.AF_INET, host)  # four numbers and nothing else, unlike inet_aton
    except (OSError, ValueError):
        return False
    return host.startswith("127.")
