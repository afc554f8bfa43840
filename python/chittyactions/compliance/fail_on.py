"""`fail_on`: which of the checks that did not pass fail a run, and which are only shown.

`required` counts the required checks; a severity counts every check that weighs as much or more, required or not;
`none` counts nothing. `auto` counts like `required`, and fails only a repository that has asked for it: one with a
.chittyops.yml, or a caller that sets an input which is new in v2. Everybody else is warned with what would fail.

An advisory check never counts, whatever it weighs. What is unknown never fails a run; it leaves it incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from chittyactions.compliance.catalogue import did_you_mean
from chittyactions.compliance.model import Checked, Outcome, Severity, Verdict
from chittyactions.errors import InputError

PASSED, FINDINGS, INCOMPLETE = 0, 1, 3
"""Exit codes of `chittyops check`; 2 is for its own command line and configuration."""

BAD = (Outcome.FAIL, Outcome.ERROR)


class FailOn(str, Enum):
    """The words of `fail_on`."""

    AUTO = "auto"
    REQUIRED = "required"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True)
class Decision:
    """What a verdict means for the run."""

    policy: FailOn
    counting: tuple[Checked, ...] = ()
    """The checks that failed or could not be made, and count: the worst first."""
    unknown: tuple[Checked, ...] = ()
    """The required checks, and those that would count, of which nobody could say how they stand."""
    enforced: bool = True
    """Whether the repository has asked for it; else `counting` is what would fail."""

    @property
    def fails(self) -> bool:
        """Whether the job fails."""
        return bool(self.counting) and self.enforced

    @property
    def would_fail(self) -> bool:
        """Whether the job passes only because the repository has not asked to be failed yet."""
        return bool(self.counting) and not self.enforced

    @property
    def exit_code(self) -> int:
        """Of the command. A job fails by `fails` alone: being incomplete fails none."""
        if self.fails:
            return FINDINGS
        return INCOMPLETE if self.unknown and self.enforced else PASSED


def read_fail_on(asked: str, settings: str = "") -> FailOn:
    """The word of an input, or of `.chittyops.yml` where the input says nothing or `auto`. Raises InputError."""
    for word, where in ((asked, "fail_on"), (settings, "fail_on in .chittyops.yml")):
        plain = word.strip().lower()
        if plain in ("", FailOn.AUTO.value):
            continue
        words = [one.value for one in FailOn]
        if plain not in words:
            raise InputError(
                f"{where} is {word.strip()[:40]!r}, which is no policy{did_you_mean(plain, words)}.",
                why="Only a known word can say what fails the run; a wrong one would let everything pass.",
                fix=f"Use one of {', '.join(words)}.",
                docs="compliance.md#fail-on",
            )
        return FailOn(plain)
    return FailOn.AUTO


def decide(verdict: Verdict, policy: FailOn, *, opted_in: bool) -> Decision:
    """What the verdict means. `opted_in` is whether the repository asked to be failed; it matters to `auto` alone."""
    if policy is FailOn.NONE:
        return Decision(policy)
    counting = tuple(one for one in worst_first(verdict.checks) if one.outcome in BAD and _counts(one, policy))
    unknown = tuple(
        one
        for one in worst_first(verdict.checks)
        if one.outcome is Outcome.UNKNOWN and (one.required or _counts(one, policy))
    )
    return Decision(policy, counting, unknown, opted_in or policy is not FailOn.AUTO)


def worst_first(checks: Iterable[Checked]) -> list[Checked]:
    """Required before the others, then by severity; else in the order of the catalogue."""
    return sorted(checks, key=lambda one: (not one.required, one.severity.rank))


def _counts(check: Checked, policy: FailOn) -> bool:
    if policy in (FailOn.AUTO, FailOn.REQUIRED):
        return check.required
    return not check.advisory and check.severity.rank <= Severity(policy.value).rank
