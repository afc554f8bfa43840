"""What issues and comments say: all of it harmless, and never more than GitHub takes."""

from __future__ import annotations

import re

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from chittyactions.compliance.audit.record import CheckRecord, FindingRecord, Scope, ServiceRecord
from chittyactions.compliance.model import Outcome, Severity
from chittyactions.compliance.remediation.fingerprint import read_mark
from chittyactions.compliance.remediation.issue_text import (
    LIMIT,
    Links,
    body_of,
    comment_of,
    duplicate_of,
    title_of,
)
from chittyactions.compliance.remediation.reconcile import Decision, Seen, decide
from chittyactions.compliance.remediation.wanted import wanted
from chittyactions.compliance.reports.markup import utf16
from compliance.remediation.audits import BEACON, LEAVE, OWNERS, TRUST, check, service
from compliance.remediation.test_reconcile import FAILS, PASSES, issue, opened
from compliance.verdicts import HOSTILE


def body(*checks: CheckRecord, links: Links | None = None, seen: Seen | None = None) -> str:
    aim = wanted(service(*checks), Scope())
    return body_of(aim, decide(aim, [seen] if seen else []), links or Links())


def comment(after: list[CheckRecord], seen: Seen) -> str:
    aim = wanted(service(*after), Scope())
    return comment_of(aim, decide(aim, [seen]))


def test_security_is_told_apart_and_without_its_findings() -> None:
    """It is none of what is not required, and what exactly is open to whom is not sent to everybody who watches."""
    hole = check("security-credentials.plain", Outcome.FAIL, "A key lies in deploy.sh.", required=False)
    page = body(FAILS, hole, check("a.optional", required=False))
    assert "Not required: 1 check" in page
    assert "Security, reported apart: 1 check" in page
    assert "`security-credentials.plain` Title of security-credentials.plain" in page
    assert "deploy.sh" not in page
    assert "reported apart" not in body(FAILS)


def test_a_whole_issue() -> None:
    """Each failing check with its place and remedy; what is optional and what is waived apart; how to go on."""
    made = body(
        FAILS, check(TRUST, Outcome.PASS), check("a.optional", required=False),
        check(BEACON, Outcome.WAIVED, waiver=LEAVE), check("b.unknown", Outcome.UNKNOWN, reason="HTTP 502"),
    )  # fmt: skip
    mark, *rest = made.split("\n", 1)
    found = read_mark(mark)
    assert found is not None
    assert (found.service, found.revision, list(found.checks)) == ("chittyos/auth", 1, [OWNERS])
    page = rest[0]
    assert "**auth** (`cloudflare-worker`, tier 1) fails 1 of 4 required checks at commit `1a2b3c4d5e6f`." in page
    assert f"https://github.com/chittyos/auth/blob/{'1a2b3c4d5e6f708192a3b4c5d6e7f80912345678'}/CODEOWNERS#L1" in page
    assert "**Fix:** Add it." in page
    assert "Not required: 1 check" in page
    assert "- `chittybeacon.installed` Title of chittybeacon.installed, until 2027-06-30" in page
    assert "b.unknown" not in page
    assert "close the issue as not planned" in page


def test_the_worst_comes_first() -> None:
    """By severity, so that what is cut is the least."""
    low, critical = check("a.low"), check("z.critical")
    made = body(
        low.model_copy(update={"severity": Severity.LOW}), critical.model_copy(update={"severity": Severity.CRITICAL})
    )
    assert made.index("`z.critical`") < made.index("`a.low`")


def test_a_long_text_is_cut_at_whole_findings() -> None:
    """With their count, and where the rest is; the mark, and how to go on, stay."""
    many = [check(f"own.check-{n:03}", Outcome.FAIL, "word " * 150 + "😀" * 50, title="T" * 300) for n in range(200)]
    made = body(*many, links=Links(report="https://example.com/report"))
    assert LIMIT * 0.8 < utf16(made) <= LIMIT
    left_out = re.search(r"_(\d+) more findings are left out here: \[the report\]\(https://example\.com/report\)", made)
    assert left_out
    assert int(left_out[1]) + made.count("#### ❌") == 200
    assert read_mark(made)
    assert "close the issue as not planned" in made


def test_without_a_report_the_rest_is_at_hand() -> None:
    """The command shows it."""
    many = [check(f"own.check-{n:03}", Outcome.FAIL, "word " * 190) for n in range(200)]
    assert "`chittyops check`" in body(*many)


def test_what_could_not_be_looked_up_is_named() -> None:
    """It failed before, and nobody knows whether it does."""
    made = body(FAILS, check(TRUST), check(BEACON, Outcome.UNKNOWN), seen=opened(FAILS, check(BEACON)))
    assert f"Failed before, and could not be looked up this time\n\n- `{BEACON}`" in made


def test_the_words_of_a_change() -> None:
    """New, fixed, waived, changed, no longer required or asked for: each by name."""
    before = opened(FAILS, check("a.fixed"), check("b.waived"), check("c.gone"), check("d.optional"))
    after = [
        check(OWNERS, Outcome.FAIL, "It is empty."), check("a.fixed", Outcome.PASS), check(TRUST),
        check("b.waived", Outcome.WAIVED, waiver=LEAVE), check("d.optional", required=False),
    ]  # fmt: skip
    told = comment(after, before).splitlines()
    assert told[1:] == [
        "The findings changed:", "",
        f"- **New:** `{TRUST}` Title of {TRUST}",
        "- **Fixed:** `a.fixed` Title of a.fixed",
        "- **Waived:** `b.waived` Title of b.waived",
        "- **No longer asked for:** `c.gone`",
        "- **No longer required:** `d.optional` Title of d.optional",
        f"- **Changed:** `{OWNERS}` Title of {OWNERS}",
        "", "As of commit `1a2b3c4d5e6f`.",
    ]  # fmt: skip


def test_the_words_of_an_end_and_of_a_return() -> None:
    """Closed: what was fixed. Reopened: what fails."""
    assert "Everything that is required passes. Thank you.\n\n- **Fixed:**" in comment([PASSES], opened(FAILS))
    closed = opened(FAILS, state="closed")
    assert "1 required check fails again:\n\n- `chittycanon" in comment([FAILS], closed)
    assert "2 required checks fail again:" in comment([FAILS, check(BEACON)], closed)
    assert comment([FAILS], opened(FAILS)) == ""


def test_a_comment_of_hundreds_of_checks_is_cut() -> None:
    """With their number."""
    told = comment([check(f"own.{n}", title="T" * 500) for n in range(300)], opened(FAILS))
    assert "- and 200 further checks" in told
    assert utf16(told) < LIMIT


def test_a_closed_issue_says_that_all_is_well() -> None:
    """And keeps what is waived."""
    made = body(PASSES, check(BEACON, Outcome.WAIVED, waiver=LEAVE), seen=opened(FAILS))
    assert "✅ **auth** passes everything required" in made
    assert "until 2027-06-30" in made


def test_a_duplicate_is_nobodys() -> None:
    """It names the one that goes on, and has no mark."""
    assert duplicate_of(7).startswith("A duplicate of #7:")
    assert read_mark(duplicate_of(7)) is None


# -- strangers' text ---------------------------------------------------------------------------------------------------


def hostile() -> tuple[ServiceRecord, str]:
    """A service whose every text is an attack, and its issue."""
    finding = FindingRecord(
        message=HOSTILE, why=HOSTILE, remediation=HOSTILE, path=f"a/{HOSTILE}", line=3, fix=f"{HOSTILE}\n{HOSTILE}"
    )
    leave = LEAVE.model_copy(update={"reason": HOSTILE, "owner": HOSTILE})
    made = service(
        check(f"own.{HOSTILE}", findings=(finding,), title=HOSTILE),
        check("own.waived", Outcome.WAIVED, waiver=leave, title=HOSTILE),
        check("own.optional", Outcome.FAIL, HOSTILE, required=False, title=HOSTILE),
        name=HOSTILE, type=HOSTILE,
    )  # fmt: skip
    aim = wanted(made, Scope())
    return made, body_of(aim, decide(aim, ()), Links())


def texts() -> list[str]:
    """All that is written of the hostile service."""
    made, first = hostile()
    aim = wanted(made, Scope())
    mark = decide(aim, ()).mark
    assert mark
    there = Seen(issue(mark), mark)
    well = wanted(made.model_copy(update={"checks": made.checks[1:2], "outcome": Outcome.PASS}), Scope())
    end = decide(well, [there])
    closed = Seen(issue(mark, state="closed"), mark)
    return [
        first, body_of(well, end, Links()), comment_of(well, end), comment_of(aim, decide(aim, [closed])),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(4))
def test_strangers_text_mentions_nobody_and_leads_nowhere(number: int) -> None:
    """As GitHub renders it: no mention outside of code, no image, no script, no link but ours, no issue referred to."""
    made = texts()[number]
    html = cmarkgfm.github_flavored_markdown_to_html(made, Options.CMARK_OPT_UNSAFE)
    bare = re.sub(
        r"<[^>]*>", "", re.sub(r"<!--.*?-->", "\0", re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL))
    )
    assert re.findall(r"@\w", bare) == []
    assert re.findall(r"#\d|\bGH-\d", bare) == []
    tags = set(re.findall(r"</?(\w+)", html))
    assert tags <= {"p", "h4", "strong", "em", "code", "pre", "a", "ul", "li", "details", "summary"}
    links = re.findall(r'href="([^"]*)"', html)
    assert all(one.startswith("https://github.com/") for one in links)


@pytest.mark.parametrize("number", range(4))
def test_strangers_text_is_plain_text(number: int) -> None:
    """No control character, nothing that turns the reading direction; UTF-8 can hold it."""
    made = texts()[number]
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", made) == []
    assert made.encode("utf-8")
    assert made.startswith("<!-- chittyops:compliance-")


def test_a_title_is_one_line() -> None:
    """Of a hundred characters of the name at most."""
    title = title_of(hostile()[0])
    assert (title[:12], "\n" in title, len(title) <= 112) == ("Compliance: ", False, True)


def test_a_decision_without_a_word_has_no_comment() -> None:
    """A new issue speaks for itself."""
    aim = wanted(service(FAILS), Scope())
    decision: Decision = decide(aim, ())
    assert comment_of(aim, decision) == ""
