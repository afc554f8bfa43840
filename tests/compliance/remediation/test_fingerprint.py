"""The hidden line: what is written is read again, and nothing else is."""

from __future__ import annotations

import pytest

from chittyactions.compliance.audit.record import Scope
from chittyactions.compliance.model import Outcome
from chittyactions.compliance.remediation.fingerprint import Mark, digest, line_of, read_mark, told_line
from chittyactions.compliance.remediation.issue_text import Links, body_of
from chittyactions.compliance.remediation.reconcile import Seen, decide
from chittyactions.compliance.remediation.wanted import wanted
from chittyactions.ecosystem.github_issues import Issue
from compliance.remediation.audits import COMMIT, OWNERS, check, service

MARK = Mark("chittyos/auth", 3, "0123456789ab", {"chittycanon.codeowners": "abcdef012345", "x.y": "00"})


@pytest.mark.parametrize(
    "mark",
    [
        MARK,
        Mark("acme/--> <!-- a b", 1, "", {}),
        Mark("acme/ümläut\n\u202e\ud800", 2, "ff", {"own:check,-->": "aa", "": "bb"}),
    ],
)
@pytest.mark.parametrize("end", ["", "\nText", "\r\nText"])
def test_what_is_written_is_read(mark: Mark, end: str) -> None:
    """Whatever names hold, and however GitHub ends its lines; the comment is one line and ends where it ends."""
    line = line_of(mark)
    assert read_mark(line + end) == mark
    assert (line.count("-->"), line.count("<!--"), "\n" in line) == (1, 1, False)


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "A text",
        f"Text first {line_of(MARK)}",
        f"```\n{line_of(MARK)}\n```\n",
        f"Text\n\n~~~~ html\n~~~\n{line_of(MARK)}",
        f"> {line_of(MARK)}",
        f" {line_of(MARK)}",
        f"{line_of(MARK)} and more",
        line_of(MARK).replace("issue:1", "issue:2"),
        line_of(MARK).replace("revision=3", "revision=-3"),
    ],
)
def test_what_is_no_mark(body: str | None) -> None:
    """It stands alone in its line, and neither in a quote nor in a fence."""
    assert read_mark(body) is None


OTHER = Mark("chittyos/web", 1, "", {})
FAILS = "**auth** (`tool`, tier 1) fails 1 of 2 required checks at commit `abc`."
PASSES = "✅ **auth** passes everything required."


@pytest.mark.parametrize(
    "body",
    [
        f"A note of Ann's.\n\n{line_of(MARK)}\n\n{FAILS}\nText",
        f"A note.\r\n{line_of(MARK)}\r\n\r\n{PASSES}\r\n",
        f"{line_of(MARK)}\n{line_of(OTHER)}\n{FAILS}",
        f"```sh\nls\n```\n{line_of(MARK)}\n{FAILS}\n{line_of(OTHER)}",
        f"~~~\n```\n{line_of(OTHER)}\n{FAILS}\n~~~\n{line_of(MARK)}\n{FAILS}",
        f"```` `\n{line_of(MARK)}\n{FAILS}",
        f"{line_of(OTHER)} in a text, and\n{line_of(OTHER)}\nalone\n{line_of(MARK)}\n{FAILS}",
    ],
)
def test_a_person_may_write_above_it(body: str) -> None:
    """And leaves the rest as it was: what our text begins with stands right below it."""
    assert read_mark(body) == MARK


@pytest.mark.parametrize(
    "body",
    [
        f"My notes.\n\n<pre>\n{line_of(MARK)}\n</pre>",
        f"My notes.\n{line_of(MARK)}",
        f"My notes.\n{line_of(MARK)}\nMore of them.\n{FAILS}",
        f"\n{line_of(MARK)}\nMore",
    ],
)
def test_a_line_within_a_text_is_only_quoted(body: str) -> None:
    """An account may write what strangers said, as a workflow's does."""
    assert read_mark(body) is None


@pytest.mark.parametrize("failing", [True, False])
def test_every_text_of_ours_is_known_below_a_note(failing: bool) -> None:
    """Whatever a service is called and is of."""
    outcome = Outcome.FAIL if failing else Outcome.PASS
    for name in ("auth", "*_a_*", "a\nb `c`"):
        before = wanted(service(check(OWNERS), name=name, commit="" if name == "auth" else COMMIT), Scope())
        decision = decide(before, ())
        if not failing:
            assert decision.mark
            seen = Seen(Issue(number=1, state="open"), decision.mark)
            decision = decide(wanted(service(check(OWNERS, outcome), name=name), Scope()), [seen])
        assert read_mark(f"A note.\n\n{body_of(before, decision, Links())}") == decision.mark


def test_a_comment_has_a_line_for_each_revision_and_what_is_told() -> None:
    """What is told once is told again only for another text; and no comment's line is an issue's."""
    second = Mark(MARK.service, 4, MARK.digest, MARK.checks)
    lines = {told_line(MARK, ["a"]), told_line(MARK, ["b"]), told_line(second, ["a"])}
    assert len(lines) == 3
    assert [read_mark(one) for one in lines] == [None] * 3


def test_a_digest_tells_values_apart() -> None:
    """By content, not by the order of their keys; half a surrogate pair is no reason to fail."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    values: list[object] = [{"a": 1}, {"a": 2}, [], "", "\ud800"]
    assert len({digest(one) for one in values}) == 5
