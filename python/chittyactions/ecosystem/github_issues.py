"""A repository's issues, their comments and labels by GitHub's REST API, and who the token is."""

from __future__ import annotations

from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel

from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE, Answer, Wire
from chittyactions.errors import BadAnswer, Refused
from chittyactions.http import Client

PER_PAGE = 100
MOST_PAGES = 50
OFF = 410
"""The status where a repository's issues are switched off."""


class _Author(Answer):
    login: str = ""


class _Label(Answer):
    name: str = ""


class Issue(Answer):
    """An issue; `state` is open or closed, `state_reason` completed, not_planned, duplicate, reopened or None."""

    number: int
    title: str = ""
    body: str | None = None
    state: str
    state_reason: str | None = None
    html_url: str = ""
    node_id: str = ""
    locked: bool = False
    user: _Author | None = None
    labels: tuple[_Label, ...] = ()
    pull_request: dict[str, object] | None = Field(default=None, repr=False)

    @property
    def author(self) -> str:
        """Login of who wrote it, "" where that is not told."""
        return self.user.login if self.user else ""

    @property
    def is_pull_request(self) -> bool:
        """Whether it is a pull request, which GitHub lists among the issues."""
        return self.pull_request is not None


class Note(Answer):
    """A comment of an issue."""

    id: int
    body: str | None = None
    user: _Author | None = None

    @property
    def author(self) -> str:
        """Login of who wrote it, "" where that is not told."""
        return self.user.login if self.user else ""


class _Repository(Answer):
    private: bool
    has_issues: bool = True


class _Issues(RootModel[tuple[Issue, ...]]):
    pass


class _Notes(RootModel[tuple[Note, ...]]):
    pass


class _Viewer(BaseModel):
    login: str


class _Data(BaseModel):
    viewer: _Viewer


class _Asked(Answer):
    data: _Data


class _Pinned(Answer):
    is_pinned: bool | None = Field(default=None, alias="isPinned")


class _Node(Answer):
    node: _Pinned | None = None


class _NodeAnswer(Answer):
    data: _Node | None = None


class _Errors(Answer):
    errors: tuple[dict[str, object], ...] = ()


def graphql_base(base_url: str) -> str:
    """Where `/graphql` is, by the address of REST: an enterprise server has it beside `/v3`."""
    return base_url.rstrip("/").removesuffix("/v3")


class Account:
    """The account of a token, and what GitHub tells and does by GraphQL alone."""

    def __init__(self, client: Client, *, token: str, base_url: str = BASE_URL) -> None:
        fix = "Give a token in GITHUB_TOKEN or GH_TOKEN that may write issues in the services' repositories."
        self._wire = Wire(client, token=token, base_url=graphql_base(base_url), fix=fix)

    def login(self) -> str:
        """Whose the token is; an app's and a workflow's too, of whom REST's `/user` knows nothing."""
        return self._wire.call("POST", "/graphql", _Asked, {"query": "query { viewer { login } }"}).data.viewer.login

    def is_pinned(self, node_id: str) -> bool:
        """Whether an issue is pinned to its repository's list."""
        ask = "query ($id: ID!) { node(id: $id) { ... on Issue { isPinned } } }"
        found = self._wire.call("POST", "/graphql", _NodeAnswer, {"query": ask, "variables": {"id": node_id}})
        return bool(found.data and found.data.node and found.data.node.is_pinned)

    def pin(self, node_id: str) -> bool:
        """Pin an issue to its repository's list, if it is not; whether it is pinned now."""
        if self.is_pinned(node_id):
            return True
        do = "mutation ($id: ID!) { pinIssue(input: {issueId: $id}) { issue { id } } }"
        done = self._wire.call("POST", "/graphql", _Errors, {"query": do, "variables": {"id": node_id}})
        return not done.errors


class Issues:
    """One repository (`owner/name`), with a token that may write issues there.

    Methods raise Refused, Unreachable, AnswerLost or BadAnswer. What makes something new is sent once: AnswerLost
    leaves open whether it was made.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        self.repository = repository
        fix = f"Check that the token may write issues in {repository}."
        self._wire = Wire(client, token=token, base_url=f"{base_url.rstrip('/')}/repos/{repository}", fix=fix)

    def is_private(self) -> bool:
        """Whether only some may read the repository."""
        return self._wire.call("GET", "", _Repository).private

    def are_on(self) -> bool:
        """Whether the repository has issues at all: where they are switched off, its list is an empty one."""
        return self._wire.call("GET", "", _Repository).has_issues

    def by(self, login: str) -> list[Issue]:
        """Every issue that somebody wrote, open or closed, the oldest first; by the list, never by the search."""
        found: list[Issue] = []
        query = f"state=all&creator={quote(login, safe='')}&sort=created&direction=asc&per_page={PER_PAGE}"
        for page in range(1, MOST_PAGES + 1):
            listed = self._wire.call("GET", f"/issues?{query}&page={page}", _Issues).root
            found += [one for one in listed if not one.is_pull_request]
            if len(listed) < PER_PAGE:
                return found
        raise self._too_many("issues", login)

    def get(self, number: int) -> Issue:
        """One issue."""
        return self._wire.call("GET", f"/issues/{number}", Issue)

    def create(self, title: str, body: str, labels: tuple[str, ...]) -> Issue:
        """A new issue. Sent once."""
        asked = {"title": title, "body": body, "labels": list(labels)}
        return self._wire.call("POST", "/issues", Issue, asked, repeatable=False)

    def edit(self, number: int, *, body: str) -> Issue:
        """Give an issue another text."""
        return self._wire.call("PATCH", f"/issues/{number}", Issue, {"body": body})

    def close(self, number: int, *, body: str, reason: str = "completed") -> Issue:
        """Close an issue and give it its last text, in one request; `reason` is completed or not_planned."""
        asked = {"state": "closed", "state_reason": reason, "body": body}
        return self._wire.call("PATCH", f"/issues/{number}", Issue, asked)

    def reopen(self, number: int, *, body: str) -> Issue:
        """Open a closed issue again, with another text."""
        return self._wire.call("PATCH", f"/issues/{number}", Issue, {"state": "open", "body": body})

    def notes(self, number: int) -> list[Note]:
        """Every comment of an issue, the oldest first."""
        found: list[Note] = []
        for page in range(1, MOST_PAGES + 1):
            path = f"/issues/{number}/comments?per_page={PER_PAGE}&page={page}"
            listed = self._wire.call("GET", path, _Notes).root
            found += listed
            if len(listed) < PER_PAGE:
                return found
        raise self._too_many(f"comments at #{number}", "anybody")

    def note(self, number: int, body: str) -> Note:
        """A new comment. Sent once."""
        return self._wire.call("POST", f"/issues/{number}/comments", Note, {"body": body}, repeatable=False)

    def remove_note(self, note: int) -> None:
        """Remove a comment; one that is gone is removed."""
        try:
            self._wire.send("DELETE", f"/issues/comments/{note}")
        except Refused as refused:
            if refused.status != 404:
                raise

    def has_label(self, name: str) -> bool:
        """Whether the repository has a label."""
        try:
            self._wire.call("GET", f"/labels/{quote(name, safe='')}", _Label)
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    def make_label(self, name: str, *, colour: str, description: str) -> None:
        """Make a label; one that is there meanwhile is as good. `colour` is six hexadecimal digits."""
        asked = {"name": name, "color": colour, "description": description}
        try:
            self._wire.call("POST", "/labels", _Label, asked, repeatable=False)
        except Refused as refused:
            if refused.status != 422 or not self.has_label(name):
                raise

    def _too_many(self, what: str, login: str) -> BadAnswer:
        return BadAnswer(
            f"{self.repository} has more than {PER_PAGE * MOST_PAGES} {what} by {login}.",
            service=SERVICE,
            why="Ours could be among those that were not read, so nothing was written.",
            fix="Use a token of an account of its own, such as a GitHub App's.",
        )
