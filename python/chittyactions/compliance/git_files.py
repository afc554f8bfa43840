"""The files of one commit, read from git's objects: nothing is checked out, and links are followed as on a disk."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import IO

from chittyactions.compliance.checkout import ask_git
from chittyactions.compliance.files import Files, Kind, Unreadable, too_large
from chittyactions.compliance.links import folders_of, led_to

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
        self._folders = folders_of(self.paths)
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
        real = led_to(path, self.paths, self._folders, lambda link: self._blobs.read(self._ids[link], 4096) or b"")
        data = self._blobs.read(self._ids[real], limit)
        if data is None:
            raise too_large(limit)
        return data


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
