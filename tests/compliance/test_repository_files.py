"""The checks of what describes the service: workflows that can be read, and contradictions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.facts import NotApplicable, NotKnown
from chittyactions.compliance.files import Unreadable
from chittyactions.compliance.model import Finding
from compliance.repositories import Content, Link, findings, service

WORKFLOWS, IDENTITY, NAME = "repository.workflows", "repository.identity", "repository.name"
GOOD = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"
AT = ".github/workflows"


def test_readable_workflows_pass() -> None:
    """Other files in the folder are no workflows."""
    assert findings(WORKFLOWS, {f"{AT}/ci.yml": GOOD, f"{AT}/b.yaml": GOOD, f"{AT}/notes.md": "[", "x.yml": "["}) == ()


def test_no_workflow_is_nothing_to_read() -> None:
    """Whether one is needed, other checks say."""
    with pytest.raises(NotApplicable, match=r"^it has no workflow$"):
        findings(WORKFLOWS, {"README.md": ""})


@pytest.mark.parametrize(
    "content, words, line",
    [
        ("on: push\njobs:\n  a: [\n", "is no valid YAML", 4),
        ("on: push\njobs:\n\ta: 1\n", "is no valid YAML", 3),
        ("on: push\non: pull_request\njobs: {}\n", "the key on stands twice", 2),
        ("name: {{ name }}\n", "is no valid YAML", 1),
        ("on: push\n", "it has no `jobs`", 1),
        ("", "it has no `jobs`", 1),
        (b"on: \xff\n", "is not UTF-8", 0),
        (Link("/etc/hostname"), "outside the repository", 0),
        (b"#" * (5 * 1024 * 1024), "it has more than 1024 KiB", 0),
    ],
    ids=["open", "tab", "duplicate", "template", "no jobs", "empty", "not UTF-8", "link out", "5 MB"],
)
def test_an_unreadable_workflow_is_a_finding_and_hides_no_other(content: Content, words: str, line: int) -> None:
    """Invalid workflow YAML has its line; the good workflow beside it stays good."""
    (finding,) = findings(WORKFLOWS, {f"{AT}/a.yml": content, f"{AT}/b.yml": GOOD})
    assert words in finding.message
    assert (finding.path, finding.line) == (f"{AT}/a.yml", line)


def test_a_workflow_that_this_machine_could_not_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known failure 1: an input error is no failure of the repository."""

    def refuse(*_: object) -> str:
        raise Unreadable("it cannot be read: Input/output error", ours=False)

    monkeypatch.setattr(Checkout, "read", refuse)
    reasons = "; ".join(f"{AT}/{name}: it cannot be read: Input/output error" for name in ("a.yml", "b.yml"))
    with pytest.raises(NotKnown, match=f"^{re.escape(reasons)}$"):
        findings(WORKFLOWS, {f"{AT}/a.yml": GOOD, f"{AT}/b.yml": GOOD})


def test_every_broken_workflow_is_told() -> None:
    """Known failure 13: the 31st as well as the first."""
    assert len(findings(WORKFLOWS, {f"{AT}/{number:02}.yml": "[" for number in range(40)})) == 40


def test_disagreements_about_the_service_are_findings() -> None:
    """Nobody contradicts: none; identity.py finds them."""
    assert findings(IDENTITY, {}) == ()
    told = Finding("two tiers", "say one", path=".chittyconnect.yml", line=3)
    assert findings(IDENTITY, {}, replace(service(), disagreements=(told,))) == (told,)


def test_other_names_are_those_of_the_service() -> None:
    """identity.py finds them, apart from contradictions; the check hands them on."""
    other, another = Finding("bar", "", path="wrangler.toml"), Finding("contradiction", "")
    misnamed = replace(service(), misnamed=(other,), disagreements=(another,))
    assert findings(NAME, {}, misnamed) == (other,)
    assert findings(NAME, {}) == ()
