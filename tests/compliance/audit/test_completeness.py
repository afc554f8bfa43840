"""Whether an audit looked at everything, in sentences."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.record import CheckRecord, Cost, Scope, ServiceRecord, Standing
from chittyactions.compliance.audit.reports.view import view
from chittyactions.compliance.audit.run import audit_of
from chittyactions.compliance.model import Outcome, Severity

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)


def record(
    name: str, standing: Standing = Standing.JUDGED, outcome: Outcome | None = Outcome.PASS, *made: Outcome
) -> ServiceRecord:
    """A service of which checks came to these outcomes."""
    checks = tuple(
        CheckRecord(id=f"a.{number}", dimension="a", title="T", outcome=one, severity=Severity.LOW, required=number < 9)
        for number, one in enumerate(made)
    )
    return ServiceRecord(
        organization="made", name=name, repository=f"made/{name}", type="tool", standing=standing,
        outcome=outcome if standing is Standing.JUDGED else None, checks=checks,
    )  # fmt: skip


def test_an_audit_of_what_is_settled_is_complete() -> None:
    """What is archived, gone or wrong by itself was looked at."""
    settled = [record(one.value, one) for one in Standing if one is not Standing.UNKNOWN]
    assert incomplete([*settled, record("fails", Standing.JUDGED, Outcome.FAIL, Outcome.FAIL)]) == ()


def test_what_was_not_looked_at_is_told() -> None:
    """Five of them by name."""
    unknown = [record(f"u{number}", Standing.UNKNOWN) for number in range(7)]
    assert incomplete([record("fine"), *unknown]) == (
        "7 of 8 services could not be looked at: made/u0, made/u1, made/u2, made/u3, made/u4 and 2 more.",
    )


def test_required_checks_that_are_unknown_are_told() -> None:
    """Also of a service that fails anyway; those that nobody requires are not."""
    fails = record("fails", Standing.JUDGED, Outcome.FAIL, Outcome.FAIL, Outcome.UNKNOWN)
    optional = record("optional", Standing.JUDGED, Outcome.PASS, *[Outcome.PASS] * 9, Outcome.UNKNOWN)
    said, checks = incomplete([fails, optional])
    assert said == "1 of 2 services have required checks that are unknown: made/fails."
    document = audit_of([fails, optional], Scope(), Cost(), NOW, NOW)
    assert checks == "Unknown are a.1 (1)."
    assert (document.complete, document.incomplete) == (False, (said, checks))


REFUSED = "GitHub refused it (HTTP 403). The token may not do that."
NAMES = "2 of 2 services have required checks that are unknown: made/a, made/b."


def undecided(name: str, *reasons: tuple[str, str], private: bool = False) -> ServiceRecord:
    """A service whose checks, each with its reason, are unknown."""
    checks = tuple(
        CheckRecord(
            id=one, dimension="a", title="T", outcome=Outcome.UNKNOWN, severity=Severity.LOW, required=True, reason=why
        )
        for one, why in reasons
    )
    made = record(name, Standing.JUDGED, Outcome.UNKNOWN)
    return made.model_copy(update={"checks": checks, "private": private})


def test_the_checks_that_are_unknown_are_told_with_the_reason_of_most() -> None:
    """How many services each is of; where they have reasons of their own, the records have them."""
    services = [undecided(one, ("a.guard", REFUSED), ("b.health", f"{one}.example: no answer")) for one in "ab"]
    assert incomplete(services) == (
        NAMES,
        "Unknown are a.guard (2): GitHub refused it (HTTP 403). The token may not do that; b.health (2).",
    )


def test_the_sentence_about_checks_is_short() -> None:
    """Three checks, the most frequent first, and the beginning of a long reason."""
    reasons = [(f"a.{number}", "x" * 1000) for number in range(5)]
    (_, said) = incomplete([undecided("a", *reasons), undecided("b", reasons[4])])
    assert said.startswith("Unknown are a.4 (2): xxx")
    assert all(f"a.{number} (1): xxx" in said for number in (0, 1))
    assert "a.2" not in said
    assert said.endswith("…; and 2 checks more.")
    assert len(said) < 600


@pytest.mark.parametrize("reason, told", [(REFUSED, True), ("It calls made/Hush, which is away.", False)])
def test_in_public_the_checks_are_those_of_public_services(reason: str, told: bool) -> None:
    """Numbers and names of these alone; a reason that names what is private is left out."""
    services = [undecided("a", ("a.guard", reason)), undecided("hush", ("a.guard", "o"), ("b.c", "o"), private=True)]
    whole = audit_of(services, Scope(), Cost(), NOW, NOW)
    shown = view(whole, public=True).audit
    why = f": {reason.rstrip('.')}" if told else ""
    assert shown.incomplete == (
        "1 of 1 services have required checks that are unknown: made/a.",
        f"Unknown are a.guard (1){why}.",
    )
    assert "hush" not in str(shown.incomplete).lower()
