"""The Worker's own secrets: which of the JSON that was passed go with the upload. Values never appear in a message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chittyactions.errors import InputError
from chittyactions.runner import SHORTEST_SECRET

VARIABLE = "WORKER_SECRETS"


def taken(text: str, names: tuple[str, ...], mask: Callable[[str, str], None]) -> dict[str, str]:
    """The secrets to send out of the JSON `text`, after `mask(name, value)` was called for every value in it.

    Raises InputError as `parse` and `choose` do, and what `mask` raises for one to send that is too short to be hidden.
    """
    passed = parse(text)
    for value in leaves(passed):
        if len(value) >= SHORTEST_SECRET:
            mask(VARIABLE, value)
    for name in names or tuple(passed):
        for value in leaves(passed.get(name)):
            mask(name, value)
    return choose(passed, names)


def parse(text: str) -> dict[str, Any]:
    """The JSON object of names and values; "" is none. Raises InputError without quoting it."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(
            f"{VARIABLE} is not a JSON object.",
            why="It has to map each secret's name to its value.",
            fix=f'Store the secret {VARIABLE} as {{"NAME": "value", …}}, escaped as JSON wants it.',
            docs="worker-deploy.md#worker-secrets",
        )
    return value


def leaves(value: object) -> Iterator[str]:
    """Every value within, as text: what has to be masked. Names are not secret."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield json.dumps(value)


def choose(passed: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The secrets to send: `names` out of what was passed, or all when no name is given.

    Raises InputError that lists the names which are not there, or whose value is no text.
    """
    wanted = names or tuple(passed)
    missing = [name for name in wanted if name not in passed]
    if missing:
        raise InputError(
            f"{VARIABLE} has no {', '.join(missing)}.",
            why=f"It has {', '.join(sorted(passed)) or 'no names'}, and secrets_from asks for more.",
            fix=f"Add {'them' if len(missing) > 1 else 'it'} to {VARIABLE}, or correct secrets_from.",
            docs="worker-deploy.md#worker-secrets",
        )
    unfit = [name for name in wanted if not isinstance(passed[name], str) or not passed[name]]
    if unfit:
        raise InputError(
            f"{VARIABLE} has something else than text for {', '.join(unfit)}.",
            why="A Worker's secret is a text that is not empty.",
            fix="Write the value as a JSON string; a whole JSON document goes in as one string.",
            docs="worker-deploy.md#worker-secrets",
        )
    return {name: passed[name] for name in wanted}
