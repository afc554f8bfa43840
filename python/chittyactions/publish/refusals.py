"""What is not published, however well it is packed: told before any credential is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from chittyactions.errors import ConfigError
from chittyactions.publish.formula import check_name
from chittyactions.publish.model import Release
from chittyactions.publish.offer import offer
from chittyactions.publish.request import Request
from chittyactions.publish.version import dist_tag_for

PAGE = "package-publish.md"

ONLY_OWN = "if: github.event.pull_request.head.repo.full_name == github.repository"
ONLY_LOOK = "with:\n  dry_run: ${{ github.event_name == 'pull_request' }}"


def refuse_pull_requests(environ: Mapping[str, str], *, dry_run: bool) -> None:
    """A fork's pull request publishes nothing, the repository's own only looks. Raises ConfigError.

    The event that started the run says which it is, also where a finished run of a pull request started this one.
    """
    name = environ.get("GITHUB_EVENT_NAME", "")
    event = _event(environ)
    pull, earlier = _mapping(event.get("pull_request")), _mapping(event.get("workflow_run"))
    if pull or name.startswith("pull_request"):
        source = _mapping(_mapping(pull.get("head")).get("repo")).get("full_name")
    elif str(earlier.get("event", "")).startswith("pull_request"):
        source = _mapping(earlier.get("head_repository")).get("full_name")
    else:
        return
    if str(source or "").lower() != environ.get("GITHUB_REPOSITORY", "").lower():
        raise ConfigError(
            "Nothing is published from a pull request of a fork.",
            why=f"This run is for a pull request from {source or 'a repository that is gone'}.",
            fix="Skip this job for forks, and publish after the merge:",
            yaml=ONLY_OWN,
            docs=f"{PAGE}#pull-requests",
        )
    if pull and not dry_run:
        raise ConfigError(
            "Nothing is published from a pull request.",
            why="What it holds is not merged: a version that is out can't be taken back.",
            fix="Publish after the merge, or from a tag; on pull requests look only:",
            yaml=ONLY_LOOK,
            docs=f"{PAGE}#pull-requests",
        )


def refuse_settings(request: Request, release: Release) -> None:
    """Settings that can't go with this release. Raises ConfigError."""
    if request.publish_npm:
        dist_tag_for(release.version, request.dist_tag, None)
        if request.access == "restricted" and not release.name.startswith("@"):
            raise ConfigError(
                f"access is restricted, and {release.name} has no scope.",
                why="npm knows private packages with a scope alone.",
                fix="Leave access out, or give the package a scope, such as @chittyos/hello.",
                docs=f"{PAGE}#inputs",
            )
    if request.brew_formula:
        check_name(request.brew_formula)
        if not release.version.prerelease:
            offer(release, request.public_url)  # a mistake in public_url would spoil its addresses


def _event(environ: Mapping[str, str]) -> dict[str, object]:
    try:
        return _mapping(json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
