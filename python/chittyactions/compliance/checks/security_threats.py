"""Whether somebody looks for holes in the code and for credentials in it, as far as the repository's files tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chittyactions.compliance.clients import CLIENTS
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.passive import is_passive
from chittyactions.compliance.repository import Repository, glob
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.starting import unwrapped
from chittyactions.compliance.workflows import active, steps_of, workflows_of

LONGEST = 100_000
"""Signs of a file that is searched."""

_ASKS = frozenset({"--version", "--help", "-h", "version", "help"})
"""Words by which a program only tells of itself."""


def scanned(subject: Subject) -> Iterable[Finding]:
    """A step of a workflow scans, by one of `actions` or `commands`, or one of `files` says that something does.

    GitHub scans by its own settings as well, which no file shows. So where nothing here does, it is not evaluated, and
    never found wrong.
    """
    repository, parameters = subject.repository, subject.parameters
    if any(path in repository.files.paths for path in parameters["files"]):
        return []
    unknown: list[str] = [*workflows_of(repository).unknown]
    if _in_a_step(subject, unknown):
        return []
    for path, pattern in parameters["hooks"].items():
        if path in repository.files.paths and re.search(pattern, _text(repository, path)):
            return []
    if unknown:
        raise NotKnown("; ".join(dict.fromkeys(unknown)))
    raise NotAsked(str(parameters["unseen"]))


def _in_a_step(subject: Subject, unknown: list[str]) -> bool:
    """Whether a workflow that runs has such a step; why nobody can tell of some is added to `unknown`."""
    actions = [glob(one) for one in subject.parameters["actions"]]
    command = re.compile("|".join(subject.parameters["commands"]))
    reader = Reader(subject.repository, {})
    for flow in active(subject.repository):
        steps = steps_of(subject.repository, flow)
        while True:
            try:
                step = next(steps, None)
                if step is None:
                    break
                if any(one.fullmatch(step.action) for one in actions):
                    return True
                if any(_runs(one.words, command) for one in reader.commands(step)):
                    return True
            except NotKnown as error:  # the steps behind it are looked at all the same
                unknown.append(str(error))
    return False


def _runs(words: tuple[str, ...], wanted: re.Pattern[str]) -> bool:
    """Whether a command is a wanted one, or hands one to a program that runs it, such as docker.

    What is printed, and a text of several words, is none.
    """
    if words[:2] == ("pipx", "run") or (words[0].startswith("python") and words[1:2] == ("-m",)):
        words = words[2:] or words
    words = unwrapped(words)
    program = words[0].rpartition("/")[2]
    if not _ASKS.isdisjoint(words[1:2]):
        return False
    said = " ".join((program, *(one for one in words[1:] if not re.search(r"\s", one))))
    if wanted.match(said):
        return True
    return program not in CLIENTS and not is_passive(words) and bool(wanted.search(said))


def _text(repository: Repository, path: str) -> str:
    """A file without its comments."""
    try:
        return re.sub(r"(?m)(?:^|\s)#.*$", "", (repository.text(path) or "")[:LONGEST])
    except (Wrong, Undecided):
        return ""
