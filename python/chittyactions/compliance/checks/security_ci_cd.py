"""Workflows that others could turn against the repository: what they run, with which rights, and whose words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

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
    text,
    told_all,
    triggers,
)
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable
from chittyactions.compliance.model import Finding
from chittyactions.compliance.workflows import Workflow

CHECKOUT = "actions/checkout"

LONGEST = 100_000
"""Signs of a script that is searched."""

_PINNED = re.compile(r"[^@\s]+@[0-9a-f]{40}|docker://[^@\s]+@sha256:[0-9a-f]{64}")
_EXPRESSION = re.compile(r"\$\{\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}")
_TEXT = r"'[^']*'"
_ANSWER = re.compile(
    rf"(?:contains|startsWith|endsWith|hashFiles)\((?:{_TEXT}|[^()'])*\)|(?<![\w.\[\]*-])[\w.\[\]*-]+\s*[!=]=\s*(?:{_TEXT}|[\w.-]+)"
    rf"|{_TEXT}\s*[!=]=\s*[\w.\[\]*-]+",
    re.IGNORECASE,
)
"""What comes to true or false whatever is in it."""


# -- pinned-actions ----------------------------------------------------------------------------------------------


def pinned(subject: Subject) -> Iterable[Finding]:
    """Each action and workflow of somebody else is named by a whole commit, and each image by its digest."""
    repository = subject.repository
    ours = {str(one).lower() for one in subject.parameters["trusted"]}
    ours |= {subject.service.organization.lower(), organization_of(repository)}
    by_file: dict[str, list[Part]] = {}
    for part in [one for flow in flows(repository) for one in parts(flow)] + list(own_actions(repository)):
        if part.uses and not part.uses.startswith((".", "$")) and not _PINNED.fullmatch(part.uses):
            owner = part.action.partition("/")[0]
            if part.uses.startswith("docker://") or owner not in ours:
                by_file.setdefault(part.path, []).append(part)
    for path, loose in list(by_file.items())[:MOST]:
        first = loose[0].spot("uses")
        uses = list(dict.fromkeys(one.uses for one in loose))
        yield finding(
            subject,
            f"{path} runs what others may change at any time: {listed(uses)}.",
            path,
            first,
            "\n".join(_pin(one) for one in uses[:10]) + "\n",
        )
    told_all(repository)


def _pin(uses: str) -> str:
    """A line to paste, but for the commit, which only its repository knows."""
    name, _, ref = uses.partition("@")
    if uses.startswith("docker://"):
        return f"uses: {name}@sha256:DIGEST"
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
    head = re.compile("|".join(subject.parameters["heads"]), re.IGNORECASE)
    command = re.compile("|".join(subject.parameters["commands"]))
    guard = re.compile("|".join(subject.parameters["guards"]), re.IGNORECASE)
    trusted = [one for one in flows(subject.repository) if triggers(one, *subject.parameters["triggers"])]
    if not trusted:
        raise NotApplicable(f"no workflow is started by {' or '.join(subject.parameters['triggers'])}")
    found = 0
    for part in (one for flow in trusted for one in parts(flow)):
        if guard.search(f"{part.job.get('if')} {part.said.get('if')}"):
            continue
        asked = " ".join(str(part.inputs.get(name, "")) for name in ("ref", "repository"))
        script = text(part.said.get("run"))[:LONGEST]
        kind = "uses" if part.action == CHECKOUT and head.search(asked) else "run" if command.search(script) else ""
        if kind and found < MOST:
            found += 1
            spot = part.spot(kind)
            yield finding(
                subject,
                f"{part.path} fetches a stranger's commit into a run that has the repository's rights and secrets.",
                part.path,
                spot,
            )
    told_all(subject.repository)


# -- script-injection --------------------------------------------------------------------------------------------


def script_injection(subject: Subject) -> Iterable[Finding]:
    """No script has words in it that anybody may write, such as the title of an issue."""
    foreign = re.compile("|".join(subject.parameters["foreign"]), re.IGNORECASE)
    repository = subject.repository
    found = 0
    for part in [one for flow in flows(repository) for one in parts(flow)] + list(own_actions(repository)):
        for script, at in (
            (text(part.said.get("run")), ("run",)),
            (text(part.inputs.get("script")) if part.action == "actions/github-script" else "", ("with", "script")),
        ):
            for whole, word in _foreign_words(script[:LONGEST], foreign):
                if found >= MOST:
                    break
                found += 1
                spot = place_of(repository, part.path, whole.split("\n")[0], part.spot(*at).line)
                yield finding(
                    subject,
                    f"{part.path} puts {word} into a script, where it is run.",
                    part.path,
                    spot,
                    str(subject.parameters["fix"]).replace("{expression}", whole.strip()),
                )
    told_all(repository)


def _foreign_words(script: str, foreign: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Each expression of a script that comes to a stranger's words, and what of it does; the same one once."""
    seen: set[str] = set()
    for expression in _EXPRESSION.finditer(script):
        word = foreign.search(_ANSWER.sub(" ", expression[1]))
        if word and expression[0] not in seen:
            seen.add(expression[0])
            yield expression[0], word[0]


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
