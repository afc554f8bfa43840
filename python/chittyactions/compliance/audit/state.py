"""What an audit knew of each commit, kept for the next one: outcomes of checks that the commit alone decides.

A file of lines, each a repository as JSON. Lines are added while an audit runs, so that one that is stopped goes on
where it was; the last line of a repository counts, and half a line is none. One audit at a time has the file.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError, field_validator

from chittyactions.compliance.audit.guarded import NOTHING_TO_ASK, Guarded
from chittyactions.compliance.audit.record import CheckRecord, Part
from chittyactions.ecosystem.github_guard import Switches
from chittyactions.errors import ConfigError

KIND = b"chittyops-audit-state "
FIRST = KIND + b"2\n"
"""The first line. What is behind another number is not used, and nobody misses it: it is read from GitHub anew."""
STANDS = 24 * 3600
"""Seconds that the states of workflows, and protection, stand for when REST's hour is used up. Whoever resumes an audit
needs no more, and an app's new token gets no 304 for what the last one was told."""
AHEAD = 300
"""Seconds that a clock may be off: what was told later than that from now counts as never told."""
HEAD = re.compile(
    rb'\{"repository":"(?P<name>[^"]+)"'
    rb'(?P<states>,"asked":(?P<asked>\d{1,18}),"etag":"(?:[^"\\]|\\.)*")?'
    rb'(?P<guard>,"guarded":(?P<guarded>\d{1,18}),"branch":"(?:[^"\\]|\\.)*","guard":(?:null|\[[a-z,]*\]))?'
    rb'(?P<tries>,"tried":(?P<tried>\d{1,18}))?'
)
"""How a line begins, so that not all of it has to be read. What was written before these were kept lacks the rest."""
SENDABLE = re.compile(r"[!-~]*")


class KeptService(Part):
    """A service as the commit describes it, with what came of its checks before waivers.

    Attributes:
        unsure: those of them that are other ones while nobody says which workflows are off, as they are then; None
            where that was not looked at.
    """

    name: str
    type: str
    tier: int | None
    domain: str
    organization: str
    checks: tuple[CheckRecord, ...]
    unsure: tuple[CheckRecord, ...] | None = None


class Kept(Part):
    """One repository at one commit, under the rules of `digest`.

    Attributes:
        asked: when the states of its workflows were told, in seconds since 1970; 0: they were not.
        etag: GitHub's name of that answer; "" where it can't be sent.
        guarded: when REST told the protection of `branch`: `guard`, as in Guarded; where GraphQL tells it,
            NOTHING_TO_ASK.
        tried: when REST was asked for all of this, whether it told it or not; 0: a part was not asked for.
        private: whether GitHub said that it is not public, or nobody noted what it said.
        off: workflows that were switched off, or, where that was not told, are taken to be; None where there is no
            workflow.
        why: that was not told.
        settings: the text of its own settings; None where it has none.
        services: by their key.
    """

    repository: str
    asked: int = 0
    etag: str = ""
    guarded: int = NOTHING_TO_ASK
    branch: str = ""
    guard: tuple[bool, ...] | None = None
    tried: int = 0
    private: bool = True
    commit: str
    digest: str
    off: tuple[str, ...] | None
    why: str = ""
    settings: str | None
    services: Mapping[str, KeptService]

    @field_validator("etag")
    @classmethod
    def _sendable(cls, etag: str) -> str:
        return etag if SENDABLE.fullmatch(etag) else ""

    @property
    def protection(self) -> Guarded:
        """What REST told of its default branch."""
        known = self.guard if self.guard is None or len(self.guard) in (0, 3) else None
        return Guarded(self.guarded, self.branch, known)

    @property
    def switches(self) -> Switches | None:
        """What is known of its workflows, if there are any."""
        return None if self.off is None else Switches(self.off, self.etag, self.asked)


class State:
    """The file at `path`, which may not be there yet; None keeps nothing. Used by many threads; `clock` gives seconds
    since 1970.

    Raises ConfigError for a file that is something else, that another audit has, or that can't be written.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int, int]] = {}
        self._file: BinaryIO | None = self._opened(path) if path else None

    def __contains__(self, repository: str) -> bool:
        return repository.lower() in self._places

    def get(self, repository: str) -> Kept | None:
        """What was kept of a repository (owner/name); None where that is nothing, or nothing that can be read."""
        with self._lock:
            place = self._places.get(repository.lower())
            if place is None or self._file is None:
                return None
            self._file.seek(place[0])
            line = self._file.read(place[1])
        try:
            kept = Kept.model_validate_json(line)
        except ValidationError:
            return None
        return kept.model_copy(update={name: self._past(getattr(kept, name)) for name in ("asked", "guarded", "tried")})

    def keep(self, kept: Kept) -> None:
        """Add what is known of a repository now."""
        if self._file is None:
            return
        line = (json.dumps(kept.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        with self._lock:
            self._add(self._file, kept.repository.lower(), line, self._told(line))

    def asked(self, repository: str) -> int:
        """When REST was asked for what it has of a repository, its oldest part; in seconds since 1970; 0: never."""
        return self._places.get(repository.lower(), (0, 0, 0))[2]

    def ask(self, repository: str, switches: Switches | None, guarded: Guarded | None = None, tried: int = 0) -> None:
        """Note that the states were told again and are the same, or what REST says of the protection; None: as before.

        `tried` is as of Kept, 0: as before. Nothing else of the repository is looked at.
        """
        name = repository.lower()
        with self._lock:
            place = self._places.get(name)
            if place is None or self._file is None:
                return
            self._file.seek(place[0])
            line = self._file.read(place[1])
            head = HEAD.match(line)
            if head:
                states, guard = head["states"] or b',"asked":0,"etag":""', head["guard"] or b""
                tries = f',"tried":{tried}'.encode() if tried else head["tries"] or b""
                if switches:
                    states = f',"asked":{switches.asked},"etag":{json.dumps(switches.etag)}'.encode()
                if guarded:
                    known = json.dumps(guarded.found, separators=(",", ":"))
                    branch = json.dumps(guarded.branch)
                    guard = f',"guarded":{guarded.asked},"branch":{branch},"guard":{known}'.encode()
                line = b'{"repository":"' + head["name"] + b'"' + states + guard + tries + line[head.end() :]
                self._add(self._file, name, line, self._told(line))

    def _add(self, file: BinaryIO, name: str, line: bytes, asked: int) -> None:
        try:
            begin = file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
        except OSError as error:
            raise self._full(error) from None
        self._places[name] = (begin, len(line), asked)

    def _past(self, moment: int) -> int:
        return moment if moment <= self._clock() + AHEAD or moment == NOTHING_TO_ASK else 0

    def _told(self, line: bytes) -> int:
        """When what REST tells of a line's repository was told, the longest ago, or was asked for since."""
        head = HEAD.match(line)
        assert head
        told = min(self._past(int(head["asked"] or 0)), self._past(int(head["guarded"] or NOTHING_TO_ASK)))
        return max(told, self._past(int(head["tried"] or 0)))

    def close(self) -> None:
        """Leave one line of each repository in the file, which is replaced at once.

        One that is another audit's by now, since somebody deleted this one, is left alone.
        """
        if self._file is None or self._path is None:
            return
        if self._is_anothers(self._path, self._file):
            with self._lock:
                self._file.close()
                self._file = None
            return
        new = self._path.with_name(f".{self._path.name}.new")
        with self._lock:
            try:
                with new.open("wb") as file:
                    file.write(FIRST)
                    for begin, length, _ in self._places.values():
                        self._file.seek(begin)
                        file.write(self._file.read(length))
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self._path)
            except OSError as error:
                new.unlink(missing_ok=True)
                raise self._full(error) from None
            finally:
                self._file.close()  # whoever waits for the lock then sees that the file is another one
                self._file = None

    @staticmethod
    def _is_anothers(path: Path, file: BinaryIO) -> bool:
        try:
            return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _full(self, error: OSError) -> ConfigError:
        assert self._path
        return _unusable(self._path, f"It can't be written: {error.strerror}.")

    def _opened(self, path: Path) -> BinaryIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = _locked(path)
        except OSError as error:
            raise _unusable(path, f"It can't be opened: {error.strerror}.") from None
        first = file.readline()
        if first != FIRST:
            if not (first.startswith(KIND) or FIRST.startswith(first)):
                file.close()
                raise _unusable(path, "It is something else than the state of an audit.")
            file.truncate(0)
            file.write(FIRST)
            file.flush()
            return file
        begin = len(first)
        for line in file:
            head = HEAD.match(line)
            if head and line.endswith(b"}\n"):
                name = head["name"].decode("utf-8", "replace").lower()
                self._places[name] = (begin, len(line), self._told(line))
            begin += len(line)
        if not line_ended(file):
            file.write(b"\n")  # what comes next begins a line of its own
            file.flush()
        return file


def _locked(path: Path) -> BinaryIO:
    """The file, for this audit alone until it is closed. Raises OSError, and ConfigError where another audit has it."""
    while True:
        file = path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_ino == path.stat().st_ino:
                file.seek(0)
                return file
        except BlockingIOError:
            file.close()
            raise _unusable(
                path, "Another audit is writing it.", "Wait until that one has ended, or name another file."
            ) from None
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()  # an audit that ended meanwhile has put another file in its place


def line_ended(file: BinaryIO) -> bool:
    """Whether a file ends with a whole line."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _unusable(path: Path, why: str, fix: str = "Name another file, or delete it.") -> ConfigError:
    return ConfigError(f"{path} can't hold the audit's state.", why=why, fix=fix, docs="audit.md#state")
