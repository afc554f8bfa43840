"""A repository's files, branches and pull requests by GitHub's REST API, as far as a release changes a tap."""

from __future__ import annotations

import base64
import binascii
from typing import Literal
from urllib.parse import quote

from pydantic import RootModel

from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE, Answer, Wire
from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client, Deadline

PER_PAGE = 100
MOST_PAGES = 10


class About(Answer):
    """A repository: its full name as GitHub writes it, and its default branch."""

    full_name: str
    default_branch: str


class _File(Answer):
    type: Literal["file"]
    path: str
    sha: str
    encoding: str
    content: str


class _Blob(Answer):
    sha: str


class _Commit(Answer):
    sha: str
    html_url: str


class Committed(Answer):
    """A write: the commit that holds it, with its page."""

    commit: _Commit
    content: _Blob


class File(Answer):
    """A file as it is at some ref: its bytes and git's id of them."""

    path: str
    sha: str
    content: bytes


class _Entry(Answer):
    path: str
    type: str


class _Tree(Answer):
    tree: tuple[_Entry, ...]
    truncated: bool = False


class _Ref(Answer):
    object: _Blob


class _Branch(Answer):
    ref: str
    label: str = ""


class Pull(Answer):
    """A pull request; `head.label` is `owner:branch`."""

    number: int
    title: str
    body: str | None = None
    html_url: str
    head: _Branch


class _Pulls(RootModel[tuple[Pull, ...]]):
    pass


class _Commits(RootModel[tuple[_Commit, ...]]):
    pass


class _Comparison(Answer):
    status: str


class Contents:
    """One repository (`owner/name`), with a token that may write there.

    Branch names have no `refs/heads/`. Methods raise Refused, Unreachable, AnswerLost or BadAnswer; what changes
    something is sent once, so that AnswerLost leaves open whether it did.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        self.repository = repository
        self._client = client
        fix = f"Check that the token may write to {repository}."
        self._wire = Wire(client, token=token, base_url=f"{base_url.rstrip('/')}/repos/{repository}", fix=fix)

    @property
    def deadline(self) -> Deadline:
        """What every request ends by."""
        return self._client.deadline

    def about(self) -> About:
        """The repository itself."""
        return self._wire.call("GET", "", About)

    def paths(self, branch: str) -> list[str]:
        """The path of every file on a branch; none in an empty repository."""
        try:
            found = self._wire.call("GET", f"/git/trees/{quote(branch, safe='')}?recursive=1", _Tree)
        except Refused as error:
            if error.code == "empty":
                return []
            raise
        if found.truncated:
            raise BadAnswer(
                f"{SERVICE} did not list all files of {self.repository}.",
                service=SERVICE,
                why="GitHub leaves out what is beyond 100,000 files.",
                fix=f"Take files out of {self.repository}.",
            )
        return [entry.path for entry in found.tree if entry.type == "blob"]

    def file(self, path: str, branch: str) -> File | None:
        """A file on a branch; None when there is none, in an empty repository too."""
        try:
            found = self._wire.call("GET", f"/contents/{quote(path)}?ref={quote(branch, safe='')}", _File)
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return File(path=found.path, sha=found.sha, content=self._decoded(found))

    def _decoded(self, found: _File) -> bytes:
        try:
            if found.encoding == "base64":
                return base64.b64decode("".join(found.content.split()), validate=True)
        except binascii.Error:
            pass
        raise BadAnswer(
            f"{SERVICE} did not give the content of {found.path}.",
            service=SERVICE,
            why="GitHub leaves out what is larger than 1 MiB.",
            fix=f"Look at {found.path} in {self.repository}.",
        )

    def put(self, path: str, content: bytes, *, message: str, sha: str, branch: str) -> Committed:
        """Commit a file; `sha` is that of the blob which it replaces, "" for a new file.

        Refused with code `stale` or `exists` when the branch has another blob there.
        """
        body = {"message": message, "content": base64.b64encode(content).decode(), "branch": branch}
        body |= {"sha": sha} if sha else {}
        return self._wire.call("PUT", f"/contents/{quote(path)}", Committed, body, repeatable=False)

    def last_commit(self, path: str, branch: str) -> str:
        """The page of the newest commit on a branch that touched a path, "" when there is none."""
        query = f"sha={quote(branch, safe='')}&path={quote(path, safe='')}&per_page=1"
        found = self._wire.call("GET", f"/commits?{query}", _Commits).root
        return found[0].html_url if found else ""

    def head(self, branch: str) -> str | None:
        """The commit that a branch is at, None when there is no such branch. Refused (`empty`) without any commit."""
        try:
            return self._wire.call("GET", f"/git/ref/heads/{quote(branch)}", _Ref).object.sha
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def create_branch(self, branch: str, commit: str) -> None:
        """Begin a branch. Refused (`reference exists`) when it is there."""
        body = {"ref": f"refs/heads/{branch}", "sha": commit}
        self._wire.call("POST", "/git/refs", _Ref, body, repeatable=False)

    def reset_branch(self, branch: str, commit: str) -> None:
        """Put a branch at a commit, wherever it was. The same again changes nothing."""
        self._wire.call("PATCH", f"/git/refs/heads/{quote(branch)}", _Ref, {"sha": commit, "force": True})

    def compare(self, base: str, head: str) -> str:
        """How a branch or commit stands to another: ahead, behind, diverged or identical."""
        path = f"/compare/{quote(base, safe='')}...{quote(head, safe='')}?per_page=1"
        return self._wire.call("GET", path, _Comparison).status

    def open_pulls(self) -> list[Pull]:
        """Every open pull request of the repository's own branches."""
        owner, found = self.repository.partition("/")[0].lower(), list[Pull]()
        for page in range(1, MOST_PAGES + 1):
            pulls = self._wire.call("GET", f"/pulls?state=open&per_page={PER_PAGE}&page={page}", _Pulls).root
            found += [pull for pull in pulls if pull.head.label.lower() == f"{owner}:{pull.head.ref}".lower()]
            if len(pulls) < PER_PAGE:
                break
        return found

    def open_pull(self, *, head: str, base: str, title: str, body: str) -> Pull:
        """A new pull request. Refused (`pull request exists`, `no commits`) where GitHub sees none to open."""
        asked = {"title": title, "head": head, "base": base, "body": body}
        return self._wire.call("POST", "/pulls", Pull, asked, repeatable=False)

    def edit_pull(self, number: int, *, title: str, body: str) -> Pull:
        """Give a pull request another title and text."""
        return self._wire.call("PATCH", f"/pulls/{number}", Pull, {"title": title, "body": body})

    def dispatch(self, event: str, payload: dict[str, str]) -> None:
        """Send a repository_dispatch event, for the repository's own workflows."""
        self._wire.send("POST", "/dispatches", {"event_type": event, "client_payload": payload}, repeatable=False)
