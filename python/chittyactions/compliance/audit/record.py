"""An audit as a file: what came of every service, in one JSON document that reports and remediation read.

Its schema is schemas/audit.schema.json. A shard is the same document with fewer services; `merged` puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo

from chittyactions import VERSION
from chittyactions.compliance.model import Need, Outcome, Severity

Held = dict[Any, Any]
"""Records by themselves: of ten thousand services most checks come to one of a few hundred, word for word."""

_T = TypeVar("_T")


def _once(record: _T, info: ValidationInfo) -> _T:
    """The record that was held before, where it is the same."""
    held: Held = {} if info.context is None else info.context
    return held.setdefault(record, record)  # type: ignore[no-any-return]


class Part(BaseModel):
    """A part of the document."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Standing(str, Enum):
    """What GitHub says of a service's repository. Only one that was judged has a verdict."""

    JUDGED = "judged"
    ARCHIVED = "archived"
    EMPTY = "empty"
    """There is no commit in it."""
    MISSING = "missing"
    """There is no such repository, or it is private and this token may not see it: GitHub does not tell which."""
    NO_ACCESS = "no_access"
    """It is there, and this token may not read what is in it."""
    INVALID = "invalid"
    """Its own settings are wrong, so that nobody can say what it is to be held to."""
    UNKNOWN = "unknown"
    """GitHub could not be asked, or did not answer."""


class FindingRecord(Part):
    """One thing that is not as it should be. Lines and columns count from 1; 0 where none is known."""

    path: str = ""
    line: int = 0
    column: int = 0
    message: str
    why: str = ""
    remediation: str
    fix: str = ""


class WaiverRecord(Part):
    """A waiver that holds, or one that has expired."""

    check: str
    reason: str
    owner: str
    expires: date
    expired: bool
    source: str = ""


class CheckRecord(Part):
    """What came of one check."""

    id: str
    dimension: str
    title: str
    outcome: Outcome
    severity: Severity
    required: bool
    reason: str = ""
    docs: str = ""
    waiver: WaiverRecord | None = None
    findings: tuple[FindingRecord, ...] = ()


class DimensionRecord(Part):
    """What came of a dimension's checks together."""

    title: str
    need: Need
    outcome: Outcome
    advisory: bool = False
    passed: int
    failed: int


class ServiceRecord(Part):
    """One service of the registry, and what came of it.

    Attributes:
        organization, name: where it stands in the registry; both together are its key.
        repository: owner/name, as the registry says.
        moved_to: owner/name where GitHub leads to, of a repository that was renamed; else "".
        private: whether GitHub says that it is not public. Public outputs leave such a service out.
        reason: why it was not judged; "" where it was.
        branch, commit: the default branch and the commit that was judged.
        judged_at: when what was judged was read.
        outcome, score: of its required checks together; None where it was not judged.
    """

    organization: str
    name: str
    repository: str
    type: str
    tier: int | None = None
    domain: str = ""
    territory: str = ""
    standing: Standing
    reason: str = ""
    moved_to: str = ""
    private: bool = False
    branch: str = ""
    commit: str = ""
    judged_at: AwareDatetime | None = None
    outcome: Outcome | None = None
    score: int | None = None
    dimensions: Mapping[str, Annotated[DimensionRecord, AfterValidator(_once)]] = Field(default_factory=dict)
    checks: tuple[Annotated[CheckRecord, AfterValidator(_once)], ...] = ()

    @property
    def key(self) -> str:
        """Organisation and name in lower case, as GitHub tells them apart."""
        return f"{self.organization}/{self.name}".lower()

    @property
    def is_public(self) -> bool:
        """Whether GitHub said that it is public. Of what is missing, refused or was not asked, nobody knows it."""
        return not self.private and self.standing not in (Standing.MISSING, Standing.NO_ACCESS, Standing.UNKNOWN)

    def shared(self, held: Held) -> ServiceRecord:
        """The same, of records that other services have too, which are kept in `held`."""
        dimensions = {name: held.setdefault(one, one) for name, one in self.dimensions.items()}
        checks = tuple(held.setdefault(one, one) for one in self.checks)
        return self.model_copy(update={"dimensions": dimensions, "checks": checks})

    def failing(self) -> tuple[CheckRecord, ...]:
        """The required checks that failed or could not be made."""
        return tuple(one for one in self.checks if one.required and one.outcome in (Outcome.FAIL, Outcome.ERROR))


class Cost(Part):
    """What an audit took."""

    graphql_requests: int = 0
    graphql_points: int = 0
    rest_requests: int = 0
    """Of settings that GraphQL lacks, such as the states of workflows."""
    states_before: int = 0
    """Answers of an earlier audit that stood in for REST's, whose hour was used up."""
    archives: int = 0
    """Repositories whose whole commit was fetched, since a check asked for more than the base facts."""
    probes: int = 0
    """Requests to the services themselves."""
    waited_seconds: float = 0.0
    """For GitHub's limits."""
    seconds: float = 0.0
    reused: int = 0
    """Repositories whose commit had not moved, so that their content was not read again."""


class Scope(Part):
    """What an audit was asked to look at. Empty tuples: everything."""

    organizations: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    except_dimensions: tuple[str, ...] = ()
    runtime: bool = True
    """Whether services were asked: health, registration, routes."""
    plan: str = ""
    """Digest of the planned services with the rules that they are held to: the same in all shards of one plan."""
    shard: Annotated[str, Field(pattern=r"^\d+/\d+$")] = "1/1"


class Share(Part):
    """How many passed of how many, and in whole percent, floored; None of none."""

    passed: int
    whole: int
    percent: int | None


class Security(Part):
    """What is reported apart, in numbers of its own, as apart.py counts them. No number of Summary has it.

    Attributes:
        services, failing: judged services that it was looked at in, and those of them where a check fails.
        checks, dimensions: checks that pass, of those that were settled.
    """

    services: int
    failing: int
    checks: Share
    dimensions: Mapping[str, Share]


class Summary(Part):
    """The audit in numbers, as totals.py counts them. It is for readers of the file: reports read left_out alone.

    Attributes:
        services: those in the document.
        passing, failing, unknown: those that were judged, by what came of them.
        unjudged: the others, by their standing.
        rate: services that pass, of those that pass or fail.
        required_checks, dimensions: required checks that pass, of those that were settled.
        left_out: services that are not in the document, since it is for the public.
        security: what is reported apart; None where nobody looked.
    """

    services: int
    passing: int
    failing: int
    unknown: int
    unjudged: Mapping[Standing, int]
    rate: Share
    required_checks: Share
    dimensions: Mapping[str, Share]
    left_out: int = 0
    security: Security | None = None


class Audit(Part):
    """The whole document."""

    schema_version: Literal[1] = 1
    tool: str = f"chittyops {VERSION}"
    started: AwareDatetime
    finished: AwareDatetime
    scope: Scope = Scope()
    complete: bool
    """Whether all that was asked for was looked at. An incomplete audit ends with 3, and judges nobody wrongly."""
    incomplete: tuple[str, ...] = ()
    """Why it is not, a sentence each."""
    cost: Cost = Cost()
    summary: Summary | None = None
    """Only in what `chittyops report --format json` writes."""
    services: tuple[ServiceRecord, ...]
