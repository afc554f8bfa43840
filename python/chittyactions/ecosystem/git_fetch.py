"""One commit of a repository on a git server, without its history and without its largest files."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from chittyactions.ecosystem.git_alone import network, quiet
from chittyactions.errors import ServiceError
from chittyactions.process import run

SERVICE = "git"
SERVER = "https://github.com"
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
"""Of the repository afterwards: it has no server any more, so that nothing that is missing is ever fetched."""

CAUSES = (
    (
        ("not our ref", "unadvertised object", "find remote ref"),
        "The server says that the commit is gone.",
        "Run again.",
    ),
    (
        ("error: 401", "error: 403", "not found", "Authentication failed", "could not read Username"),
        "The server refused it.",
        "Check that the token may read the repository's contents, and run again.",
    ),
    (
        ("certificate",),
        "The server's certificate is not trusted.",
        "Name the authority's file in SSL_CERT_FILE and in git's http.sslCAInfo.",
    ),
    (
        ("resolve host", "resolve proxy", "Failed to connect", "Couldn't connect", "timed out", "Connection re"),
        "The server could not be reached.",
        "Check the connection and git's http.proxy, and run again.",
    ),
)
"""What git says in its own words, why that is, and what to do."""


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
    url = f"{server}/{repository}.git"
    settings = {
        f"http.{url}.followRedirects": "false",  # git would hand the header on to wherever it is led
        "fetch.recurseSubmodules": "false",
        "protocol.allow": "never",
        f"protocol.{origin.scheme}.allow": "always",
        **({f"http.{url}.extraHeader": f"Authorization: {header(token)}"} if token else {}),
    }
    folder.mkdir(parents=True)
    fetch = ["git", "fetch", "--quiet", "--depth=1", "--no-tags", f"--filter=blob:limit={largest + 1}", url, commit]
    done = run(["git", "init", "--quiet", "--bare"], cwd=folder, env=quiet(environ, {}), seconds=seconds)
    if not done.code:
        # The user's rewriting of addresses would lead elsewhere, and the token with it.
        env = quiet(environ, settings, network(environ, folder))
        done = run(fetch, cwd=folder, env=env, seconds=seconds)
    if done.code:
        why, fix = _cause(done.stderr.replace(url, ""), done.code)
        what = f"{repository} could not be fetched at {commit[:12]}."
        raise ServiceError(what, service=SERVICE, why=why, fix=fix)
    (folder / "config").write_text(CONFIG, "utf-8")


def _cause(said: str, code: int) -> tuple[str, str]:
    """Why git ended, and what to do. A server's own words (`remote:`) say nothing here."""
    own = "\n".join(line for line in said.splitlines() if not line.startswith("remote:"))
    for words, why, fix in CAUSES:
        if any(one in own for one in words):
            return why, fix
    return f"git ended with {code}.", "Run again; look whether GitHub is well."
