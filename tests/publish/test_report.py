"""What a person is told of a publish: the headline, the table, the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from semver import Version

from chittyactions.errors import AnswerLost, Cancelled, CredentialError
from chittyactions.publish.model import Pointer, Release, ReleaseFile, Result, Status
from chittyactions.publish.outcome import Outcome
from chittyactions.publish.report import LONGEST, cell, headline, log_table, summary

FILE = ReleaseFile("hello-1.2.0.tgz", Path("hello-1.2.0.tgz"), 1, "0" * 64)
RELEASE = Release("hello", "npm", "@acme/hello", Version.parse("1.2.0"), "1" * 40, (FILE,), "sha512-x")
REFUSED = CredentialError("There is no token | for <the tap>.", fix="Pass TAP_TOKEN.", docs="package-publish.md#tap")


def results(statuses: dict[str, Status]) -> dict[str, Result]:
    return {name: Result(name, status) for name, status in statuses.items()}


PUBLISHED, ALREADY, SKIPPED, FAILED, UNKNOWN = Status


@pytest.mark.parametrize(
    "statuses, said, code",
    [
        ({"npm": PUBLISHED, "r2": PUBLISHED, "homebrew": PUBLISHED}, "is out on npm, R2 and Homebrew", 0),
        ({"npm": PUBLISHED, "r2": ALREADY, "homebrew": SKIPPED}, "is out on npm and R2", 0),
        ({"npm": ALREADY, "r2": ALREADY}, "was out already on npm and R2", 0),
        ({"npm": ALREADY, "homebrew": SKIPPED}, "was out already on npm", 0),
        ({"npm": PUBLISHED, "r2": FAILED}, "is out on npm, not on R2", 1),
        ({"npm": FAILED, "r2": UNKNOWN}, "is not out on npm, and may be out on R2", 1),
        (
            {"npm": PUBLISHED, "r2": UNKNOWN, "homebrew": FAILED},
            "is out on npm, not on Homebrew, and may be out on R2",
            1,
        ),
        ({"r2": UNKNOWN}, "may be out on R2", 1),
        ({}, "nothing was asked for", 0),
        ({"homebrew": SKIPPED}, "nothing was to be done", 0),
    ],
)
def test_the_headline_says_where_it_is_out(statuses: dict[str, Status], said: str, code: int) -> None:
    """Out, not out and unknown are told apart, and only the first of them is a success."""
    found = Outcome(RELEASE, results(statuses))
    assert headline(found).endswith(said)
    assert found.exit_code == code


def test_a_dry_run_is_told_as_one() -> None:
    """Nobody takes it for a publish."""
    assert "nothing was changed" in headline(Outcome(RELEASE, results({"npm": SKIPPED, "r2": ALREADY}), dry_run=True))


def test_outputs_of_a_release() -> None:
    """Every output is there whatever happened; a channel that was not asked for is skipped."""
    found = Outcome(RELEASE, {"r2": Result("r2", UNKNOWN, urls=("https://git.chitty.cc/hello@1.2.0",))})
    assert found.outputs() == {
        "version": "1.2.0",
        "tarball": "hello-1.2.0.tgz",
        "integrity": "sha512-x",
        "npm_status": "skipped",
        "r2_status": "unknown",
        "brew_status": "skipped",
        "urls": '{"r2":["https://git.chitty.cc/hello@1.2.0"]}',
    }


def test_the_summary_has_a_row_a_channel_and_each_remedy() -> None:
    """Pointers with before and after, why one stayed, what failed with its fix and link; no cell breaks the table."""
    found = {
        "npm": Result(
            "npm",
            PUBLISHED,
            pointers=(Pointer("latest", "1.1.0", "1.2.0"), Pointer("next", "2.0.0", "2.0.0", "2.0.0 is higher")),
            notes=("npm says <b>so</b>.",),
        ),
        "homebrew": Result("homebrew", FAILED, failure=REFUSED),
    }
    text = summary(Outcome(RELEASE, found))
    assert "| npm | ✅ published |  | latest: 1.1.0 → 1.2.0<br>next: 2.0.0 (2.0.0 is higher) |  |" in text
    assert "❌ failed" in text
    assert "There is no token \\| for &lt;the tap>" in text
    assert "**Fix:** Pass TAP_TOKEN. [More](" in text
    assert "a rerun tries it again" in text
    assert "- npm: npm says &lt;b>so&lt;/b>." in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


def test_a_secret_in_a_long_cell_is_not_cut_in_two() -> None:
    """Half of one would not be masked in the summary: what is too long ends between two words."""
    secret = "s-" * 20
    for words in range(175, 206):
        told = cell(f"{'a ' * words}{secret} and more")
        assert "s-" not in told.replace(secret, "")
        assert len(told) <= LONGEST


def test_the_log_has_the_same_table() -> None:
    """For who reads the log: channel, status, where, and what a rerun does."""
    lost = AnswerLost("The answer of R2 was lost.", service="R2")
    found = {
        "npm": Result("npm", SKIPPED, pointers=(Pointer("formula", "", "", "a prerelease"),)),
        "r2": Result("r2", UNKNOWN, failure=lost),
    }
    _, npm, r2 = log_table(Outcome(RELEASE, found)).splitlines()
    assert npm.split() == ["npm", "skipped", "-", "a", "prerelease"]
    assert r2.startswith("R2")
    assert "may be out; a rerun looks" in r2


def test_a_cancelled_publish_exits_as_such() -> None:
    """130, whatever the channels say."""
    assert Outcome(RELEASE, {"npm": Result("npm", PUBLISHED)}, cancelled=Cancelled("x")).exit_code == 130
