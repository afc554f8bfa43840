"""What a repository is built from: kept up to date by somebody, and the same today as yesterday."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chittyactions.compliance.calls import table
from chittyactions.compliance.checks.security_workflows import MOST, listed
from chittyactions.compliance.documents import Document
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository, glob
from chittyactions.compliance.workflows import FOLDER

DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml")
PACKAGE = "package.json"


# -- updates -----------------------------------------------------------------------------------------------------


def updates(subject: Subject) -> Iterable[Finding]:
    """Dependabot looks after every ecosystem that the repository has manifests of, or Renovate after all of them."""
    repository = subject.repository
    needed = _needed(subject)
    if not needed:
        raise NotApplicable("it depends on nothing that is known here")
    path = next((one for one in DEPENDABOT if one in repository.files.paths), "")
    renovate, settings, at = _renovate(subject)
    if renovate and settings.get(*at) is not False:
        return
    if renovate and not path:
        yield _finding(subject, f"{renovate} switches Renovate off.", renovate, settings, *at)
        return
    if not path:
        wanted = list(needed)
        told = f"Nobody keeps {listed(wanted)} up to date: there is no {DEPENDABOT[0]}, and no renovate.json."
        yield Finding(
            told,
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            path=DEPENDABOT[0],
            fix="version: 2\nupdates:\n" + "".join(_entry(one, needed[one]) for one in wanted),
            absent=True,
        )
        return
    document = repository.yaml(path) or Document(None)
    entries = document.get("updates")
    if document.get("version") != 2 or not isinstance(entries, list):
        yield _finding(subject, f"{path} is none that Dependabot takes: it wants `version: 2` and `updates`.", path)
        return
    named = [str(table(one).get("package-ecosystem")) for one in entries]
    off = [number for number, one in enumerate(entries) if _is_off(table(one))]
    covered = {one for number, one in enumerate(named) if number not in off}
    lacking = [one for one in needed if not covered & set(_alike(subject, one))]
    for number in off:
        meant = [one for one in lacking if named[number] in _alike(subject, one)]
        if meant:
            lacking = [one for one in lacking if one not in meant]
            message = f"{path} switches the updates of {named[number]} off: its open-pull-requests-limit is 0."
            yield _finding(subject, message, path, document, "updates", number, "open-pull-requests-limit")
    if lacking:
        message = f"{path} leaves out {listed(f'{one} ({needed[one][0]})' for one in lacking)}."
        fix = "".join(_entry(one, needed[one]) for one in lacking)
        yield _finding(subject, message, path, document, "updates", fix=fix)


def _needed(subject: Subject) -> dict[str, list[str]]:
    """Dependabot's word for each ecosystem that there are manifests of, with their paths."""
    found: dict[str, list[str]] = {}
    for ecosystem, names in subject.parameters["ecosystems"].items():
        paths = _own(subject, (f"**/{name}" for name in names))
        if paths:
            found[ecosystem] = paths
    if subject.repository.paths(f"{FOLDER}/*.{{yml,yaml}}"):
        found["github-actions"] = [FOLDER]
    return found


def _alike(subject: Subject, ecosystem: str) -> list[str]:
    """The ecosystem and what Dependabot also calls it: uv is pip with another lock file."""
    return [ecosystem, *subject.parameters["also"].get(ecosystem, ())]


def _entry(ecosystem: str, manifests: list[str]) -> str:
    """What Dependabot wants to be told of an ecosystem."""
    folders = list(dict.fromkeys(f"/{posixpath.dirname(one)}" for one in manifests))[:MOST]
    if ecosystem == "github-actions":
        folders = ["/"]
    where = f"directory: {folders[0]}" if len(folders) == 1 else f"directories: [{', '.join(folders)}]"
    words = f"  - package-ecosystem: {ecosystem}\n    {where}\n    schedule: {{interval: weekly}}\n"
    return f"{words}    cooldown: {{default-days: 7}}\n"


def _is_off(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of Dependabot opens no pull request for a new version."""
    limit = entry.get("open-pull-requests-limit")
    return limit == 0 and limit is not False


def _renovate(subject: Subject) -> tuple[str, Document, tuple[str, ...]]:
    """Renovate's settings: their file, what it says, and where in it they may be switched off; "" where there are none.

    What of JSON5 goes beyond JSON with comments is not read: what is there is believed.
    """
    repository = subject.repository
    path = next((one for one in subject.parameters["renovate"] if one in repository.files.paths), "")
    if path.endswith(".json"):
        return path, repository.jsonc(path) or Document(None), ("enabled",)
    if path:
        return path, _read(repository.jsonc, path), ("enabled",)
    package = _read(repository.json, PACKAGE)
    return PACKAGE if package.has("renovate") else "", package, ("renovate", "enabled")


def _read(read: Callable[[str], Document | None], path: str) -> Document:
    """A file; an empty document where it can't be read."""
    try:
        return read(path) or Document(None)
    except (Wrong, Undecided):
        return Document(None)


# -- locked ------------------------------------------------------------------------------------------------------


def locked(subject: Subject) -> Iterable[Finding]:
    """Beside each manifest that names dependencies, or above it, lies the lock file of its tool."""
    repository = subject.repository
    manifests: Mapping[str, Mapping[str, Any]] = subject.parameters["manifests"]
    looked_at = found = 0
    unknown: list[str] = []
    for name, how in manifests.items():
        for path in _own(subject, [f"**/{name}"]):
            looked_at += 1
            if _has_lock(repository, path, how["locks"]):
                continue
            try:
                depends = _depends(repository, path, how)
            except (Wrong, Undecided):
                continue  # told where that file itself is looked at
            except NotKnown as error:
                unknown.append(str(error))
                continue
            if depends and found < MOST:
                found += 1
                yield Finding(
                    f"{path} has no lock file: none of {', '.join(how['locks'])} is beside it or above it.",
                    str(subject.parameters["remediation"]),
                    why=str(subject.parameters["why"]),
                    path=path,
                    line=1,
                    fix=f"{how['command']}\n",
                )
    if not looked_at:
        raise NotApplicable("it has no manifest that a lock file belongs to")
    if unknown:
        raise NotKnown("; ".join(unknown))


def _has_lock(repository: Repository, manifest: str, locks: Iterable[str]) -> bool:
    """A workspace has one lock file, at its top."""
    folder = posixpath.dirname(manifest)
    while True:
        if any(posixpath.join(folder, lock) in repository.files.paths for lock in locks):
            return True
        if not folder:
            return False
        folder = posixpath.dirname(folder)


def _depends(repository: Repository, path: str, how: Mapping[str, Any]) -> bool:
    """Whether a manifest names something that its lock file would hold."""
    beside = how.get("beside")
    if beside and posixpath.join(posixpath.dirname(path), beside) not in repository.files.paths:
        return False
    if "says" in how:
        return any(one in (repository.text(path) or "") for one in how["says"])
    document = (repository.toml if path.endswith(".toml") else repository.json)(path) or Document(None)
    return any(bool(document.get(*field.split("."))) for field in how["fields"])


# -- both --------------------------------------------------------------------------------------------------------


def _own(subject: Subject, patterns: Iterable[str]) -> list[str]:
    """Manifests of the repository, without samples, tests and others' code: the uppermost first."""
    left_out = [glob(one) for one in subject.parameters["except"]]
    found = [
        one for one in subject.repository.paths(*patterns) if not any(not_ours.fullmatch(one) for not_ours in left_out)
    ]
    return sorted(found, key=lambda path: (path.count("/"), path))


def _finding(
    subject: Subject, message: str, path: str, document: Document | None = None, *at: str | int, fix: str = ""
) -> Finding:
    spot = document.spot(*at) if document else None
    return Finding(
        message,
        str(subject.parameters["remediation"]),
        why=str(subject.parameters["why"]),
        path=path,
        line=spot.line if spot else 1,
        column=spot.column if spot else 0,
        fix=fix,
    )
