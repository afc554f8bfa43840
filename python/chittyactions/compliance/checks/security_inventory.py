"""Who answers for what can harm most, and where a stranger reports a hole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, Undecided
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import glob

LONGEST_PATTERN = 200
"""Signs of a pattern of CODEOWNERS that is looked at."""

_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class Rule:
    """A line of CODEOWNERS."""

    line: int
    pattern: str
    owners: tuple[str, ...]


def owners(subject: Subject) -> Iterable[Finding]:
    """Of each path of `covers` the last line of CODEOWNERS that fits names an owner."""
    parameters, repository = subject.parameters, subject.repository
    path = next((one for one in parameters["paths"] if one in repository.files.paths), "")
    rules = [] if not path else rules_of(repository.text(path) or "")
    named = [owner for rule in rules for owner in rule.owners]
    if not named:
        raise NotApplicable("chittycanon.codeowners asks for owners first")
    for what, one in parameters["covers"].items():
        last = next(
            (rule for rule in reversed(rules) if any(fits(rule.pattern, sample) for sample in one["samples"])), None
        )
        if last and last.owners:
            continue
        message = f"the line {last.pattern} names none" if last else "no line is for it"
        yield Finding(
            f"{path} gives {what} no owner: {message}.",
            str(parameters["remediation"]),
            why=str(one["why"]),
            path=path,
            line=last.line if last else 1,
            fix=f"{one['pattern']} {named[0]}\n",
        )


def rules_of(text: str) -> list[Rule]:
    """The lines that say something, in their order."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        said = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].split()
        if said:
            found.append(Rule(number, said[0], tuple(one for one in said[1:] if _OWNER.fullmatch(one))))
    return found


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern of CODEOWNERS is for a path: as in .gitignore, except that `docs/*` is not for folders."""
    body = re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*\*+", "**", pattern.strip("/")))
    if not body or len(body) > LONGEST_PATTERN:
        return False
    anywhere = "" if "/" in pattern.rstrip("/") else "**/"
    inside = glob(f"{anywhere}{body}/**").fullmatch(path) if body == "**" or not body.endswith("/*") else None
    return bool(inside or (not pattern.endswith("/") and glob(anywhere + body).fullmatch(path)))


def policy(subject: Subject) -> Iterable[Finding]:
    """There is a SECURITY.md where GitHub looks for one, and it says how to reach somebody.

    GitHub also shows the one of the owner's `.github` repository, no fact of this commit: the finding names it.
    """
    parameters, repository = subject.parameters, subject.repository
    path = next((one for one in parameters["paths"] if one in repository.files.paths), "")
    if path:
        try:
            said = repository.text(path) or ""
        except Undecided:
            return  # too large to read, so that it says a lot
        if re.search("|".join(parameters["contacts"]), said, re.IGNORECASE):
            return
    yield Finding(
        f"{path} names nobody to write to." if path else str(parameters["missing"]),
        str(parameters["remediation"]),
        why=str(parameters["why"]),
        path=path or parameters["paths"][0],
        line=1 if path else 0,
        fix=str(parameters["fix"]),
        absent=not path,
    )
