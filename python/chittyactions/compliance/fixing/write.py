"""Write a plan: each file whole or not at all, nothing over what is another's, nothing outside of the repository."""

from __future__ import annotations

import glob
import os
import signal
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chittyactions.compliance.fixing.plan import Change, Left

SUFFIX = ".new"

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that wait until a file is whole, and told."""


def write(
    root: Path, changes: Iterable[Change], told: Callable[[Change], None] = lambda _change: None
) -> tuple[tuple[Change, ...], tuple[Left, ...]]:
    """Make the changes under a repository's root: what was written, and what was left, each with its reason.

    `told` hears of each file as soon as it is written, so that who stops it knows how far it came.
    """
    written: list[Change] = []
    left: list[Left] = []
    for change in changes:
        with _undisturbed():
            reason = _hindered(root.resolve(), change)
            if reason:
                left.append(Left(change.path, change.checks, reason))
            else:
                written.append(change)
                told(change)
    return tuple(written), tuple(left)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end this process come afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hindered(root: Path, change: Change) -> str:
    """Make one change; the reason where it was not made, half a sentence."""
    target = root / change.path
    try:
        folder = _folder(root, target.parent)
        if folder is None:
            return "the way to it leads out of the repository, or into .git"
        place = folder / target.name
        _sweep(place)
        return _made(place, change.after) if change.before is None else _replaced(place, change.before, change.after)
    except FileExistsError:
        return "somebody wrote it meanwhile"
    except NotADirectoryError:
        return "there is a file where its folder would be"
    except OSError as error:
        return f"it cannot be written: {error.strerror or type(error).__name__}"


def _folder(root: Path, folder: Path) -> Path | None:
    """The real folder that a file goes to, made where it is missing; None where that is no place of this repository."""
    there = folder
    while not os.path.lexists(there):
        there = there.parent
    real = there.resolve()
    if real != root and root not in real.parents:
        return None
    whole = real / folder.relative_to(there)
    if ".git" in whole.relative_to(root).parts:
        return None
    if real.exists() and not real.is_dir():
        raise NotADirectoryError(str(real))
    whole.mkdir(parents=True, exist_ok=True)
    return whole


def _made(place: Path, data: bytes) -> str:
    """A new file. It appears whole, under a name that nobody has: a link fails where there is anything."""
    beside = _beside(place, data, 0o666 & ~_umask())
    try:
        os.link(beside, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
    finally:
        beside.unlink(missing_ok=True)
    return ""


def _replaced(place: Path, before: bytes, after: bytes) -> str:
    """A file that is there, in its own mode, as long as it is what the plan was made from."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return "it is gone, or a link by now"
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or stream.read(len(before) + 1) != before:
            return "somebody changed it meanwhile"
    beside = _beside(place, after, stat.S_IMODE(status.st_mode))
    try:
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return ""


def _sweep(place: Path) -> None:
    """Remove the temporary files of a run that was killed while it wrote this file."""
    for left_over in place.parent.glob(f"{glob.escape(_prefix(place))}*{SUFFIX}"):
        left_over.unlink(missing_ok=True)


def _prefix(place: Path) -> str:
    return f".{place.name}.chittyops-"


def _beside(place: Path, data: bytes, mode: int) -> Path:
    """A temporary file in the same folder, with everything in it."""
    handle, name = tempfile.mkstemp(prefix=_prefix(place), suffix=SUFFIX, dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            os.fchmod(handle, mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _umask() -> int:
    """What new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
