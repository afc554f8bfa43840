"""Git over HTTP: what `git clone` and `git fetch` ask of GitHub, of git repositories and of plain folders.

The base is the API's own: `git fetch $GITHUB_API_URL/OWNER/NAME.git`. Nothing is taken by push.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections import defaultdict
from pathlib import Path

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, token_of
from chittylocal.services.github_catalogue import NAME
from chittylocal.services.github_data import Data
from chittylocal.services.github_folders import FolderRepository

SERVICE = "git-upload-pack"
SETTINGS = {
    "gc.auto": "0", "uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.hideRefs": "refs/pull", "pack.threads": "1", "safe.directory": "*",
}  # fmt: skip
"""As GitHub serves: filters, and every object by its name."""
UNCACHED = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Expires": "Fri, 01 Jan 1980 00:00:00 GMT"}
REALM = {"WWW-Authenticate": 'Basic realm="GitHub"'}


class Transport:
    """The routes over `Data`; `folder` is where plain folders are kept as git wants them."""

    def __init__(self, data: Data, folder: Path) -> None:
        self._data = data
        self._folder = folder
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    async def refs(self, request: web.Request) -> web.Response:
        """`GET …/info/refs?service=git-upload-pack`: where a fetch begins."""
        service = request.query.get("service", "")
        if service != SERVICE:
            refused = service == "git-receive-pack"
            return _said(
                403 if refused else 400, "Nothing is taken by push here." if refused else "Please upgrade git."
            )
        name = self._name(request)
        if self._data.repositories.current(name).lower() != name.lower():
            path = f"/github/{self._data.repositories.current(name)}.git/info/refs"
            return web.Response(
                status=301, headers={"Location": str(request.url.with_path(path).with_query(request.query))}
            )
        found = await asyncio.to_thread(self._bare, name, fresh=True)
        shown = await asyncio.to_thread(_serve, found, _version(request), b"", "--http-backend-info-refs")
        head = b"" if "version=2" in _version(request) else b"001e# service=git-upload-pack\n0000"
        kind = "application/x-git-upload-pack-advertisement"
        return web.Response(body=head + shown, headers={**UNCACHED, "Content-Type": kind})

    async def pack(self, request: web.Request) -> web.Response:
        """`POST …/git-upload-pack`: refs by version 2, and packs."""
        found = await asyncio.to_thread(self._bare, self._name(request))
        shown = await asyncio.to_thread(_serve, found, _version(request), await request.read())
        return web.Response(body=shown, headers={**UNCACHED, "Content-Type": "application/x-git-upload-pack-result"})

    def answering(self, handler: Handler) -> Handler:
        """`handler` behind the limits and GitHub's refusals."""

        async def answer(request: web.Request) -> web.Response:
            limits = self._data.limits
            await asyncio.sleep(limits.latency)
            try:
                return limits.meets_secondary() or await handler(request)
            except Refusal as refusal:
                return _said(refusal.status, refusal.message)

        return answer

    def _name(self, request: web.Request) -> str:
        """The repository that is asked for, by who may. Raises Refusal in the words that git shows."""
        data, name = self._data, f"{request.match_info['owner']}/{request.match_info['repo']}"
        current, token = data.repositories.current(name), token_of(request)
        scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
        app = data.apps.token(token)
        dead = (app and not app.live) or (data.strict and token and not data.accounts.known(token))
        if dead or (token and scheme != "basic"):
            raise Refusal(
                401, "Invalid username or token. Password authentication is not supported for Git operations."
            )
        known = NAME.fullmatch(current) and data.repositories.find(current) is not None
        if not known or not data.accounts.sees(token, current):
            raise Refusal(404 if token else 401, "Repository not found.")
        if data.profile(current).disabled:
            raise Refusal(403, "Access to this repository has been disabled by GitHub staff.")
        error = data.limits.error(current)
        if error:
            raise Refusal(403 if error[0] == "FORBIDDEN" else 502, error[1])
        private = data.profile(current).visibility != "public"
        if app and private and "contents" not in app.permissions:
            raise Refusal(403, "Resource not accessible by integration")
        return name

    def _bare(self, name: str, *, fresh: bool = False) -> Path:
        """The bare repository; a plain folder is read for it where a fetch begins."""
        current = self._data.repositories.current(name)
        found = self._data.repositories.find(current)
        if found is None:
            raise Refusal(404, "Repository not found.")
        if not isinstance(found, FolderRepository):
            _point(found.folder, self._data.rules.default_branch(current))
            return found.folder
        target = self._folder / f"{current.lower()}.git"
        with self._locks[current.lower()]:
            if fresh or not (target / "HEAD").exists():
                found.export(target)
                _point(target, self._data.rules.default_branch(current))
        return target


def routes(data: Data) -> list[web.RouteDef]:
    """`/github/{owner}/{repo}.git`, and without `.git`."""
    hub = Transport(data, data.folder_of_state / "github-folders")
    of = r"/github/{owner:[\w.-]+}/{repo:[\w.-]+?}{suffix:(?:\.git)?}"
    return [
        web.get(of + "/info/refs", hub.answering(hub.refs)),
        web.post(of + "/git-upload-pack", hub.answering(hub.pack)),
    ]


def _version(request: web.Request) -> str:
    """The protocol that the client speaks, "" for the first."""
    asked = request.headers.get("Git-Protocol", "")
    return asked if asked in ("version=1", "version=2") else ""


def _point(repository: Path, branch: str) -> None:
    """Have a clone check out the default branch."""
    head, wanted = repository / "HEAD", f"ref: refs/heads/{branch}\n"
    if head.read_text("ascii") != wanted:
        head.write_text(wanted, "ascii")


def _serve(repository: Path, version: str, asked: bytes, *options: str) -> bytes:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(repository), "LC_ALL": "C"}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    environment |= {"GIT_PROTOCOL": version} if version else {}
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = ["git", *settings, "upload-pack", "--stateless-rpc", *options, str(repository)]
    # What git refuses it says in the protocol itself; only where it says nothing there is no answer.
    done = subprocess.run(command, input=asked, capture_output=True, check=False, env=environment)
    if done.returncode and not done.stdout:
        raise Refusal(500, "Internal Server Error")
    return done.stdout


def _said(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=f"{words}\n", headers=REALM if status == 401 else {})
