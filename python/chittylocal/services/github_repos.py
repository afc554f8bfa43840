"""GitHub's routes over real repositories: the repository, its contents, refs and commits."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import RAW, Handler, Refusal, page
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Guarded, repository_asked
from chittylocal.services.github_git import DEFAULT_BRANCH, WHO, Commit, Entry, Moved
from chittylocal.services.github_owners import detailed

SHOWN = 1024 * 1024
"""Bytes of a file that is shown in JSON; of a larger one only what it is."""
PROTECTED = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"


class Contents:
    """The routes; each runs in a thread, since git is a program."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def show(self, request: web.Request) -> web.Response:
        """`GET …/repos/{owner}/{repo}`."""
        name, _ = repository_asked(self._data, request)
        return web.json_response(detailed(self._data, name))

    def read(self, request: web.Request) -> web.Response:
        """`GET …/contents/{path}`: a file with its content, or a folder's list."""
        name, repository = repository_asked(self._data, request)
        path = request.match_info["path"].strip("/")
        ref = request.query.get("ref") or self._data.rules.default_branch(name)
        commit = repository.resolve(ref)
        if commit is None:
            message = "This repository is empty." if repository.empty else f"No commit found for the ref {ref}"
            raise Refusal(404, message)
        entry = repository.entry(commit, path) if path else None
        if path and entry is None:
            raise Refusal(404, "Not Found")
        if entry is None or entry.kind == "tree":
            return web.json_response([_shown(name, ref, item) for item in repository.listing(commit, path)])
        if RAW.search(request.headers.get("Accept", "")):
            return web.Response(body=repository.blob(entry.sha), content_type="application/vnd.github.raw+json")
        if entry.size > SHOWN:
            return web.json_response(_shown(name, ref, entry) | {"encoding": "none", "content": ""})
        content = base64.encodebytes(repository.blob(entry.sha)).decode()
        return web.json_response(_shown(name, ref, entry) | {"encoding": "base64", "content": content})

    def write(self, request: web.Request, asked: dict[str, Any]) -> web.Response:
        """`PUT …/contents/{path}`: one commit of one file, when the caller knows the file as it is now."""
        name, repository = repository_asked(self._data, request)
        path, branch = request.match_info["path"], str(asked.get("branch", DEFAULT_BRANCH))
        message, content = str(asked["message"]), _decoded(str(asked["content"]))
        if any(part in ("", ".", "..", ".git") for part in path.split("/")) or not path.isprintable():
            raise Refusal(422, "path contains a malformed path component")
        with repository.lock:
            parent = repository.resolve(f"refs/heads/{branch}")
            if parent is None and not (repository.empty and branch == DEFAULT_BRANCH):
                raise Refusal(404, f"Branch {branch} not found")
            if branch in self._data.protected(name):
                raise Refusal(409, PROTECTED)
            there = repository.entry(parent, path) if parent else None
            _expect(path, there, asked.get("sha"))
            try:
                made = repository.commit(branch, {path: content}, message, parent=parent, author=_author(asked))
            except Moved:  # git itself saw a push of somebody else
                raise Refusal(409, f"is at another commit but expected {parent}") from None
            entry, (commit, *_) = repository.entry(made, path), repository.log(made)
        assert entry
        answer = {"content": _shown(name, branch, entry), "commit": _commit(name, commit)}
        return web.json_response(answer, status=200 if there else 201)

    def commits(self, request: web.Request) -> web.Response:
        """`GET …/commits`, filtered by `sha` (a branch) and `path`."""
        name, repository = repository_asked(self._data, request)
        if repository.empty:
            raise Refusal(409, "Git Repository is empty.")
        found = repository.log(request.query.get("sha", DEFAULT_BRANCH), request.query.get("path", ""))
        return page(request, [_commit(name, commit) | {"commit": {"message": commit.message}} for commit in found])

    def show_ref(self, request: web.Request) -> web.Response:
        """`GET …/git/ref/heads/{branch}`."""
        name, repository = repository_asked(self._data, request)
        if repository.empty:
            raise Refusal(409, "Git Repository is empty.")
        branch = request.match_info["branch"]
        commit = repository.resolve(f"refs/heads/{branch}")
        if commit is None:
            raise Refusal(404, "Not Found")
        return web.json_response(_ref(name, branch, commit))

    def create_ref(self, request: web.Request, asked: dict[str, Any]) -> web.Response:
        """`POST …/git/refs`."""
        name, repository = repository_asked(self._data, request)
        ref, sha = str(asked["ref"]), str(asked["sha"])
        branch = ref.removeprefix("refs/heads/")
        if not ref.startswith("refs/heads/"):
            raise Refusal(422, "Reference name must start with 'refs/heads/' here")
        with repository.lock:
            if repository.resolve(sha) != sha:
                raise Refusal(422, "Object does not exist")
            if repository.resolve(ref):
                raise Refusal(422, "Reference already exists")
            repository.set_branch(branch, sha)
        return web.json_response(_ref(name, branch, sha), status=201)

    def move_ref(self, request: web.Request, asked: dict[str, Any]) -> web.Response:
        """`PATCH …/git/refs/heads/{branch}`: forward, or anywhere by `force`."""
        name, repository = repository_asked(self._data, request)
        branch, sha = request.match_info["branch"], str(asked["sha"])
        with repository.lock:
            before = repository.resolve(f"refs/heads/{branch}")
            if before is None:
                raise Refusal(422, "Reference does not exist")
            if repository.resolve(sha) != sha:
                raise Refusal(422, "Object does not exist")
            behind = repository.comparison(before, sha)
            if not asked.get("force") and (behind is None or behind[1]):
                raise Refusal(422, "Update is not a fast forward")
            if branch in self._data.protected(name):
                raise Refusal(422, PROTECTED)
            repository.set_branch(branch, sha)
        return web.json_response(_ref(name, branch, sha))

    def delete_ref(self, request: web.Request) -> web.Response:
        """`DELETE …/git/refs/heads/{branch}`."""
        _name, repository = repository_asked(self._data, request)
        branch = request.match_info["branch"]
        if not repository.resolve(f"refs/heads/{branch}"):
            raise Refusal(422, "Reference does not exist")
        repository.delete_branch(branch)
        return web.Response(status=204)


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`/github/repos/{owner}/{repo}` itself, `contents`, `commits` and `git`."""
    contents = Contents(data)
    of = "/github/repos/{owner}/{repo}"

    def reading(handler: Callable[[web.Request], web.Response], permission: str = "contents") -> Handler:
        async def answer(request: web.Request) -> web.Response:
            return await asyncio.to_thread(handler, request)

        return guarded(answer, permission)

    def writing(handler: Callable[[web.Request, dict[str, Any]], web.Response]) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            return await asyncio.to_thread(handler, request, json.loads(await request.text()))

        return guarded(answer, "contents")

    return [
        web.get(of, reading(contents.show, "metadata")),
        web.get(of + "/contents/{path:.*}", reading(contents.read)),
        web.put(of + "/contents/{path:.+}", writing(contents.write)),
        web.get(of + "/commits", reading(contents.commits)),
        web.get(of + "/git/ref/heads/{branch:.+}", reading(contents.show_ref)),
        web.post(of + "/git/refs", writing(contents.create_ref)),
        web.patch(of + "/git/refs/heads/{branch:.+}", writing(contents.move_ref)),
        web.delete(of + "/git/refs/heads/{branch:.+}", reading(contents.delete_ref)),
    ]


def _expect(path: str, there: Entry | None, sha: object) -> None:
    """Refuse a write by somebody who does not know the file as it is now; of a new file GitHub ignores the sha."""
    if there is not None and not sha:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if there is not None and there.sha != sha:
        raise Refusal(409, f"{path} does not match {sha}")


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error:
        raise Refusal(422, "content is not valid Base64") from None


def _author(asked: dict[str, Any]) -> tuple[str, str]:
    named = asked.get("author") or asked.get("committer")
    return (str(named["name"]), str(named["email"])) if named else WHO


def _shown(name: str, ref: str, entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.path.rpartition("/")[2], "path": entry.path, "sha": entry.sha, "size": entry.size,
        "type": "dir" if entry.kind == "tree" else "file",
        "html_url": f"https://github.com/{name}/{entry.kind}/{ref}/{entry.path}",
    }  # fmt: skip


def _commit(name: str, commit: Commit) -> dict[str, Any]:
    parents = [{"sha": commit.parent}] if commit.parent else []
    url = f"https://github.com/{name}/commit/{commit.sha}"
    return {"sha": commit.sha, "html_url": url, "message": commit.message, "parents": parents}


def _ref(name: str, branch: str, commit: str) -> dict[str, Any]:
    return {"ref": f"refs/heads/{branch}", "object": {"type": "commit", "sha": commit}}
