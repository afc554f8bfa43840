"""The files of the base: what checks of security read is among them, so that no commit is fetched for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit.listing import FILES
from chittyactions.compliance.audit.paced import Hosts
from chittyactions.compliance.catalogue import read_catalogue
from chittyactions.compliance.checks.security_dependencies import DEPENDABOT
from chittyactions.compliance.model import Outcome
from chittylocal import Local
from compliance.audit.made import WORKER, Made, checks, registry
from compliance.compliant import compliant

DEPENDS = (
    "version: 2\nupdates:\n  - package-ecosystem: github-actions\n    directory: /\n    schedule: {interval: weekly}\n"
)
HOOKS = "repos:\n  - repo: https://github.com/gitleaks/gitleaks\n    rev: v8\n    hooks: [{id: gitleaks}]\n"
POLICY = "# Security\n\nWrite to security@made.example.\n"
REPOSITORIES: Mapping[str, Mapping[str, str]] = {
    "upper": {**compliant("tool"), "SECURITY.md": POLICY, ".github/dependabot.yml": DEPENDS, "lefthook.yml": HOOKS},
    "inner": {**compliant("tool"), ".github/SECURITY.md": POLICY, ".github/dependabot.yaml": DEPENDS,
              ".pre-commit-config.yaml": HOOKS},
    "worker": {**WORKER, "docs/SECURITY.md": POLICY, "renovate.json": "{}\n"},
    "hidden": {**compliant("tool"), ".github/renovate.json": '{"enabled": false}\n'},
    "rc": {**compliant("tool"), ".renovaterc.json": "{}\n"},
}  # fmt: skip
EVERY_FILE = "security-remediation"
"""The one dimension that reads whatever there is."""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A repository for each place of a file."""
    with Local() as local:
        for name, files in REPOSITORIES.items():
            local.github.repository(f"made/{name}", files)
        yield Made(local, tmp_path, Hosts(), security=True)


def test_no_commit_is_fetched_for_the_small_files_that_security_reads(made: Made) -> None:
    """Whoever leaves out the one check that reads every file has the others for one query."""
    rules = made.rules(registry(*REPOSITORIES), without=(EVERY_FILE,))
    found = made.audit(rules=rules)
    outcomes = {name: {check.id: check.outcome for check in one.checks} for name, one in found.items()}
    assert made.budget.requests == 1
    assert made.progress.archives == 0
    assert {name for name, one in outcomes.items() if one["security-inventory.policy"] is Outcome.PASS} == {
        "upper", "inner", "worker"
    }  # fmt: skip
    assert {name for name, one in outcomes.items() if one["security-dependencies.updates"] is Outcome.FAIL} == {
        "hidden"
    }
    assert {name for name, one in outcomes.items() if one["security-threats.secret-scanning"] is Outcome.PASS} == {
        "upper", "inner"
    }  # fmt: skip


def test_the_base_has_what_the_checks_name_and_read() -> None:
    """A file that a check comes to read is asked for with the others, or this says so; one that none reads is not."""
    catalogue = read_catalogue(checks(), "checks.yml")
    said: dict[str, Any] = {one.id: one.parameters for one in catalogue.checks}
    renovate = [one for one in said["security-dependencies.updates"]["renovate"] if one.endswith(".json")]
    hooks = [*said["security-threats.sast"]["hooks"], *said["security-threats.secret-scanning"]["hooks"]]
    read = {*said["security-inventory.policy"]["paths"], *DEPENDABOT, *renovate, *hooks}
    assert set(FILES[12:]) == read
