"""Committed files as data: read whole but bounded, as plain files of the checkout, and never quoted in a message."""

from __future__ import annotations

import importlib
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chittyactions.errors import ConfigError

toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

LIMIT = 4 * 1024 * 1024
"""Bytes of a manifest; the longest that are known have a few hundred kilobytes."""


def text_of(path: Path, checkout: Path) -> str:
    """The text of a plain file of the checkout, without its byte order mark; links within the checkout are followed.

    Raises ConfigError with the file and the cause.
    """
    root = checkout.resolve()
    try:
        real = path.resolve(strict=True)
        if root not in real.parents:
            raise _unreadable(path, root, "It is a link to a place outside the repository")
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _unreadable(path, root, "It is not a plain file")
            data = stream.read(LIMIT + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise _unreadable(path, root, getattr(error, "strerror", "") or "It is a link that leads in a circle") from None
    if len(data) > LIMIT:
        raise _unreadable(path, root, f"It has more than {LIMIT // 1024 // 1024} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, root, f"Byte {error.start} is not UTF-8") from None


def json_of(path: Path, checkout: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises ConfigError."""
    return _parsed(path, checkout, json.loads, "an object")


def toml_of(path: Path, checkout: Path) -> dict[str, Any]:
    """The table in a TOML file. Raises ConfigError."""
    return _parsed(path, checkout, toml.loads, "a table")


def table(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table at `keys`, one inside the other; an empty one where there is none, or something else."""
    for key in keys:
        inner = data.get(key)
        data = inner if isinstance(inner, dict) else {}
    return data


def line(data: dict[str, Any], key: str) -> str:
    """The text at `key` on one line, at most 300 characters; "" where there is none, or something else."""
    value = data.get(key)
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


def shown(path: Path, checkout: Path) -> str:
    """The path as a person knows it: relative to the repository."""
    name = os.path.relpath(path, checkout.resolve())
    return "the repository's root" if name == "." else name.replace(os.sep, "/")


def _parsed(path: Path, checkout: Path, parse: Callable[[str], Any], kind: str) -> dict[str, Any]:
    text = text_of(path, checkout)
    try:
        data = parse(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200] if isinstance(error, ValueError) else "it is nested too deeply"
        raise _unreadable(path, checkout.resolve(), reason) from None
    if not isinstance(data, dict):
        raise _unreadable(path, checkout.resolve(), f"It does not hold {kind}")
    return data


def _unreadable(path: Path, root: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{shown(path, root)} cannot be read.",
        why=f"{why[:1].upper()}{why[1:].rstrip('.')}.",
        fix="Correct it, and commit it.",
    )
