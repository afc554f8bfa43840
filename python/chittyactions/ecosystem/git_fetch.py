"""One commit of a repository on a git server, without its history and without its largest files."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from chittyactions.errors import ServiceError
from chittyactions.process import run

SERVICE = "git"
SERVER = "https://github.com"
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
"""Of the repository afterwards: it has no server any more, so that nothing that is missing is ever fetched."""


def header(token: str) -> str:
    """What git sends beside each request. It is as secret as the token, and has to be masked like it."""
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()


def fetch_commit(
    repository: str,
    commit: str,
    folder: Path,
    *,
    token: str,
    environ: Mapping[str, str],
    largest: int,
    seconds: float = 120.0,
    mask: Callable[[str, str], None] = lambda _name, _value: None,
) -> None:
    """Fetch a commit of `owner/name` into `folder`, a bare repository that is made; files of more than `largest` bytes
    stay away. `environ` may name the server (GITHUB_SERVER_URL). `mask` gets the name and value of what is made secret.

    Raises ServiceError where the server did not hand it over, ToolError where there is no git or it takes too long.
    """
    server = (environ.get("GITHUB_SERVER_URL") or SERVER).rstrip("/")
    origin = urlsplit(server)
    if token:
        mask("git's header", header(token).removeprefix("Basic "))
    settings = {
        "credential.helper": "",
        "http.followRedirects": "false",  # git would hand the header on to wherever it is led
        "fetch.recurseSubmodules": "false",
        "protocol.allow": "never",
        f"protocol.{origin.scheme}.allow": "always",
        f"http.{server}/.extraHeader": f"Authorization: {header(token)}" if token else "",
    }
    outside = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    env = {**outside, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    folder.mkdir(parents=True)
    fetch = ["git", "fetch", "--quiet", "--depth=1", "--no-tags", f"--filter=blob:limit={largest + 1}"]
    for command in (["git", "init", "--quiet", "--bare"], [*fetch, f"{server}/{repository}.git", commit]):
        done = run(command, cwd=folder, env=env, seconds=seconds)
        if done.code:
            raise ServiceError(
                f"{repository} could not be fetched at {commit[:12]}.",
                service=SERVICE,
                why=f"git ended with {done.code}: the server refused it, or the commit is gone.",
                fix="Check that the token may read the repository's contents, and run again.",
            )
    (folder / "config").write_text(CONFIG, "utf-8")
