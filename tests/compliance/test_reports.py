"""Each report as a whole: held to a snapshot that a person has read. CHITTY_UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chittyactions.compliance.fail_on import Decision, FailOn
from chittyactions.compliance.model import Verdict
from chittyactions.compliance.reports import badge, human, json_report, junit, markdown, sarif, summary
from chittyactions.compliance.reports.annotations import annotate
from compliance.verdicts import crowded, decision, hostile, mixed, passing, sparse

SNAPSHOTS = Path(__file__).parent / "snapshots"
SOURCE = "https://github.com/chittyos/chittyrouter/blob/1a2b3c4"


def annotated(verdict: Verdict, decided: Decision) -> str:
    """Annotations as lines, for a snapshot."""
    told = annotate(verdict, decided)
    return "".join(f"{one.level} {one.path}:{one.line} {one.title}\n{one.message}\n\n" for one in told)


def would_fail(verdict: Verdict) -> Decision:
    """What it means for a repository that has not asked to be failed."""
    return decision(verdict, FailOn.AUTO, opted_in=False)


REPORTS: dict[str, Callable[[Verdict], str]] = {
    "human.txt": lambda one: human.render(one, decision(one)),
    "human-colour.txt": lambda one: human.render(one, decision(one), colour=True),
    "human-would-fail.txt": lambda one: human.render(one, would_fail(one), colour=True),
    "report.json": lambda one: json_report.render(one, "2.0.0"),
    "report.sarif": lambda one: sarif.render(one, "2.0.0"),
    "junit.xml": lambda one: junit.render(one, decision(one)),
    "comment-bare.md": lambda one: markdown.render(one, decision(one)),
    "comment.md": lambda one: markdown.render(
        one, decision(one), source=SOURCE, run_url="https://github.com/chittyos/chittyrouter/actions/runs/1"
    ),
    "summary.md": lambda one: summary.render(one, decision(one), source=SOURCE),
    "summary-would-fail.md": lambda one: summary.render(one, would_fail(one)),
    "badge.json": lambda one: badge.render(one, decision(one)),
    "annotations.txt": lambda one: annotated(one, decision(one)),
    "annotations-would-fail.txt": lambda one: annotated(one, would_fail(one)),
}
VERDICTS = {"mixed": mixed, "passing": passing, "hostile": hostile, "sparse": sparse, "crowded": crowded}
CASES = [
    *(("mixed", report) for report in REPORTS),
    *(("passing", report) for report in ("human.txt", "junit.xml", "comment.md", "summary.md", "badge.json")),
    *(("passing", report) for report in ("human-colour.txt",)),
    *(("sparse", report) for report in REPORTS),
    *(("crowded", report) for report in ("annotations.txt", "annotations-would-fail.txt", "human-would-fail.txt")),
    *(("hostile", report) for report in ("human.txt", "report.json", "report.sarif", "junit.xml", "comment.md")),
]


@pytest.mark.parametrize("verdict, report", CASES)
def test_the_report_is_as_it_was_read_last(verdict: str, report: str) -> None:
    """A report changes only with its snapshot, which a reviewer sees."""
    made = REPORTS[report](VERDICTS[verdict]())
    snapshot = SNAPSHOTS / f"{verdict}-{report}"
    if os.environ.get("CHITTY_UPDATE_SNAPSHOTS") == "1":
        snapshot.write_text(made, "utf-8", newline="\n")
    assert made == snapshot.read_bytes().decode("utf-8")


def test_every_snapshot_has_its_report() -> None:
    """No snapshot outlives the report that it was of."""
    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{verdict}-{report}" for verdict, report in CASES}
