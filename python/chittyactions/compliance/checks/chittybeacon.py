"""ChittyBeacon: its package in a manifest, its module in Python, or its use in a workflow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.checks.owner import Owner
from chittyactions.compliance.checks.workflow_steps import unless_a_step_does
from chittyactions.compliance.command import Command
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.expressions import filled
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.jobs import each_run
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.starting import Starting, placing
from chittyactions.compliance.workflows import Step

_INSTALLERS = frozenset({"npm", "pnpm", "yarn", "bun"})
_INSTALLS = frozenset({"install", "i", "in", "ins", "inst", "isntall", "add", "a", "exec", "x", "dlx"})
_RUNNERS = frozenset({"npx", "bunx", "pnpx"})


@dataclass
class _Looked:
    """What was looked at in vain."""

    wrong: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def installed(subject: Subject) -> Iterable[Finding]:
    """The beacon is in a package.json of the service, lies in it as a Python module, or is used by a workflow."""
    parameters, repository = subject.parameters, subject.repository
    looked = _Looked()
    for _, document in _manifests(repository, parameters, looked):
        if _depends(document, parameters):
            return []
    if _has_module(repository, parameters, looked):
        return []

    def installs(reader: Reader, step: Step) -> bool:
        return any(
            _brings(command, parameters) and not _is_elsewhere(subject, one, command)
            for one in each_run(repository, step)
            for command in reader.commands(one)
        )

    missing = unless_a_step_does(subject, installs)
    if missing and looked.unknown:
        raise NotKnown("; ".join(looked.unknown))
    return missing and (looked.wrong or missing)


# -- package.json ------------------------------------------------------------------------------------------------


def _manifests(
    repository: Repository, parameters: Mapping[str, Any], looked: _Looked
) -> Iterator[tuple[str, Document]]:
    """The service's package.json files: those in its folder and at the root, and the packages of the same repository
    that they depend on by name. Those of `ignore` are nobody's: dependencies, fixtures, examples.
    """
    ignored = set(parameters["ignore"])
    found: dict[str, Document] = {}
    for path in repository.paths("**/package.json"):
        if ignored & set(path.split("/")[:-1]):
            continue
        try:
            document = repository.json(path)
        except (Wrong, Undecided) as error:
            if _is_ours(repository, path):
                looked.wrong.append(error.finding)
            continue
        except NotKnown as error:
            looked.unknown.append(str(error))
            continue
        if document is not None:
            found[path] = document
    ours = [path for path in found if _is_ours(repository, path)]
    for path in ours:  # it grows while it is gone through
        wanted = {name for table in _tables(found[path], parameters) for name in table}
        ours += [other for other, document in found.items() if other not in ours and document.get("name") in wanted]
        yield path, found[path]


def _is_ours(repository: Repository, path: str) -> bool:
    """Whether a path belongs to the service: all do where it is the whole repository."""
    return not repository.folder or path.startswith(f"{repository.folder}/") or "/" not in path


def _tables(document: Document, parameters: Mapping[str, Any]) -> list[dict[str, object]]:
    tables = [document.get(name) for name in parameters["tables"]]
    return [table for table in tables if isinstance(table, dict)]


def _depends(document: Document, parameters: Mapping[str, Any]) -> bool:
    """Whether a manifest depends on the beacon, by its name or by where it comes from."""
    for table in _tables(document, parameters):
        for name, wanted in table.items():
            if not isinstance(wanted, str):
                continue
            from_it = re.fullmatch(str(parameters["source"]), wanted.strip())
            if from_it or (name == parameters["package"] and not wanted.startswith("npm:")):
                return True
    return False


def _brings(command: Command, parameters: Mapping[str, object]) -> bool:
    """Whether a command installs the beacon, or runs it from the registry."""
    if "--dry-run" in command.words:
        return False
    for number, word in enumerate(command.words):
        if number and _names(word, parameters):
            return command.program in _RUNNERS or (
                command.program in _INSTALLERS and not _INSTALLS.isdisjoint(command.words[1:number])
            )
    return False


_SEVERAL = re.compile(r".*(?:[*!\[\]]|\.\.\.).*")
"""A filter that may stand for several packages."""


def _is_elsewhere(subject: Subject, step: Step, command: Command) -> bool:
    """Whether a package manager installs into folders that have nothing to do with the service's own."""
    if not subject.repository.folder:
        return False
    starting, owner = Starting(subject.repository, step.path), Owner(subject)
    _, options = placing(command.words)
    folder = filled(step.directory, step.known)
    for one in (command.directory, *options["in"]):
        folder = f"/{starting.within(one, folder)}"

    def is_anothers(package: str) -> bool:
        if _SEVERAL.fullmatch(package):
            return False
        place = starting.package(folder, package)
        return owner.is_elsewhere(place) if place else bool(owner.another(package))

    return all(map(is_anothers, options["of"])) if options["of"] else owner.is_elsewhere(folder)


def _names(word: str, parameters: Mapping[str, Any]) -> bool:
    """Whether an argument of an installer is the beacon, whatever the version."""
    package = str(parameters["package"])
    return word == package or word.startswith(f"{package}@") or bool(re.fullmatch(str(parameters["source"]), word))


# -- Python ------------------------------------------------------------------------------------------------------


def _has_module(repository: Repository, parameters: Mapping[str, Any], looked: _Looked) -> bool:
    """Whether there is a Python module of the beacon that holds anything."""
    ignored = set(parameters["ignore"])
    for path in repository.paths(*parameters["modules"]):
        if ignored & set(path.split("/")[:-1]) or not _is_ours(repository, path):
            continue
        folder = path.rpartition("/")[0]
        whole = repository.paths(f"{folder}/**/*.py") if path.endswith("__init__.py") else (path,)
        held = [_holds_anything(repository, part, looked) for part in whole]
        if any(held):
            return True
        if None in held:
            continue
        looked.wrong.append(
            Finding(
                f"{path} is empty.",
                str(parameters["remediation"]),
                why=str(parameters["why"]),
                path=path,
                line=1,
            )
        )
    return False


def _holds_anything(repository: Repository, path: str, looked: _Looked) -> bool | None:
    """None where nobody can tell; `looked` then has the reason."""
    try:
        return bool((repository.text(path) or "").strip())
    except (Wrong, Undecided) as error:
        looked.wrong.append(error.finding)
    except NotKnown as error:
        looked.unknown.append(str(error))
    return None
