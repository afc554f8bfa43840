"""The files of one commit, read from git's objects: nothing is checked out, and links are followed as on a disk."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import IO

from chittyactions.compliance.checkout import ask_git
from chittyactions.compliance.files import OUTSIDE, Files, Kind, Unreadable, too_large

MOST_LINKS = 40
"""Links on the way to a file, as on a disk."""

_KINDS = {"160000": Kind.SUBMODULE, "120000": Kind.LINK}


class GitFiles(Files):
    """The commit `commit` in the bare repository `folder`; used by one thread at a time, and to be closed.

    Raises Unreadable where the commit can't be listed. A file that is not there is larger than anything that is read.
    """

    def __init__(self, folder: Path, commit: str, *, name: str, remote: str = "") -> None:
        self.commit = commit
        self.remote = remote
        self._name = name
        listed = ask_git(folder, "ls-tree", "-r", "-z", commit)
        if listed is None:
            raise Unreadable("git could not list the commit", ours=False)
        self.paths: dict[str, Kind] = {}
        self._ids: dict[str, str] = {}
        for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
            about, _, path = entry.partition("\t")
            if path:
                mode, _, identity = about.split(" ")
                self.paths[path] = _KINDS.get(mode, Kind.FILE)
                self._ids[path] = identity
        self._folders = {path[:at] for path in self.paths for at, sign in enumerate(path) if sign == "/"}
        self._blobs = _Blobs(folder)

    def close(self) -> None:
        """End the git that reads."""
        self._blobs.close()

    @property
    def failed(self) -> bool:  # type: ignore[override]
        """Whether git did not answer."""
        return self._blobs.failed

    @property
    def name(self) -> str:
        """The repository's name."""
        return self._name

    def content(self, path: str, limit: int) -> bytes:
        """What a file holds. Raises Unreadable."""
        data = self._blobs.read(self._ids[self._real(path)], limit)
        if data is None:
            raise too_large(limit)
        return data

    def _real(self, path: str) -> str:
        """Where a path leads to, part by part. Raises Unreadable where that is no file of the repository."""
        rest = path.split("/")
        real: list[str] = []
        links = 0
        while rest:
            part = rest.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                if not real:
                    raise Unreadable(OUTSIDE, ours=True)
                real.pop()
                continue
            here = "/".join((*real, part))
            kind = self.paths.get(here)
            if kind is Kind.LINK:
                links += 1
                target = self._blobs.read(self._ids[here], 4096) or b""
                if links > MOST_LINKS:
                    raise Unreadable("it is a link that leads in a circle", ours=True)
                if target.startswith(b"/"):
                    raise Unreadable(OUTSIDE, ours=True)
                rest = [*target.decode("utf-8", "surrogateescape").split("/"), *rest]
            elif here in self._folders or (kind is Kind.FILE and not rest):
                real.append(part)
            else:
                raise Unreadable(OUTSIDE if part == ".git" else "it is a link to nothing", ours=True)
        found = "/".join(real)
        if self.paths.get(found) is not Kind.FILE:
            raise Unreadable("it is no plain file", ours=True)
        return found


class _Blobs:
    """git, asked for one object after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._git: subprocess.Popen[bytes] | None = None
        self.failed = False

    def read(self, identity: str, limit: int) -> bytes | None:
        """An object's bytes; None where it is not there, or has more than `limit`. Raises Unreadable."""
        with self._lock:
            asked, told = self._streams()
            try:
                asked.write(f"{identity}\n".encode())
                asked.flush()
                words = told.readline().split()
                size = int(words[2]) if len(words) == 3 else -1
                data = told.read(size + 1)[:-1] if size >= 0 else None
            except (OSError, ValueError):
                words, data = [], None
            if len(words) < 2:
                self.failed = True
                raise Unreadable("git could not read it", ours=False)
        return data if data is not None and len(data) <= limit else None

    def close(self) -> None:
        """End it."""
        if self._git:
            with self._git:  # closes its pipes, whereupon it ends
                pass

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._git is None:
            self._git = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._git.stdin
        assert self._git.stdout
        return self._git.stdin, self._git.stdout
