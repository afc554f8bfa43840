"""An issue that is made once, although two runs may want it at the same moment and answers may be lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from chittyactions.compliance.remediation.issue_text import duplicate_of
from chittyactions.ecosystem.github_issues import Issue, Issues
from chittyactions.ecosystem.github_wire import SERVICE
from chittyactions.errors import AnswerLost, BadAnswer, Refused, ServiceError
from chittyactions.http import LOST

COLOUR = "d93f0b"
DESCRIPTION = "The service fails required compliance checks"
LOOKS = 4
"""How often the list is read until it shows a new issue."""
MOMENT = 2.0
"""Seconds between two looks."""


class Once:
    """Makes an issue that is found by `find`, which lists ours, open or closed, the lowest number first.

    Methods raise ServiceError.
    """

    def __init__(self, issues: Issues, find: Callable[[], Sequence[Issue]], pause: Callable[[float], None]) -> None:
        self._issues = issues
        self._find = find
        self._pause = pause

    def steps(self, labels: Sequence[str], planned: Collection[str] = ()) -> tuple[str, ...]:
        """What `make` would change, by a request each. GitHub is only read.

        `planned`: labels that are there by then, in lower case, since GitHub tells them apart without regard to case.
        """
        self._refuse_off()
        return (*(f"label {name}" for name in self._lacking(labels, planned)), "issue")

    def make(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Make it, and its labels where they lack; the one that goes on, where others were made as well."""
        self._refuse_off()
        for name in labels:
            if not self._issues.has_label(name):
                self._issues.make_label(name, colour=COLOUR, description=DESCRIPTION)
        number, doubt = 0, None
        try:
            number = self._issues.create(title, body, tuple(labels)).number
        except ServiceError as failure:
            if not in_doubt(failure):
                raise
            doubt = failure
        return self._settled(number, doubt)

    def close(self, duplicates: Sequence[Issue], kept: int) -> None:
        """Close what was made beside the one that goes on. They are nobody's afterwards."""
        for one in duplicates:
            self._issues.close(one.number, body=duplicate_of(kept), reason="not_planned")

    def _refuse_off(self) -> None:
        if not self._issues.are_on():
            raise switched_off(self._issues.repository)

    def _lacking(self, labels: Sequence[str], planned: Collection[str]) -> list[str]:
        once = {name.lower(): name for name in reversed(labels) if name.lower() not in planned}
        return [name for name in labels if once.get(name.lower()) == name and not self._issues.has_label(name)]

    def _settled(self, number: int, doubt: ServiceError | None) -> Issue:
        """The one issue after a new one was made, or may have been: others may have made one at the same moment."""
        for look in range(LOOKS):
            if look:
                self._pause(MOMENT)
            seen = self._find()
            if any(one.number == number for one in seen) or (doubt and seen):
                kept, *others = seen
                self.close([one for one in others if one.state == "open"], kept.number)
                return kept
            if number and seen and seen[0].number < number:
                return self._given_up(number, seen[0])
        if doubt:
            raise doubt
        raise ServiceError(
            f"GitHub's list does not show the new issue #{number} of {self._issues.repository}.",
            service=SERVICE,
            why="Another run may have opened one at the same time, which could not be told.",
            fix="Run again: it goes on with the lowest number.",
        )

    def _given_up(self, number: int, kept: Issue) -> Issue:
        """Another run was first, and has closed ours, or the list does not show it yet."""
        made = self._issues.get(number)
        if made.state == "open":
            self.close([made], kept.number)
        return kept


def switched_off(repository: str) -> ServiceError:
    """What is told of a repository without issues."""
    return ServiceError(
        f"{repository} takes no issues.",
        service=SERVICE,
        why="Issues are switched off there.",
        fix="Switch them on in the repository's settings, or leave the service out by --service or --org.",
        docs="remediation.md#issues",
    )


def in_doubt(failure: ServiceError) -> bool:
    """Whether what was asked for may have been done all the same."""
    if isinstance(failure, Refused):
        return failure.status in LOST or failure.status == 500
    if isinstance(failure, BadAnswer):
        return failure.status in LOST or failure.status == 0 or 200 <= failure.status < 300
    return isinstance(failure, AnswerLost)
