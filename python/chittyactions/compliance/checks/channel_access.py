"""Channel access: nothing refers to the token that everybody shares, and minted tokens are verified.

Sources are read without their comments, and tests and what is generated are no sources of the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chittyactions.compliance.comments import without_comments
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Finding

MOST = 50
"""Findings of one check; who has more has the same cause."""


def shared_token(subject: Subject) -> Iterable[Finding]:
    """No source refers to the shared token, by any of `patterns`."""
    patterns = [re.compile(pattern) for pattern in subject.parameters["patterns"]]
    findings: list[Finding] = []
    for path, code in _read(subject, patterns, findings):
        for found in _hits(patterns, code):
            spot = _spot(code, found.start())
            findings.append(
                Finding(
                    f"{path} refers to the shared token: {found[0]}.",
                    str(subject.parameters["remediation"]),
                    why=str(subject.parameters["why"]),
                    path=path,
                    line=spot.line,
                    column=spot.column,
                )
            )
            if len(findings) >= MOST:
                return findings
    return findings


def minted_tokens(subject: Subject) -> Iterable[Finding]:
    """A source verifies minted tokens, by any of `patterns`. Without a file of `auth` nothing is verified yet."""
    patterns = [re.compile(pattern) for pattern in subject.parameters["patterns"]]
    for _path, code in _read(subject, patterns):
        if next(_hits(patterns, code), None):
            return []
    auth = _own(subject, subject.parameters["auth"])
    place = auth[0] if auth else subject.repository.home("src/auth.ts")
    return [
        Finding(
            f"{place} verifies no minted token." if auth else "No source verifies minted tokens.",
            str(subject.parameters["remediation"]),
            why=str(subject.parameters["why"]),
            path=place,
            line=1 if auth else 0,
            fix=str(subject.parameters["fix"]),
            absent=not auth,
        )
    ]


def _read(
    subject: Subject, patterns: Iterable[re.Pattern[str]], found: Sequence[Finding] = ()
) -> Iterator[tuple[str, str]]:
    """The sources that a pattern fits, with their comments blanked.

    One that can't be read hides no other: where nothing was `found` by the end, Undecided or NotKnown tells of it.
    """
    paths = _own(subject, subject.parameters["sources"])
    if not paths:
        raise NotApplicable("it has no sources")
    obstacle: Undecided | NotKnown | None = None
    for path in paths:
        try:
            text = subject.repository.text(path)
        except Wrong:
            continue  # a film has the ending .ts as well; a link out of the repository is not its source
        except (Undecided, NotKnown) as error:
            obstacle = obstacle or error
            continue
        assert text is not None  # it is one of the repository's paths
        if next(_hits(patterns, text), None):
            yield path, without_comments(path, text)
    if obstacle and not found:
        raise obstacle


def _own(subject: Subject, patterns: Iterable[str]) -> tuple[str, ...]:
    """The service's files that fit, without those of `except`."""
    repository = subject.repository
    left_out = set(repository.paths(*subject.parameters["except"]))
    place = f"{repository.folder}/" if repository.folder else ""
    return tuple(
        path for path in repository.paths(*(f"{place}{pattern}" for pattern in patterns)) if path not in left_out
    )


def _hits(patterns: Iterable[re.Pattern[str]], code: str) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from pattern.finditer(code)


def _spot(text: str, at: int) -> Spot:
    above = text[:at]
    return Spot(above.count("\n") + 1, at - above.rfind("\n"))
