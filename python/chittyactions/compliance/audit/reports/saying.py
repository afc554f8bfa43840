"""The words and addresses that the reports of an audit share, over those of compliance/reports/wording.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from chittyactions.compliance.audit.record import Cost, FindingRecord, ServiceRecord, Standing, WaiverRecord
from chittyactions.compliance.audit.reports.view import SOON, View
from chittyactions.compliance.audit.totals import Change, Rate
from chittyactions.compliance.reports.wording import NO_DUTY, SECURITY, line, plural
from chittyactions.errors import DOCS
from chittyactions.runner import as_bytes

GITHUB = "https://github.com"

STANDINGS = {
    Standing.JUDGED: "judged",
    Standing.ARCHIVED: "archived",
    Standing.EMPTY: "empty",
    Standing.MISSING: "not found",
    Standing.NO_ACCESS: "no access",
    Standing.INVALID: "wrong settings",
    Standing.UNKNOWN: "not looked at",
}

CHANGES = {
    Change.BROKEN: "Broken",
    Change.FIXED: "Fixed",
    Change.ADDED: "New",
    Change.REMOVED: "Gone",
    Change.STANDING: "Moved or archived",
}

MOST_NAMES = 10
"""Of those that were asked for."""

PAGE = DOCS + "audit-reports.md"
"""What the words of a report mean."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def headline(view: View) -> str:
    """What came of it, in one sentence without its full stop."""
    numbers = view.totals
    if not numbers.services:
        return "No service was audited"
    if not numbers.rate.whole:
        return f"None of {plural(numbers.services, 'service')} has a verdict"
    if numbers.rate.whole < numbers.services:
        return f"{numbers.passing} of the {numbers.rate.whole} services with a verdict pass ({numbers.rate})"
    return f"{numbers.passing} of {plural(numbers.rate.whole, 'service')} pass ({numbers.rate})"


def rest_of(view: View) -> list[str]:
    """What the headline's share leaves out, in parts of a sentence: none of it is silently for or against anybody."""
    numbers = view.totals
    unjudged = [(STANDINGS[one], count) for one, count in numbers.unjudged.items()]
    parts = [("unknown", numbers.unknown), *unjudged]
    return [f"{count} {word}" for word, count in parts if count]


def left_out(view: View) -> str:
    """That services are not in this report: of other shards, or not public, and how many; "" where none is."""
    shard = view.audit.scope.shard
    others = "" if shard == "1/1" else f"This is shard {shard}: other services are in the other shards."
    them = "service is" if view.left_out == 1 else "services are"
    hidden = f"{view.left_out} {them} left out: private, or not known to be public." if view.left_out else ""
    return f"{others} {hidden}".strip()


def asked(view: View) -> str:
    """Of what it is, as it goes on after when it was: ` of Grove, without chittytrust, and no service was asked`."""
    scope = view.audit.scope
    of_whom = _names([*scope.organizations, *scope.services])
    without = _names(scope.except_dimensions)
    parts = (
        f" of {of_whom}" if of_whom else "",
        f", without {without}" if without else "",
        "" if scope.runtime else ", and no service was asked",
    )
    return "".join(parts)


def _names(words: Sequence[str]) -> str:
    more = f" and {len(words) - MOST_NAMES} more" if len(words) > MOST_NAMES else ""
    return ", ".join(line(word, 60) for word in words[:MOST_NAMES]) + more


def rate(share: Rate) -> str:
    """`76 % (313 of 412)`."""
    return f"{share} ({share.passed} of {share.whole})" if share.whole else "none settled"


def security(view: View) -> str:
    """What came of what is reported apart, in two sentences; "" where it was not looked at."""
    numbers = view.apart
    if not numbers.services:
        return ""
    of_whom = f"{numbers.failing} of {plural(numbers.services, 'service')} have findings"
    return f"{rate(numbers.checks)} of its checks pass; {of_whom}. It is {NO_DUTY}."


def workstream(title: str) -> str:
    """`CI/CD` of `Security: CI/CD`, where Security is written above it."""
    short = title.removeprefix(f"{SECURITY}: ")
    return short[:1].upper() + short[1:]


def unlooked(view: View) -> str:
    """The first sentence about an audit that is not complete."""
    count = view.totals.unjudged.get(Standing.UNKNOWN, 0) + view.totals.unknown
    of_whom = f" {plural(count, 'service has', 'services have')} no verdict for that." if count else ""
    return f"This audit is incomplete: what could not be looked at is for and against nobody.{of_whom}"


def unchanged(view: View, *, apart: bool = False) -> str:
    """Why no changes are told."""
    if view.previous is None:
        return "There is no earlier audit to compare with."
    where = f" in {SECURITY.lower()}" if apart else ""
    since = f"{where} since {view.previous.date().isoformat()}."
    if view.other_scope or view.lost or view.fresh:
        return f"Of what is in both audits, nothing changed{since}"
    return f"Nothing changed{since}"


def uncompared(view: View) -> str:
    """What of the two audits can't be compared, in sentences; "" where all can. No service is named."""
    other = "The audit before looked at other services or checks, so none is told as new or gone."
    fresh = f"{plural(view.fresh, 'service was', 'services were')} not in the audit before."
    lost = f"{plural(view.lost, 'service')} of the audit before {'is' if view.lost == 1 else 'are'} not in this one."
    # Of one scope, what is there again after it was out of sight is no news.
    told = (other * view.other_scope, fresh * (view.other_scope and view.fresh > 0), lost * (view.lost > 0))
    return " ".join(one for one in told if one)


def spent(cost: Cost) -> str:
    """What it took."""
    parts = (
        plural(cost.graphql_requests, "GraphQL request") + f" ({plural(cost.graphql_points, 'point')})",
        plural(cost.rest_requests, "REST request"),
        plural(cost.archives, "archive"),
        plural(cost.probes, "probe"),
        f"{cost.reused} reused" if cost.reused else "",
        f"{cost.waited_seconds:.0f} s waited" if cost.waited_seconds else "",
    )
    return ", ".join(part for part in parts if part)


def remaining(waiver: WaiverRecord, today: date) -> str:
    """`expired 12 days ago`, `ends in 9 days`, `holds`."""
    days = (waiver.expires - today).days
    if waiver.expired or days < 0:
        return f"expired {plural(-days, 'day')} ago" if days < 0 else "expired"
    return f"ends in {plural(days, 'day')}" if days <= SOON.days else "holds"


def repository_address(service: ServiceRecord) -> str:
    """Of its repository on GitHub; "" where what the registry says is no name of one."""
    name = service.moved_to or service.repository
    return f"{GITHUB}/{name}" if _REPOSITORY.fullmatch(name) else ""


def source_address(service: ServiceRecord) -> str:
    """Of its repository's files at the commit; "" where either is not known."""
    address = repository_address(service)
    known = re.fullmatch(r"[0-9a-f]{40,64}", service.commit)
    return f"{address}/blob/{service.commit}" if address and known else ""


def file_address(service: ServiceRecord, finding: FindingRecord) -> str:
    """Of a finding's line; "" where there is no line to look at."""
    source = source_address(service)
    if not source or not finding.path or not finding.line:
        return ""
    return f"{source}/{quote(as_bytes(finding.path))}#L{finding.line}"
