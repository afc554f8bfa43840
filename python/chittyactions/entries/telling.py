"""Hand a verdict to GitHub: the pull request's comment, the Security tab. Neither can change the verdict."""

from __future__ import annotations

import base64
import gzip

from chittyactions.entries.looking import Around
from chittyactions.errors import Refused, ServiceError
from chittyactions.runner import Runner

NOT_ENABLED = (
    "code scanning is not enabled for this repository. Switch it on under Settings, Advanced Security (a private "
    "repository needs a plan for it), or leave `sarif` out."
)


def tell_pull_request(around: Around, marker: str, text: str, runner: Runner) -> None:
    """Write the pull request's one comment of this service, or edit it in place."""
    github = around.github(runner.info)
    if not around.pull_request:
        runner.info("There is no pull request to comment on.")
        return
    if github is None:
        runner.warning("No comment was written: there is no token.", title="No comment")
        return
    try:
        there = github.comment(around.pull_request, marker)
        if there is None:
            github.write_comment(around.pull_request, text)
        else:
            github.edit_comment(there.id, text)
    except ServiceError as failure:
        _warn(runner, failure, "No comment was written", "pull-requests: write")


def hand_over_sarif(around: Around, text: str, runner: Runner) -> None:
    """Upload the findings to code scanning: of what is checked out, as its lines are counted there."""
    github = around.github(runner.info)
    commit = around.environ.get("GITHUB_SHA", "")
    if github is None or not commit or not around.ref:
        runner.warning("The findings were not handed to the Security tab: there is no token, or no commit.")
        return
    packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    try:
        github.upload_sarif(commit, around.ref, packed)
    except ServiceError as failure:
        _warn(runner, failure, "The findings were not handed to the Security tab", "security-events: write")


def _warn(runner: Runner, failure: ServiceError, what: str, permission: str) -> None:
    if isinstance(failure, Refused) and failure.code == "not enabled":
        runner.warning(f"{what}: {NOT_ENABLED}", title=what)
        return
    denied = isinstance(failure, Refused) and failure.status in (401, 403, 404)
    fix = f"Grant `{permission}` to the job that calls this workflow." if denied else failure.fix
    runner.warning(" ".join(part for part in (f"{what}.", failure.what, failure.why, fix) if part), title=what)
    if denied:
        runner.info(f"\npermissions:\n  contents: read\n  {permission}\n")
