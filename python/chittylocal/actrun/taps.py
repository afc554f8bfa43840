"""The Homebrew tap that a publishing workflow commits to, and the GitHub App that may: both are there beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chittylocal.actrun.workflows import TOOLKIT
from chittylocal.local import Local

PUBLISH = f"{TOOLKIT}/.github/workflows/reusable-package-publish.yml"
DEFAULT_TAP = "homebrew-tap"
APP_ID = "4177"
README = "# Tap\n\nFormulae are kept here by the publish workflows of their repositories.\n"


def prepare_taps(local: Local, workflow: Mapping[str, Any], owner: str) -> list[str]:
    """Make each tap that the workflow names and that is not there; returns the names of all of them.

    ChittyConnect grants the app's id and key to whoever it trusts, as it does for the organisation's own app.
    """
    taps = [tap if "/" in tap else f"{owner}/{tap}" for tap in _taps(workflow)]
    for tap in taps:
        if local.github.repositories.find(tap) is None:
            local.github.repository(tap, {"README.md": README})
    if taps and "GITHUB_APP_ID" not in local.issue_as:
        key = local.github.app(APP_ID, taps)
        local.issue_as.update(GITHUB_APP_ID=APP_ID, GITHUB_APP_PRIVATE_KEY=key)
    return taps


def _taps(workflow: Mapping[str, Any]) -> Iterator[str]:
    jobs = workflow.get("jobs")
    for job in jobs.values() if isinstance(jobs, Mapping) else ():
        if not isinstance(job, Mapping) or str(job.get("uses", "")).partition("@")[0].lower() != PUBLISH:
            continue
        given = job.get("with")
        tap = str(given.get("tap") or DEFAULT_TAP) if isinstance(given, Mapping) and given.get("brew_formula") else ""
        if tap and "${{" not in tap:
            yield tap
