"""ChittyCanon: guidance, owners and a charter that are not empty, and a default branch that nobody can rewrite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import dropwhile
from typing import Any

from chittyactions.compliance.documents import Malformed, front_matter
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import Undecided
from chittyactions.compliance.model import Finding
from chittyactions.compliance.yaml_text import read_yaml

_NOTE = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")


def document(subject: Subject) -> Iterable[Finding]:
    """`path` is there and says something: more than blanks, comments of HTML and front matter."""
    repository, wanted = subject.repository, str(subject.parameters["path"])
    found = repository.find(wanted)
    if not found:
        return [_missing(subject, repository.home(wanted))]
    try:
        text = repository.text(found) or ""
    except Undecided:
        return []  # too large to read, so that it is not empty
    header = front_matter(text)
    findings = []
    if header:
        try:
            read_yaml(header[0])
        except Malformed as error:
            findings.append(
                Finding(
                    f"The front matter of {found} is no valid YAML: {error.reason}.",
                    "Correct it at that place; it is what stands between the first two lines of three dashes.",
                    why=str(subject.parameters["why"]),
                    path=found,
                    line=error.spot.line + header[1],
                    column=error.spot.column,
                )
            )
        text = "\n".join([*dropwhile(lambda line: line.rstrip() not in ("---", "..."), text.splitlines()[1:])][1:])
    if not _NOTE.sub("", text).strip():
        findings.append(
            Finding(
                f"{found} is empty{' but for its front matter' if header else ''}.",
                str(subject.parameters["remediation"]),
                why=str(subject.parameters["why"]),
                path=found,
                line=1,
                fix=str(subject.parameters["fix"]),
            )
        )
    return findings


def owners(subject: Subject) -> Iterable[Finding]:
    """The CODEOWNERS that GitHub reads, which is the first of `paths` that is there, gives something to an owner.

    GitHub looks in the repository's own folders alone, wherever in it the service lies.
    """
    parameters, repository = subject.parameters, subject.repository
    there = [path for path in parameters["paths"] if path in repository.files.paths]
    if not there:
        return [_missing(subject, parameters["paths"][0])]
    text = repository.text(there[0]) or ""
    rules = [(number, fields) for number, line in enumerate(text.splitlines(), 1) if (fields := _fields(line))]
    ask = str(parameters["placeholder"])
    named = [(number, _why_nobody(fields[0], owner, ask)) for number, fields in rules for owner in fields[1:]]
    if any(not why for _, why in named):
        return []
    if named:
        message = f"{there[0]} names no owner that GitHub knows: {named[0][1]}."
    elif rules:
        message = f"{there[0]} names no owner: each of its lines is a pattern alone."
    else:
        message = f"{there[0]} is empty{' but for comments' if text.strip() else ''}."
    if len(there) > 1:
        message += f" GitHub reads no other beside it, so that {there[1]} does nothing."
    line = named[0][0] if named else rules[0][0] if rules else 1
    return [
        Finding(
            message,
            str(parameters["remediation"]),
            why=str(parameters["why"]),
            path=there[0],
            line=line,
            fix=_with_owner(subject),
        )
    ]


def _why_nobody(pattern: str, owner: str, placeholder: str) -> str:
    """Why GitHub asks nobody by this owner of a pattern, or ""."""
    if pattern.startswith("!"):
        return f"it passes over {pattern}, as no pattern begins with !"
    if not _OWNER.fullmatch(owner):
        return f"{owner} is neither @user, @organisation/team nor mail"
    return f"{owner} holds the place of your team" if owner.lower().endswith(f"/{placeholder}") else ""


def protection(subject: Subject) -> Iterable[Finding]:
    """The default branch wants reviews and status checks, and takes no force push."""
    observed, parameters = subject.repository.observed, subject.parameters
    branch = observed.default_branch or "the default branch"
    found = observed.protection.known()
    ruleset = _ruleset(parameters)
    if found is None:
        told = f": {observed.protection.why}" if observed.protection.why else ""
        lacking = [f"Nothing protects {branch}{told}."]
    else:
        lacking = [
            said
            for holds, said in (
                (found.reviews, f"{branch} takes changes that nobody has reviewed."),
                (found.status_checks, f"{branch} takes changes whatever their status checks say."),
                (not found.force_pushes, f"{branch} can be rewritten by a force push."),
            )
            if not holds
        ]
    return [
        Finding(
            message[:1].upper() + message[1:],
            str(parameters["remediation"]),
            why=str(parameters["why"]),
            fix=ruleset,
            absent=found is None,
        )
        for message in lacking
    ]


def _missing(subject: Subject, path: str) -> Finding:
    return Finding(
        f"There is no {path.rpartition('/')[2]}.",
        " ".join(str(subject.parameters[one]) for one in ("remediation", "offer") if one in subject.parameters),
        why=str(subject.parameters["why"]),
        path=path,
        fix=_with_owner(subject),
        absent=True,
    )


def _with_owner(subject: Subject) -> str:
    """What to paste. Owners are never invented: the organisation's name is all that is known."""
    owner = subject.service.organization or "organisation"
    return str(subject.parameters["fix"]).replace("{organization}", owner)


def _fields(line: str) -> list[str]:
    """A line of CODEOWNERS: its pattern and owners, without the comment; a blank in a pattern has a backslash."""
    text = re.split(r"(?<!\S)#", line)[0]
    return [field for field in re.split(r"(?<!\\)\s+", text.strip()) if field]


def _ruleset(parameters: Any) -> str:
    """What GitHub's settings import as a ruleset."""
    return json.dumps(parameters["ruleset"], indent=2)
