"""Verdicts for the tests of the reports, made of plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chittyactions.compliance.engine import together
from chittyactions.compliance.fail_on import Decision, FailOn, decide
from chittyactions.compliance.model import (
    Checked,
    Dimension,
    Finding,
    Need,
    Outcome,
    Service,
    Severity,
    Verdict,
    Waiver,
)

HOSTILE = (
    "a|b `c` ```\n::error::pwned\n##[add-mask]x\x1b[31mred\u202egnp.exe <img src=x onerror=alert(1)> "
    "<!-- --> ]]> </details> [link](javascript:alert(1)) ![i](https://evil.example/x.png) @chittyos/all #1 GH-1 "
    "**bold** __init__ $x$ ~~gone~~ &lt;b&gt; \\| \udc80 \ud800 \x00\x9b31m"
)
"""What a repository could try on whoever reads its report."""

SERVICE = Service(
    "chittyrouter",
    "cloudflare-worker",
    2,
    "router.chitty.cc",
    "chittyos",
    "chittyos/chittyrouter",
    (("name", "the input service_name"), ("type", ".chittyconnect.yml")),
    stacks=("cloudflare-workers", "node"),
)

COMMIT = "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678"

LEAVE = Waiver(
    "chittyregister.heartbeat", "The registry is read-only until June.", "@router", date(2027, 6, 30), ".chittyops.yml"
)


def check(
    name: str,
    outcome: Outcome,
    *findings: Finding,
    severity: Severity = Severity.HIGH,
    required: bool = True,
    title: str = "",
    reason: str = "",
    waiver: Waiver | None = None,
    advisory: bool = False,
    documented: bool = True,
    asks: bool = False,
) -> Checked:
    """One check that came to something."""
    dimension = name.split(".", maxsplit=1)[0]
    docs = f"compliance/{dimension}.md#{name.replace('.', '')}" if documented else ""
    return Checked(
        name,
        dimension,
        title or f"Title of {name}",
        severity,
        required,
        outcome,
        findings,
        reason,
        waiver,
        docs,
        advisory,
        asks,
    )


def verdict(*checks: Checked, service: Service = SERVICE, commit: str = COMMIT) -> Verdict:
    """The verdict of these checks; a dimension is required where one of its checks is."""
    names = dict.fromkeys(one.dimension for one in checks)
    dimensions = []
    for name in names:
        own = [one for one in checks if one.dimension == name]
        need = Need.REQUIRED if any(one.required for one in own) else Need.OPTIONAL
        dimensions.append(Dimension(name, name.title(), need, together(checks, name), any(one.advisory for one in own)))
    return Verdict(service, commit, tuple(dimensions), checks)


def mixed() -> Verdict:
    """One check of every outcome, and findings with and without a place and something to paste."""
    expired = replace(LEAVE, check="secrets-model.deprecated", expires=date(2026, 1, 31))
    return verdict(
        check(
            "chittyconnect.config",
            Outcome.FAIL,
            Finding(
                "onboarding.endpoint is missing.",
                "Add the endpoint.",
                "ChittyConnect refreshes a service by it.",
                ".chittyconnect.yml",
                3,
                5,
                "onboarding:\n  endpoint: https://get.chitty.cc/api/onboard\n",
            ),
            Finding("service.name is empty.", "Give it a name.", path=".chittyconnect.yml", line=1),
            severity=Severity.CRITICAL,
            title="The service is known to ChittyConnect",
        ),
        check("chittyconnect.sync-workflow", Outcome.PASS, title="A workflow keeps it in step"),
        check("chittybeacon.installed", Outcome.NOT_APPLICABLE, required=False, reason="chittybeacon is optional here"),
        check(
            "chittycanon.codeowners",
            Outcome.FAIL,
            Finding(
                "There is no CODEOWNERS.", "Add one.", path=".github/CODEOWNERS", fix="* @chittyos/team", absent=True
            ),
            severity=Severity.MEDIUM,
        ),
        check("chittycanon.protection", Outcome.UNKNOWN, reason="GitHub answered 403 for the branch main", asks=True),
        check("chittyregister.heartbeat", Outcome.WAIVED, Finding("No heartbeat.", "Send one."), waiver=LEAVE),
        check("chittyregister.registered", Outcome.NOT_EVALUATED, reason="offline", asks=True),
        check(
            "channel-access-pattern.shared-token",
            Outcome.FAIL,
            Finding("CHITTY_AUTH_SERVICE_TOKEN is used.", "Mint a token.", path="src/auth.ts", line=12, column=7),
            required=False,
            advisory=True,
        ),
        check(
            "secrets-model.deprecated",
            Outcome.FAIL,
            Finding("NPM_TOKEN is stored.", "Let ChittyConnect issue it.", path=".github/workflows/a.yml", line=9),
            required=False,
            severity=Severity.LOW,
            waiver=expired,
        ),
        check(
            "artifacts.openapi",
            Outcome.ERROR,
            Finding("openapi.json has 6,000,000 bytes.", "Split it.", path="openapi.json"),
            required=False,
            reason="openapi.json has 6,000,000 bytes.",
        ),
    )


def passing() -> Verdict:
    """Everything required passes."""
    return verdict(check("chittyconnect.config", Outcome.PASS), check("chittycanon.charter", Outcome.PASS))


def hostile() -> Verdict:
    """Every text that can come out of a repository is an attack."""
    finding = Finding(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, 1, HOSTILE)
    waiver = Waiver("own.waived", HOSTILE, HOSTILE, date(2027, 1, 1), HOSTILE)
    service = Service(HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE, (("name", HOSTILE),), stacks=(HOSTILE,))
    return verdict(
        check("own.failed", Outcome.FAIL, finding, title=HOSTILE),
        check("own.error", Outcome.ERROR, finding, title=HOSTILE, reason=HOSTILE),
        check("own.waived", Outcome.WAIVED, finding, title=HOSTILE, waiver=waiver),
        check("own.unknown", Outcome.UNKNOWN, title=HOSTILE, reason=HOSTILE),
        check("own.skipped", Outcome.NOT_EVALUATED, title=HOSTILE, reason=HOSTILE),
        service=service,
        commit=HOSTILE,
    )


def sparse() -> Verdict:
    """Whatever may be missing is, and whatever may be long is too long."""
    waiver = Waiver("own_one.waived", "reason " * 60, "owner " * 30, date(2027, 6, 30))
    return verdict(
        check("own_one.bare", Outcome.FAIL, Finding("Something is wrong.", ""), documented=False),
        check("own_one.unable", Outcome.ERROR, title="A check that found no words", documented=False),
        check("own_one.long", Outcome.FAIL, Finding("m" * 2_100, "Shorten it."), title="t" * 150),
        check("own_one.lapsed", Outcome.FAIL, Finding("No.", ""), waiver=replace(waiver, expires=date(2026, 1, 1))),
        check("own_one.waived", Outcome.WAIVED, Finding("No.", "Yes."), waiver=waiver),
        check("own_one.waived-too", Outcome.WAIVED, Finding("No.", "Yes."), waiver=LEAVE),
        check("own_one.unknown", Outcome.UNKNOWN, reason="u" * 400),
        check("own_one.unknown-too", Outcome.UNKNOWN),
        check("own_one.skipped", Outcome.NOT_EVALUATED),
        check("own_one.elsewhere", Outcome.NOT_APPLICABLE),
        service=Service("", ""),
        commit="",
    )


def crowded(count: int = 25) -> Verdict:
    """More failing checks than a sentence names, or a step annotates."""
    return verdict(
        *(check(f"own.c{number:02d}", Outcome.FAIL, Finding("Wrong.", "Right it.")) for number in range(count))
    )


def decision(of: Verdict, policy: FailOn = FailOn.REQUIRED, *, opted_in: bool = True) -> Decision:
    """What a verdict means, by default for a repository that holds itself to what is required."""
    return decide(of, policy, opted_in=opted_in)
