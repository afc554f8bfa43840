"""What the commands write into files that a person names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def write_whole(output: str, pieces: Iterable[str]) -> None:
    """Write a file in UTF-8. It is replaced when all of it is written, so that whatever ends this leaves the old one.

    A device or a pipe is written to as it is, and a link leads to what is replaced. Raises OSError.
    """
    path = Path(output).resolve()
    data = (one.encode("utf-8", "replace") for one in pieces)
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.writelines(data)
        return
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as stream:
            stream.writelines(data)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
