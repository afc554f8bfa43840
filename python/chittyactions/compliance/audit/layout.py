"""Where the services stand in an audit's text, as `record.pieces` writes it: each on a line of its own.

Of ten thousand services the whole document at once would take three times the memory.
"""

from __future__ import annotations

from collections.abc import Iterator

OPENING, CLOSING = b'"services": [\n', b"\n]\n}\n"


def parted(data: bytes) -> tuple[bytes, Iterator[bytes]] | None:
    """The document without its services, and each service; None where it is laid out in another way, or has none.

    The parts are no proof of the whole: who finds one of them wrong reads `data` as it is.
    """
    at = data.find(b"\n" + OPENING) + 1
    if not at or not data.endswith(CLOSING):
        return None
    return data[:at] + b'"services": []\n}\n', _lines(data, at + len(OPENING))


def _lines(data: bytes, at: int) -> Iterator[bytes]:
    """Each line without the comma that parts it from the next; where one lacks or is too many, it stays wrong."""
    last = len(data) - len(CLOSING)
    while at < last:
        end = data.find(b",\n", at, last)
        yield data[at : last if end < 0 else end]
        at = last if end < 0 else end + 2
