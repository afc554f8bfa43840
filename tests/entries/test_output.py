"""Files that a person names are replaced whole, or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chittyactions.entries.output import write_whole


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """By all of the text, and nothing is left beside it."""
    path = tmp_path / "out.json"
    path.write_text("a longer text than the new one", "utf-8")
    write_whole(str(path), ["é", "\r\n", "\ud800"])
    assert path.read_bytes() == "é\r\n?".encode()
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_what_ends_it_leaves_the_old_file(tmp_path: Path, failure: type[BaseException]) -> None:
    """A mistake of a report, or Ctrl-C in the middle of a hundred megabytes."""

    def pieces() -> Iterator[str]:
        yield "new"
        raise failure

    path = tmp_path / "out.json"
    path.write_text("old", "utf-8")
    with pytest.raises(failure):
        write_whole(str(path), pieces())
    assert path.read_text("utf-8") == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_link_stays_one(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    (tmp_path / "real").write_text("old", "utf-8")
    (tmp_path / "link").symlink_to("real")
    write_whole(str(tmp_path / "link"), ["new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8") == "new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """As `-o /dev/stdout` or `-o >(…)`: nobody puts a file in its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")))
    reader.start()
    write_whole(str(pipe), ["a", "b"])
    reader.join(20)
    assert (read, pipe.is_fifo()) == (["ab"], True)
