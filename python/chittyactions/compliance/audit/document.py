"""An audit as text, and back: each service stands on a line of its own, so that none has to be read with all others.

Of ten thousand services the whole document at once would take three times the memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from chittyactions.compliance.audit.record import Audit, Held, ServiceRecord
from chittyactions.errors import ConfigError

LARGEST = 512 * 1024 * 1024
"""Bytes of an audit's file: ten thousand services have about a tenth of it."""

OPENING, CLOSING = '"services": [\n', "\n]\n}\n"
"""What stands before the first service, and behind the last one."""


def pieces(audit: Audit) -> Iterator[str]:
    """The document as text, bit by bit: each service on a line of its own, in the order of their keys."""
    head = audit.model_copy(update={"services": ()}).model_dump(mode="json")
    del head["services"]
    yield "{\n" + "".join(f"{json.dumps(key)}: {_line(value)},\n" for key, value in head.items())
    yield OPENING
    for number, one in enumerate(sorted(audit.services, key=lambda one: one.key)):
        yield ",\n" * bool(number) + _line(one.model_dump(mode="json"))
    yield CLOSING if audit.services else CLOSING.lstrip()


def dumped(audit: Audit) -> str:
    """The document as one text."""
    return "".join(pieces(audit))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_audit(path: Path) -> Audit:
    """The audit in a file. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, f"It can't be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise _unreadable(path, f"It has more than {LARGEST >> 20} MiB.")
    try:
        return _by_service(data) or Audit.model_validate_json(data, context={})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise _unreadable(path, f"{place}: {first['msg']}.") from None


def _by_service(data: bytes) -> Audit | None:
    """The audit, read service by service; None where that can't be done, or something is wrong with one of them."""
    found = _parted(data)
    if found is None:
        return None
    head, lines = found
    held: Held = {}
    try:
        services = tuple(ServiceRecord.model_validate_json(one, context=held) for one in lines)
        return Audit.model_validate_json(head, context=held).model_copy(update={"services": services})
    except ValidationError:
        return None


def _parted(data: bytes) -> tuple[bytes, Iterator[bytes]] | None:
    """The document without its services, and each service; None where it is laid out in another way, or has none.

    The parts are no proof of the whole: who finds one of them wrong reads `data` as it is.
    """
    at = data.find(f"\n{OPENING}".encode()) + 1
    if not at or not data.endswith(CLOSING.encode()):
        return None
    return data[:at] + b'"services": []\n}\n', _lines(data, at + len(OPENING))


def _lines(data: bytes, at: int) -> Iterator[bytes]:
    """Each line without the comma that parts it from the next; where one lacks or is too many, it stays wrong."""
    last = len(data) - len(CLOSING)
    while at < last:
        end = data.find(b",\n", at, last)
        yield data[at : last if end < 0 else end]
        at = last if end < 0 else end + 2


def _unreadable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} is no audit.",
        why=why,
        fix="Name a file that `chittyops audit --output FILE` wrote with this version.",
        docs="audit.md#files",
    )
