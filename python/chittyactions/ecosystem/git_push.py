"""A branch on a git server, put at another commit only where it is still at the one that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from chittyactions.ecosystem.git_alone import network, quiet
from chittyactions.ecosystem.git_fetch import SERVER, SERVICE, header
from chittyactions.errors import Refused, ServiceError, Superseded
from chittyactions.process import run

SECONDS = 120.0
STALE = "stale"
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tsymlinks = true\n"


def git(folder: Path, words: Sequence[str], env: Mapping[str, str], *, what: str) -> str:
    """What git says. Raises ServiceError, with `what` could not be done."""
    done = run(["git", *words], cwd=folder, env=dict(env), seconds=SECONDS)
    if done.code:
        raise ServiceError(what, service=SERVICE, why=f"git {words[0]} ended with {done.code}.", fix="Run again.")
    return done.stdout.strip()


def push(
    folder: Path, repository: str, branch: str, commit: str, *, expected: str, token: str, environ: Mapping[str, str]
) -> None:
    """Put `branch` of `owner/name` at a commit of `folder` ("": remove it), where it is at `expected` ("": nowhere).

    Raises Superseded where it is elsewhere by now, Refused where the server does not take it.
    """
    server = (environ.get("GITHUB_SERVER_URL") or SERVER).rstrip("/")
    url = f"{server}/{repository}.git"
    settings = {
        f"http.{url}.followRedirects": "false",
        "protocol.allow": "never",
        f"protocol.{urlsplit(server).scheme}.allow": "always",
        **({f"http.{url}.extraHeader": f"Authorization: {header(token)}"} if token else {}),
    }
    ref = f"refs/heads/{branch}"
    lease = f"--force-with-lease={ref}:{expected}"
    words = ["git", "push", "--porcelain", "--no-verify", lease, url, f"{commit}:{ref}"]
    env = quiet(environ, settings, network(environ, folder))
    done = run(words, cwd=folder, env=env, seconds=SECONDS)
    if not done.code:
        return
    told = done.stdout + done.stderr
    if "stale info" in told:
        raise Superseded(
            f"{branch} of {repository} changed meanwhile.",
            why="Somebody else changed the branch; nothing was overwritten.",
            fix="Run again: a branch that a person changed is left alone.",
        )
    workflows = "workflow" in told and ("scope" in told or "permission" in told)
    raise Refused(
        f"{repository} does not take the branch {branch}.",
        service=SERVICE,
        status=403,
        why="It holds workflows, which the token may not write."
        if workflows
        else "The token may not write contents there, or a rule guards the branch.",
        fix="Give an app's token with contents, pull requests and workflows: write, or a person's with `workflow`.",
        docs="remediation.md#tokens",
    )
