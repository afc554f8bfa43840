"""What the commands say to a person, and how one of them is run by itself."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence


def show(text: str, *, machine: bool = False) -> None:
    """A text on stdout: as far as the terminal can show it for a person, in UTF-8 for a program (`machine`)."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8" if machine else None, errors="backslashreplace")
    with _read_enough():
        print(text, flush=True)


def show_bytes(data: bytes) -> None:
    """UTF-8 on stdout, with its own line ends."""
    with _read_enough():
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.buffer.write(data)
        else:
            sys.stdout.write(data.decode("utf-8"))
        sys.stdout.flush()


@contextlib.contextmanager
def _read_enough() -> Iterator[None]:
    """Whoever closes the pipe early, as `| head` does, has read enough; Python would say so once more at its end."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def aside(text: str) -> None:
    """What is no part of the result, on stderr."""
    print(text, file=sys.stderr, flush=True)


def by_itself(
    name: str,
    add_parser: Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None],
    run: Callable[[argparse.Namespace], int],
    argv: Sequence[str],
) -> int:
    """Run one command by the words behind its name; its exit code."""
    top = argparse.ArgumentParser("chittyops")
    add_parser(top.add_subparsers(dest="command", required=True))
    return run(top.parse_args([name, *argv]))
