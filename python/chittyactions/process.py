"""Run a program: its output shown as it comes, secrets redacted, a deadline kept, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chittyactions.errors import Cancelled, ToolError

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""

HURRIED_GRACE = 2.0
"""The same when the job is cancelled: the runner leaves ten seconds for everything."""


@dataclass(frozen=True)
class Finished:
    """A program that ended: `code` is its exit status, `stdout` and `stderr` its output as text."""

    code: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float,
    stdin: bytes = b"",
    echo: Callable[[str], None] | None = None,
    redact: Callable[[str], str] = lambda text: text,
    name: str = "",
) -> Finished:
    """Run `command` in its own process group and wait for it, at most `seconds`.

    `env` is the whole environment of the child. `echo` gets each line of both streams, redacted, as it comes.
    `name` is what messages call the program. Raises ToolError when it can't be started or takes too long; an exit
    status other than 0 is the caller's to judge. Whatever ends the wait (a signal's exception too), the group is
    ended with it. Within `ending` it raises Cancelled.
    """
    called = name or Path(command[0]).name
    try:
        with _lock:
            if _endings:
                raise _cancelled(called)
            child = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            _running.add(child)
    except OSError as error:
        raise ToolError(
            f"{called} could not be started: {error.strerror}.",
            why=f"The program is {command[0]}.",
            fix=f"Check that {called} is installed on this runner and may be executed.",
        ) from None
    texts: tuple[list[str], list[str]] = ([], [])
    assert child.stdin
    assert child.stdout
    assert child.stderr
    readers = [
        threading.Thread(target=_drain, args=(stream, text, echo, redact), daemon=True)
        for stream, text in ((child.stdout, texts[0]), (child.stderr, texts[1]))
    ]
    readers.append(threading.Thread(target=_feed, args=(child.stdin, stdin), daemon=True))
    try:
        for reader in readers:
            reader.start()
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise ToolError(
            f"{called} took longer than {seconds:g} s and was ended.",
            why="It did not finish by its deadline.",
            fix="Look at its last lines above; raise the timeout when the work is really that long.",
        ) from None
    finally:
        _running.discard(child)
        _end(child)
        # A signal's exception may come before each has started: the pipe of one that never will is closed here.
        for reader, stream in zip(readers, (child.stdout, child.stderr, child.stdin), strict=True):
            if reader.is_alive():
                reader.join(GRACE)
            elif reader.ident is None:
                stream.close()
    if _endings and child.returncode:
        raise _cancelled(called)
    return Finished(child.returncode, "".join(texts[0]), "".join(texts[1]))


_lock = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_endings: list[None] = []


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """Within, every program that `run` waits for in any thread is ended, and none is started.

    For the main thread, where the cancellation arrives, while others still work.
    """
    with _lock:
        _endings.append(None)
        _signal_all(signal.SIGTERM)
    firmly = threading.Timer(HURRIED_GRACE, _signal_all, [signal.SIGKILL])
    firmly.daemon = True
    firmly.start()
    try:
        yield
    finally:
        firmly.cancel()
        with _lock:
            _endings.pop()


def _signal_all(number: signal.Signals) -> None:
    for child in list(_running):
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)


def _cancelled(called: str) -> Cancelled:
    return Cancelled(f"{called} was ended: the job was cancelled.", fix="Run it again when it is wanted after all.")


def _drain(
    stream: IO[bytes], into: list[str], echo: Callable[[str], None] | None, redact: Callable[[str], str]
) -> None:
    with _unless_closed(stream):
        for raw in stream:
            line = raw.decode("utf-8", "replace")
            into.append(line)
            if echo:
                echo(redact(line.rstrip("\r\n")))


def _feed(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), _unless_closed(stream):
        stream.write(data)


@contextlib.contextmanager
def _unless_closed(stream: IO[bytes]) -> Iterator[None]:
    """Use and close `stream`; a thread that was still starting when a signal ended the wait finds it closed."""
    try:
        yield
    except ValueError:
        if not stream.closed:
            raise
    finally:
        stream.close()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the child's process group, politely first."""
    for number, grace in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        if child.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # grandchildren that outlived it
