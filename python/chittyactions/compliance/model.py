"""What a verdict is made of: plain values, in the words of docs/compliance.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

APART = "security-"
"""What the names of the dimensions begin with that are reported apart, as the security programme.

By the name and not by a field of its own, so that whoever reads a verdict, a report or an audit's file can tell.
"""


def is_apart(dimension: str) -> bool:
    """Whether a dimension is reported apart. It is advisory: it counts in no score, and fails nothing."""
    return dimension.startswith(APART)


class Outcome(str, Enum):
    """What came of a check, or of a dimension."""

    PASS = "pass"  # noqa: S105 - the word of the published contract
    FAIL = "fail"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"
    """It needs a fact that this run does not ask for: the branch's protection without a token, health when offline."""
    UNKNOWN = "unknown"
    """The fact was asked for, and could not be learned. Never a failure."""
    ERROR = "error"
    """The check itself could not be made, because of what the repository holds (a file of 5 MB)."""


class Severity(str, Enum):
    """How much a finding weighs; whether it is required is another matter."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Need(str, Enum):
    """What a profile says of a dimension for a type of service."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, with where it is and what to do.

    `path` is relative to the repository, with forward slashes; "" where it is of no file. Lines and columns count from
    1; 0 where none is known. `fix` is what to paste: whole lines of `path`, or of the file that is missing.
    """

    message: str
    remediation: str
    why: str = ""
    path: str = ""
    line: int = 0
    column: int = 0
    fix: str = ""
    absent: bool = False
    """Whether there is simply nothing yet, as against something that is wrong. An optional dimension may be absent."""


@dataclass(frozen=True)
class Waiver:
    """Leave to fail a check, or all of a dimension, for a while. `source` says where it stands, as path:line."""

    check: str
    reason: str
    owner: str
    expires: date
    source: str = ""


@dataclass(frozen=True)
class Checked:
    """A check's outcome. `reason` says why there is no verdict (not_applicable, not_evaluated, unknown, error)."""

    id: str
    dimension: str
    title: str
    severity: Severity
    required: bool
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    waiver: Waiver | None = None
    """The waiver that holds (waived), or the one that has expired (fail)."""
    docs: str = ""
    """Page under docs/, with its anchor."""
    advisory: bool = False
    """Reported, and never made to fail anything: its specification is not certified, or it is reported apart."""
    asks: bool = False
    """Whether services have to be asked for it; else the checkout decides it."""

    @property
    def apart(self) -> bool:
        """Whether its dimension is reported apart."""
        return is_apart(self.dimension)


@dataclass(frozen=True)
class Service:
    """What is checked. "" and None stand for what nobody says; `sources` tells who said each field."""

    name: str
    type: str
    tier: int | None = None
    domain: str = ""
    organization: str = ""
    repository: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    disagreements: tuple[Finding, ...] = ()
    """Where two of those who say what it is contradict each other; see identity.py."""
    folder: str = ""
    """Where it lies in its repository; "" for the root."""
    misnamed: tuple[Finding, ...] = ()
    """Where a manifest calls it by quite another name."""
    stacks: tuple[str, ...] = ()
    """What it is built with, as detection.py knows it."""


@dataclass(frozen=True)
class Dimension:
    """A dimension's name and what came of its checks together."""

    name: str
    title: str
    need: Need
    outcome: Outcome
    advisory: bool = False

    @property
    def apart(self) -> bool:
        """Whether it is reported apart."""
        return is_apart(self.name)


@dataclass(frozen=True)
class Verdict:
    """All that is said of one repository at one commit."""

    service: Service
    commit: str
    dimensions: tuple[Dimension, ...]
    checks: tuple[Checked, ...]

    def count(self, *outcomes: Outcome, required: bool = True) -> int:
        """How many checks came to one of `outcomes`; by default of the required ones."""
        return sum(one.outcome in outcomes and (one.required or not required) for one in self.checks)

    @property
    def score(self) -> int | None:
        """Passed ÷ (passed + failed + waived + error) of the required checks, in whole percent, floored.

        None where there are none. One denominator everywhere: every report takes it from here.
        """
        passed = self.count(Outcome.PASS)
        whole = self.count(Outcome.PASS, Outcome.FAIL, Outcome.WAIVED, Outcome.ERROR)
        return passed * 100 // whole if whole else None

    @property
    def outcome(self) -> Outcome:
        """FAIL where a required check failed or could not be made, else UNKNOWN where one is, else PASS."""
        if self.count(Outcome.FAIL, Outcome.ERROR):
            return Outcome.FAIL
        return Outcome.UNKNOWN if self.count(Outcome.UNKNOWN) else Outcome.PASS
