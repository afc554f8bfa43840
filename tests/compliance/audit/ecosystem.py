"""A made ecosystem for the tests of the reports: 62 services with all that an audit can find, by plain arithmetic.

Names are those of real repositories; what is said of them is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from chittyactions.compliance.audit.record import (
    Audit,
    CheckRecord,
    Cost,
    DimensionRecord,
    FindingRecord,
    Scope,
    ServiceRecord,
    Standing,
    WaiverRecord,
)
from chittyactions.compliance.model import Need, Outcome, Severity, is_apart
from compliance.verdicts import HOSTILE

FINISHED = datetime(2026, 11, 16, 5, 4, 12, tzinfo=timezone.utc)
WEEK = timedelta(days=7)

WORKER, TOOL, PACKAGE, SDK, PAGES, ORG = (
    "cloudflare-worker",
    "tool",
    "npm-package",
    "client-sdk",
    "documentation",
    "org-config",
)

NAMES: dict[tuple[str, str], str] = {
    (
        "CHITTYOS",
        WORKER,
    ): "chittyagent chittyapi chittyassets chittybeacon chittychronicle chittycommand chittyconcierge "
    "chittyconnect chittyconnectfinance chittycontext chittydiscovery chittygateway chittyhelper chittyintel "
    "chittyledger chittymcp chittymonitor chittyregistry chittyrouter chittyscore chittystorage chittyswarm chittysync "
    "chittytrack chittyverify get-chitty chitty-email-workers mcp",
    ("CHITTYOS", TOOL): "chitty-issue-resolver chittyagent-cleaner chittyagent-local chittycan chittycleaner "
    "chittyevidence chittymac chittymcp-github chittyops chittyos-cli chittyos-workspace chittyserv "
    "chittysessionsync op-shell-plugins",
    ("CHITTYOS", PACKAGE): "chittycore chittystandard shared",
    ("CHITTYOS", SDK): "chitty-desktop-connector chitty-mobile-connector chittycli",
    ("CHITTYOS", PAGES): "docs legal-cases demo-repository",
    ("CHITTYOS", ORG): ".github .claude",
    ("ChittyCorp", WORKER): "chittyentry chittyforce chittyreception",
    ("ChittyCorp", TOOL): "chittychronicle-corp",
    ("ChittyCorp", ORG): ".github",
    ("chittyfoundation", TOOL): "chittyops-foundation",
    ("chittyfoundation", ORG): ".github",
    ("chittyapps", ORG): ".github",
    ("furnished-condos", ORG): ".github",
}

TITLES = {
    "chittyconnect": "ChittyConnect",
    "chittybeacon": "ChittyBeacon",
    "chittycanon": "ChittyCanon",
    "chittyregister": "ChittyRegister",
    "chittyrouter": "ChittyRouter",
    "chittytrust": "ChittyTrust",
    "health_endpoint": "Health endpoint",
    "channel-access-pattern": "Channel access",
    "security-inventory": "Security: inventory",
    "security-identity": "Security: identity",
    "security-ci-cd": "Security: CI/CD",
    "security-dependencies": "Security: dependencies",
    "security-runtime": "Security: runtime",
    "security-threats": "Security: threats",
    "security-remediation": "Security: remediation",
}

FILE = """schema_version: 1
service:
  name: {name}
onboarding:
  endpoint: https://get.chitty.cc/api/onboard
"""

CHECKS: tuple[tuple[str, str, Severity, str, str, str, str], ...] = (
    (
        "chittyconnect.config",
        ".chittyconnect.yml says who the service is",
        Severity.CRITICAL,
        "",
        "There is no .chittyconnect.yml.",
        "Write it as below, and add what else is known of the service.",
        FILE,
    ),
    (
        "chittyconnect.sync-workflow",
        "A workflow keeps ChittyConnect in step",
        Severity.HIGH,
        ".github/workflows/sync.yml:14",
        "No step of sync.yml sends the commit to ChittyConnect.",
        "Let a step call chittyos/chittyops/actions/getchitty-creds.",
        "",
    ),
    (
        "chittybeacon.installed",
        "The service has a beacon",
        Severity.MEDIUM,
        "package.json:12",
        "@chittycorp/app-beacon is in no dependencies.",
        "Add it once it is published: the name is not in the public registry today.",
        "",
    ),
    (
        "chittycanon.codeowners",
        "CODEOWNERS names owners",
        Severity.HIGH,
        "",
        "There is no CODEOWNERS in the root, .github/ or docs/.",
        "Write .github/CODEOWNERS as below.",
        "* @chittyos/{name}-owners\n",
    ),
    (
        "chittycanon.charter",
        "CHARTER.md says what the service is for",
        Severity.HIGH,
        "CHARTER.md:1",
        "CHARTER.md is empty.",
        "Say in a few sentences what {name} is for, and what it is not.",
        "",
    ),
    (
        "chittycanon.protection",
        "The default branch is protected",
        Severity.CRITICAL,
        "",
        "main may be force-pushed to, and asks for no review.",
        "Add a ruleset: one review, the status check `compliance`, no force push.",
        "",
    ),
    (
        "chittyregister.heartbeat",
        "A deploy sends the registry's heartbeat",
        Severity.HIGH,
        ".github/workflows/deploy.yml:31",
        "deploy.yml deploys, and sends no heartbeat.",
        "Use the reusable worker deploy, which sends it.",
        "",
    ),
    (
        "chittyrouter.declared",
        "The domain is declared",
        Severity.HIGH,
        ".chittyconnect.yml:3",
        "service.domains.production is missing.",
        "Declare it as below.",
        "  domains:\n    production: {domain}\n",
    ),
    (
        "chittytrust.provisions",
        "The service asks for all that makes it trusted",
        Severity.HIGH,
        ".chittyconnect.yml:9",
        "provisions has no certificate and no trust_chain.",
        "Add what is missing.",
        "  provisions: [chitty_id, service_token, certificate, trust_chain]\n",
    ),
    (
        "health_endpoint.health",
        "The Worker says that it is well",
        Severity.HIGH,
        "",
        "https://{domain}/health answered 503, three times.",
        "Let /health answer 200 with a JSON object whose status is ok.",
        "",
    ),
    (
        "channel-access-pattern.minted-tokens",
        "Minted tokens are verified",
        Severity.MEDIUM,
        "src/index.ts:44",
        "The audience of the token is not looked at.",
        "Compare aud with the service's own name.",
        "",
    ),
)
"""Id, title, severity, place, message, remediation, fix."""

APART: tuple[tuple[str, str, Severity, str, str, str, str], ...] = (
    (
        "security-inventory.policy",
        "SECURITY.md says whom to write to",
        Severity.LOW,
        ".github/SECURITY.md",
        "There is no SECURITY.md in this repository.",
        "Write it as below, with an address that somebody reads.",
        "# Security\n\nPlease report a vulnerability privately.\n",
    ),
    (
        "security-identity.stored-keys",
        "No stored key of a cloud",
        Severity.HIGH,
        ".github/workflows/deploy.yml:22",
        "deploy.yml signs in to AWS with the stored key AWS_SECRET_ACCESS_KEY.",
        "Let AWS trust the repository by OpenID Connect, then delete the secret.",
        "permissions:\n  id-token: write\n",
    ),
    (
        "security-ci-cd.pinned-actions",
        "Actions are pinned to a commit",
        Severity.MEDIUM,
        ".github/workflows/ci.yml:9",
        "ci.yml runs what others may change at any time: actions/checkout@v4.",
        "Name the commit, with its version behind it.",
        "uses: actions/checkout@COMMIT # v4\n",
    ),
    (
        "security-ci-cd.permissions",
        "Workflows say what their token may do",
        Severity.MEDIUM,
        ".github/workflows/ci.yml:1",
        "ci.yml does not say what its token may do.",
        "Put the lines below at the top of the workflow.",
        "permissions:\n  contents: read\n",
    ),
    (
        "security-dependencies.updates",
        "Somebody keeps dependencies up to date",
        Severity.MEDIUM,
        ".github/dependabot.yml",
        "Nobody keeps npm up to date.",
        "Write the lines below.",
        "version: 2\n",
    ),
    (
        "security-runtime.observability",
        "The Worker keeps its logs",
        Severity.LOW,
        "wrangler.toml:1",
        "wrangler.toml keeps no logs.",
        "Add the lines below.",
        "[observability]\nenabled = true\n",
    ),
    (
        "security-threats.secret-scanning",
        "Code is scanned for credentials",
        Severity.MEDIUM,
        "",
        "",
        "",
        "",
    ),
    (
        "security-remediation.credentials",
        "No credential in plain sight",
        Severity.CRITICAL,
        "src/index.ts:12",
        "src/index.ts has an npm token: npm_….",
        "Revoke it where it was issued, first and at once.",
        "npm token revoke ID\n",
    ),
)
"""What is reported apart, in the same order of fields."""

ONLY_WORKERS = {"chittyrouter", "health_endpoint", "chittytrust", "chittyregister", "chittybeacon", "security-runtime"}


def audit(week: int = 0, *, complete: bool = True, size: int = 0) -> Audit:
    """The audit of a week: 0 is the last, -1 the one before. `size` repeats the services up to so many."""
    finished = FINISHED + week * WEEK
    services = tuple(_services(week, complete=complete, size=size))
    return Audit(
        tool="chittyops 2.0.0",
        started=finished - timedelta(seconds=71.4),
        finished=finished,
        scope=Scope(plan=f"5f1d{week or ''}"),  # some services come and go each week
        complete=complete,
        incomplete=()
        if complete
        else (
            "GitHub's limit was used up at 05:04, and is full again at 05:41: 7 services were not looked at.",
            "beacon.chitty.cc did not answer within 10 s: 2 services are unknown there.",
        ),
        cost=Cost(
            graphql_requests=5, graphql_points=5, rest_requests=31, archives=4, probes=64, seconds=71.4, reused=40
        ),
        services=services,
    )


def _services(week: int, *, complete: bool, size: int) -> Iterator[ServiceRecord]:
    named = [(org, kind, name) for (org, kind), names in NAMES.items() for name in names.split()]
    for number in range(size or len(named)):
        org, kind, name = named[number % len(named)]
        again = number // len(named)
        if week and name == "mcp":
            continue  # it is new this week
        yield service(org, kind, f"{name}-{again}" if again else name, number, week=week, complete=complete)
    if week and not size:
        yield service("CHITTYOS", TOOL, "chittyretired", 62, week=week)


def service(
    org: str, kind: str, name: str, number: int, *, week: int = 0, complete: bool = True, **given: Any
) -> ServiceRecord:
    """One service. What is wrong with it follows from its number and the week."""
    domain = f"{name.removeprefix('chitty')}.chitty.cc" if kind == WORKER and number % 9 != 4 else ""
    known: dict[str, object] = {
        "organization": org,
        "name": name,
        "repository": f"{org}/{name}",
        "type": kind,
        "tier": number % 6 if kind in (WORKER, TOOL) else None,
        "domain": domain,
        "territory": "operations",
        "private": number % 20 == 11,
        "branch": "master" if number % 17 == 3 else "main",
    }
    standing, reason, moved = _standing(number, week, complete=complete)
    if standing is not Standing.JUDGED:
        return ServiceRecord.model_validate(known | {"standing": standing, "reason": reason} | given)
    checks = (
        *(_check(spec, place, kind, number, week, known) for place, spec in enumerate(CHECKS)),
        *(_check(spec, place, kind, number, week, known) for place, spec in enumerate(APART, len(CHECKS))),
    )
    settled = [one for one in checks if one.required and one.outcome not in (Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)]
    passed = sum(one.outcome is Outcome.PASS for one in settled)
    outcomes = {one.outcome for one in checks if one.required}
    bad = outcomes & {Outcome.FAIL, Outcome.ERROR}
    outcome = Outcome.FAIL if bad else Outcome.UNKNOWN if Outcome.UNKNOWN in outcomes else Outcome.PASS
    judged = {
        "standing": standing,
        "moved_to": moved,
        "commit": f"{number * 7919 + 1:040x}",
        "judged_at": FINISHED + week * WEEK,
        "outcome": outcome,
        "score": passed * 100 // len(settled) if settled else None,
        "dimensions": {name: _dimension(name, kind, checks) for name in TITLES},
        "checks": checks,
    }
    return ServiceRecord.model_validate(known | judged | given)


def _standing(number: int, week: int, *, complete: bool) -> tuple[Standing, str, str]:
    if not complete and number % 9 == 7:
        return Standing.UNKNOWN, "GitHub's limit was used up before it was asked.", ""
    if number == 40:
        return (Standing.JUDGED, "", "") if week else (Standing.ARCHIVED, "Archived on GitHub since 2026-11-12.", "")
    if number == 44:
        return Standing.EMPTY, "There is no commit in it.", ""
    if number == 58:
        return Standing.INVALID, ".chittyops.yml:3: fail_on is no policy.", ""
    if number == 36:
        return Standing.MISSING, "There is no such repository, or it is private and this token may not see it.", ""
    if number == 55:
        return Standing.NO_ACCESS, "This token may not read its contents.", ""
    return Standing.JUDGED, "", "CHITTYOS/chittymcp-gh" if number == 35 and not week else ""


def _need(dimension: str, kind: str) -> Need:
    if is_apart(dimension):
        return Need.OPTIONAL
    if kind == WORKER:
        return Need.OPTIONAL if dimension == "channel-access-pattern" else Need.REQUIRED
    if dimension == "chittycanon" or (dimension == "chittyconnect" and kind not in (PAGES, ORG)):
        return Need.REQUIRED
    return (
        Need.NOT_APPLICABLE
        if dimension in ("chittyrouter", "health_endpoint") or kind in (PAGES, ORG)
        else Need.OPTIONAL
    )


def _check(
    spec: tuple[str, str, Severity, str, str, str, str],
    place: int,
    kind: str,
    number: int,
    week: int,
    known: dict[str, object],
) -> CheckRecord:
    name, title, severity, where, message, remediation, fix = spec
    dimension = name.partition(".")[0]
    need = _need(dimension, kind)
    outcome = _outcome(place, dimension, number, week)
    if (
        need is Need.NOT_APPLICABLE
        or (dimension in ONLY_WORKERS and kind != WORKER)
        or (dimension in ("chittyrouter", "health_endpoint") and not known["domain"])
    ):
        outcome = Outcome.NOT_APPLICABLE
    required = need is Need.REQUIRED
    path, _, line = where.partition(":")
    filled = [
        text.replace("{name}", str(known["name"])).replace("{domain}", str(known["domain"]))
        for text in (message, remediation, fix)
    ]
    found = outcome in (Outcome.FAIL, Outcome.WAIVED)
    return CheckRecord(
        id=name,
        dimension=dimension,
        title=title,
        outcome=outcome,
        severity=severity,
        required=required,
        reason=_reason(outcome),
        docs=f"compliance/{dimension}.md#{name.partition('.')[2]}",
        waiver=_waiver(name, outcome, number),
        findings=(
            FindingRecord(
                path=path,
                line=int(line or 0),
                message=filled[0],
                why="Others rely on it.",
                remediation=filled[1],
                fix=filled[2],
            ),
        )
        if found
        else (),
    )


def _outcome(place: int, dimension: str, number: int, week: int) -> Outcome:
    """Older weeks are worse; this week broke two that were well before."""
    if is_apart(dimension):
        return _outcome_apart(place - len(CHECKS), number, week)
    seed = (number * 31 + place * 17 + number // 7) % 97
    if week == 0 and (number, place) in ((3, 5), (18, 9)):
        return Outcome.FAIL
    if week and (number, place) in ((3, 5), (18, 9)):
        return Outcome.PASS
    if number % 13 == 6 and place == 5:
        return Outcome.UNKNOWN
    if number % 3 == 0 or seed > 24 - 7 * week:
        return Outcome.PASS
    if seed % 11 == 0 and dimension != "chittycanon":
        return Outcome.PASS
    if seed % 13 == 5:
        return Outcome.WAIVED
    return Outcome.ERROR if seed % 29 == 9 else Outcome.FAIL


def _outcome_apart(place: int, number: int, week: int) -> Outcome:
    """One credential that was pushed this week, one scan that nobody asks for, and the rest by turns."""
    name = APART[place][0]
    if name == "security-threats.secret-scanning":
        return Outcome.PASS if number % 8 == 2 else Outcome.NOT_EVALUATED
    if name == "security-remediation.credentials":
        return Outcome.FAIL if number == 9 and not week else Outcome.PASS
    if number % 23 == 20:
        return (Outcome.UNKNOWN, Outcome.WAIVED, Outcome.ERROR)[place % 3]
    return Outcome.FAIL if number % 3 and (number * 7 + place * 5) % 9 < 2 else Outcome.PASS


def _reason(outcome: Outcome) -> str:
    return {
        Outcome.NOT_EVALUATED: "Whether GitHub scans by its own settings no file tells.",
        Outcome.UNKNOWN: "GitHub answered 403: branch protection needs administration: read.",
        Outcome.ERROR: "package.json has 5 MB, and is not read.",
        Outcome.NOT_APPLICABLE: "Only Workers with a domain are asked.",
    }.get(outcome, "")


def _waiver(name: str, outcome: Outcome, number: int) -> WaiverRecord | None:
    if outcome is Outcome.WAIVED:
        expires = (date(2026, 12, 31), date(2027, 6, 30), date(2026, 11, 25))[number % 3]
        return WaiverRecord(
            check=name,
            reason="The migration is under way: see the plan of the third quarter.",
            owner="@chittyos/platform",
            expires=expires,
            expired=False,
            source=".chittyops.yml:7",
        )
    if outcome is Outcome.FAIL and number % 10 == 5:
        return WaiverRecord(
            check=name,
            reason="Until the new router is there.",
            owner="@chittyos/edge",
            expires=date(2026, 11, 4),
            expired=True,
            source=".chittyops.yml:12",
        )
    return None


def _dimension(name: str, kind: str, checks: tuple[CheckRecord, ...]) -> DimensionRecord:
    own = [one.outcome for one in checks if one.dimension == name]
    order = (
        *(Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.WAIVED, Outcome.PASS),
        *(Outcome.NOT_EVALUATED, Outcome.NOT_APPLICABLE),
    )
    need = _need(name, kind)
    return DimensionRecord(
        title=TITLES[name],
        need=need,
        outcome=Outcome.NOT_APPLICABLE if need is Need.NOT_APPLICABLE else next(one for one in order if one in own),
        advisory=name == "channel-access-pattern" or is_apart(name),
        passed=own.count(Outcome.PASS),
        failed=sum(one in (Outcome.FAIL, Outcome.ERROR) for one in own),
    )


def hostile() -> Audit:
    """A service that tries what it can on whoever reads the report, in every field that is not ours."""
    bad = HOSTILE.replace("\udc80 \ud800 ", "") + " =cmd() ](javascript:x) \u2067 \ue000 '\"> <script>alert(1)</script>"
    one = service("CHITTYOS", WORKER, "chittyagent", 1)
    finding = FindingRecord(
        path=bad, line=3, column=2, message=bad, why=bad, remediation=bad, fix=f"{bad}\n::error::x\n"
    )
    waiver = WaiverRecord(check=bad, reason=bad, owner=bad, expires=date(2026, 1, 1), expired=True, source=bad)
    checks = tuple(
        CheckRecord(
            id=f"own.{outcome.value}",
            dimension="own",
            title=bad,
            outcome=outcome,
            severity=Severity.HIGH,
            required=True,
            reason=bad,
            docs="",
            waiver=waiver,
            findings=(finding,),
        )
        for outcome in Outcome
    )
    own = DimensionRecord(title=bad, need=Need.REQUIRED, outcome=Outcome.FAIL, passed=1, failed=2)
    fields = ("organization", "name", "repository", "type", "domain", "territory", "branch", "commit", "moved_to")
    judged = one.model_copy(
        update={**dict.fromkeys(fields, bad), "checks": checks, "dimensions": {"own": own}, "outcome": Outcome.FAIL}
    )
    gone = ServiceRecord(organization=bad, name="=1+1", repository=bad, type=bad, standing=Standing.UNKNOWN, reason=bad)
    known = audit(complete=False)
    scope = Scope(organizations=(bad,), services=(bad,), except_dimensions=(bad,), plan=bad)
    return known.model_copy(update={"services": (judged, gone), "incomplete": (bad,), "tool": bad, "scope": scope})


def hostile_before() -> Audit:
    """The same a week before, when all of it passed: what changed is told in its own words."""
    now = hostile()
    judged = now.services[0]
    well = tuple(one.model_copy(update={"outcome": Outcome.PASS}) for one in judged.checks)
    services = (judged.model_copy(update={"checks": well, "moved_to": ""}),)
    return now.model_copy(update={"services": services, "finished": now.finished - WEEK})
