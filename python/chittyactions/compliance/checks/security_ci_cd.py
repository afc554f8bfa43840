"""Workflows that others could turn against the repository: what they run, with which rights, and whose words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from chittyactions.compliance.checks.security_fetches import CHECKOUT, LONGEST, Fetches
from chittyactions.compliance.checks.security_guards import guards
from chittyactions.compliance.checks.security_uses import IMAGE, used
from chittyactions.compliance.checks.security_workflows import (
    MOST,
    Part,
    finding,
    flows,
    listed,
    organization_of,
    own_actions,
    parts,
    place_of,
    reached,
    text,
    told_all,
    triggers,
)
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Workflow

_PINNED = re.compile(r"[^@\s]+@[0-9a-f]{40}|docker://[^@\s]+@sha256:[0-9a-f]{64}")


# -- pinned-actions ----------------------------------------------------------------------------------------------


def pinned(subject: Subject) -> Iterable[Finding]:
    """Each action and workflow of somebody else is named by a whole commit, and each image by its digest."""
    repository = subject.repository
    ours = {str(one).lower() for one in subject.parameters["trusted"]}
    ours |= {subject.service.organization.lower(), organization_of(repository)}
    by_file: dict[str, dict[str, Spot]] = {}
    for use in used(repository, flows(repository)):
        if not _PINNED.fullmatch(use.uses) and _owner(use.uses) not in ours:
            by_file.setdefault(use.path, {}).setdefault(use.uses, use.spot)
    for path, loose in list(by_file.items())[:MOST]:
        told = f"{path} runs what others may change at any time: {listed(one.removeprefix(IMAGE) for one in loose)}."
        fix = "\n".join(_pin(one) for one in list(loose)[:10]) + "\n"
        yield finding(subject, told, path, min(loose.values()), fix)
    told_all(repository)


def _owner(uses: str) -> str:
    """Whose an action, workflow or image is; IMAGE, which is nobody, where an image's name does not say."""
    if not uses.startswith(IMAGE):
        return uses.partition("/")[0].lower()
    names = uses.removeprefix(IMAGE).lower().split("/")
    return names[1] if names[0] == "ghcr.io" and len(names) > 2 else IMAGE


def _pin(uses: str) -> str:
    """A line to paste, but for the commit, which only its repository knows."""
    name, _, ref = uses.partition("@")
    if uses.startswith(IMAGE):
        return f"image: {name.removeprefix(IMAGE)}@sha256:DIGEST"
    repository = "/".join(name.split("/")[:2])
    asked = f"gh api repos/{repository}/commits/{ref or 'HEAD'} --jq .sha"
    return f"uses: {name}@COMMIT # {ref or 'latest'}; COMMIT is what `{asked}` says"


# -- permissions -------------------------------------------------------------------------------------------------


def permissions(subject: Subject) -> Iterable[Finding]:
    """Every workflow that an event starts says what its token may do, and none says everything."""
    begun = [one for one in flows(subject.repository) if one.starts]
    if not begun:
        raise NotApplicable("no event starts a workflow")
    for flow in begun[:MOST]:
        yield from _rights(subject, flow)
    told_all(subject.repository)


def _rights(subject: Subject, flow: Workflow) -> Iterator[Finding]:
    document = flow.document
    jobs: dict[str, Any] = document.get("jobs")
    said = [("permissions",), *(("jobs", name, "permissions") for name in jobs)]
    everything = next((at for at in said if document.get(*at) == "write-all"), None)
    silent = [name for name, job in jobs.items() if isinstance(job, dict) and "permissions" not in job]
    if everything:
        message, spot = f"{flow.path} gives its token every right there is.", document.spot(*everything)
    elif silent and not document.has("permissions"):
        message = f"{flow.path} does not say what its token may do in {listed(silent)}."
        spot = document.spot("jobs", silent[0])
    else:
        return
    yield finding(subject, message, flow.path, spot)


# -- untrusted-checkout ------------------------------------------------------------------------------------------


def untrusted_checkout(subject: Subject) -> Iterable[Finding]:
    """No workflow that runs with the repository's secrets fetches what a stranger proposes."""
    fetches = Fetches(subject.parameters)
    trusted = [one for one in flows(subject.repository) if triggers(one, *subject.parameters["triggers"])]
    if not trusted:
        raise NotApplicable(f"no workflow is started by {' or '.join(subject.parameters['triggers'])}")
    found: set[tuple[str, Spot]] = set()
    for flow in trusted:
        guarding = guards(subject.parameters, flow.triggers)
        for part in reached(subject.repository, flow):
            kind = "" if guarding.stand(part.conditions) else fetches.by(part)
            place = (part.path, part.spot(kind))
            if kind and place not in found and len(found) < MOST:
                found.add(place)
                yield finding(
                    subject,
                    f"{part.path} fetches a stranger's commit into a run that has the repository's rights and secrets.",
                    *place,
                )
    told_all(subject.repository)


# -- script-injection --------------------------------------------------------------------------------------------


def script_injection(subject: Subject) -> Iterable[Finding]:
    """No script has words in it that anybody may write, such as the title of an issue."""
    foreign: list[str] = subject.parameters["foreign"]
    repository = subject.repository
    found: set[tuple[str, Spot, str]] = set()
    for part, at, whole, word in _injections(repository, foreign):
        if len(found) == MOST:
            break
        spot = place_of(repository, part.path, whole.split("\n")[0], part.spot(*at).line)
        if (part.path, spot, whole) in found:
            continue
        found.add((part.path, spot, whole))
        yield finding(
            subject,
            f"{part.path} puts {word} into a script, where it is run.",
            part.path,
            spot,
            str(subject.parameters["fix"]).replace("{expression}", whole.strip()),
        )
    told_all(repository)


def _injections(repository: Repository, foreign: Iterable[str]) -> Iterator[tuple[Part, tuple[str, ...], str, str]]:
    """Each expression of a script that comes to a stranger's words: where it stands, itself, and which; once."""
    told: set[tuple[object, ...]] = set()
    for part in [one for flow in flows(repository) for one in reached(repository, flow)] + [*own_actions(repository)]:
        scripted = part.action == "actions/github-script"
        for script, at in (
            (text(part.said.get("run")), ("run",)),
            (text(part.inputs.get("script")) if scripted else "", ("with", "script")),
        ):
            for whole, word in _foreign_words(part, script, foreign):
                if (key := (part.path, part.at, at, whole)) not in told:
                    told.add(key)
                    yield part, at, whole, word


def _foreign_words(part: Part, script: str, foreign: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each expression of a script that comes to a stranger's words, and which; the same one once."""
    for whole, sources in part.scope.expressions(script):
        word = next((one for one in sources if any(one.fits(pattern) for pattern in foreign)), None)
        if word:
            yield whole, f"all of {word}" if word.whole else str(word)


# -- persist-credentials -----------------------------------------------------------------------------------------


def kept_credentials(subject: Subject) -> Iterable[Finding]:
    """A checkout leaves no token behind in jobs that have no more use for it."""
    uses = re.compile("|".join(subject.parameters["uses"]))
    by_file: dict[str, list[Part]] = {}
    looked_at = False
    for flow in flows(subject.repository):
        for part in parts(flow):
            if part.action != CHECKOUT:
                continue
            looked_at = True
            given = str(part.inputs.get("persist-credentials", "true")).strip().lower()
            if given != "false" and not uses.search(_words(part.job)):
                by_file.setdefault(flow.path, []).append(part)
    if not looked_at:
        raise NotApplicable("no workflow checks anything out")
    for path, found in list(by_file.items())[:MOST]:
        spot = found[0].spot("uses")
        times = f", {len(found)} times, first here" if len(found) > 1 else ""
        yield finding(
            subject, f"{path} leaves its token in the checkout{times}, and nothing there needs it.", path, spot
        )
    told_all(subject.repository)


def _words(job: dict[str, Any]) -> str:
    """The scripts and actions of a job."""
    steps = job.get("steps")
    inside = [one for one in (steps if isinstance(steps, list) else ()) if isinstance(one, dict)]
    return "\n".join(f"{text(one.get('run'))[:LONGEST]}\n{text(one.get('uses'))}" for one in inside)
