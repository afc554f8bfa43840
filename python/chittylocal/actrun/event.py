"""The event that starts a run, as GitHub would describe it for this repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chittylocal.actrun.stage import Repository

PULL_REQUEST = 1


def payload(
    event: str,
    repository: Repository,
    actor: str,
    inputs: Mapping[str, str] | None = None,
    default_branch: str = "main",
) -> dict[str, Any]:
    """The body of a push, pull_request, release or workflow_dispatch; other events get the common part alone."""
    person = {"login": actor, "type": "User"}
    home = f"https://github.com/{repository.full_name}"
    common: dict[str, Any] = {
        "repository": {
            "full_name": repository.full_name,
            "name": repository.full_name.partition("/")[2],
            "owner": {"login": repository.owner, "name": repository.owner},
            "default_branch": default_branch,
            "html_url": home,
            "private": False,
            "visibility": "public",
        },
        "sender": person,
    }
    ref = repository.ref
    if event == "push":
        commit = {"id": repository.sha, "message": repository.message, "timestamp": repository.when, "url": home}
        return {
            **common, "ref": ref, "before": "0" * 40, "after": repository.sha, "created": False, "deleted": False,
            "forced": False, "head_commit": commit, "commits": [commit], "pusher": {"name": actor},
        }  # fmt: skip
    if event in ("pull_request", "pull_request_target"):
        side = {"repo": common["repository"], "sha": repository.sha}
        return {
            **common, "action": "synchronize", "number": PULL_REQUEST,
            "pull_request": {
                "number": PULL_REQUEST, "state": "open", "title": repository.message, "user": person,
                "html_url": f"{home}/pull/{PULL_REQUEST}",
                "head": {**side, "ref": repository.branch}, "base": {**side, "ref": default_branch},
            },
        }  # fmt: skip
    if event == "release":
        release = {
            "tag_name": repository.tag, "target_commitish": repository.branch, "name": repository.tag, "draft": False,
            "prerelease": "-" in repository.tag, "html_url": f"{home}/releases/tag/{repository.tag}",
        }  # fmt: skip
        return {**common, "action": "published", "release": release}
    if event == "workflow_dispatch":
        return {**common, "ref": ref, "inputs": dict(inputs or {})}
    return {**common, "ref": ref}


def git_ref(event: str, repository: Repository) -> str:
    """GITHUB_REF of the run."""
    if event in ("pull_request", "pull_request_target"):
        return f"refs/pull/{PULL_REQUEST}/merge"
    return repository.ref
