"""GitHub's routes for issues, their comments and labels, and for who asks."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chittylocal.services.github_answers import Refusal, id_of, invalid, page, repository_of, token_of, too_long
from chittylocal.services.github_data import Data
from chittylocal.services.github_gate import Guarded
from chittylocal.state import now

LONGEST_BODY, LONGEST_TITLE = 65_536, 256
OFF = "Issues has been disabled in this repository."
STATES = ("open", "closed", "all")
ORDERS = {"created": "number", "updated": "updated_at", "comments": "comments"}
REASONS = ("completed", "not_planned", "duplicate", "reopened", None)


class IssueRoutes:
    """The routes over `Data`."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._issues = data.issues

    async def user(self, request: web.Request) -> web.Response:
        """`GET /user`: a person's token alone has one."""
        token = token_of(request)
        if not token:
            raise Refusal(401, "Requires authentication")
        if not self._data.accounts.is_person(token):
            raise Refusal(403, "Resource not accessible by integration")
        return web.json_response(self._data.accounts.of(token))

    async def found(self, request: web.Request) -> web.Response:
        """`GET …/issues`, pull requests among them, by state, labels (all), creator, since; newest first."""
        name, asked = self._readable(request), request.query
        state, order = asked.get("state", "open"), asked.get("sort", "created")
        if state not in STATES or order not in ORDERS:
            field = "state" if state not in STATES else "sort"
            raise invalid("Issue", field=field, code="invalid", value=asked[field])
        labels = {label.strip().lower() for label in asked.get("labels", "").split(",")} - {""}
        creator, since = asked.get("creator", "").lower(), asked.get("since", "")
        on = self._data.profile(name).has_issues
        shown = [
            self._issues.shown(name, issue) for issue in self._issues.with_pulls(name)
            if (on or "head" in issue) and state in ("all", issue["state"]) and (issue.get("updated_at") or "") >= since
            and creator in ("", issue["user"]["login"].lower())
            and labels <= {label.lower() for label in issue.get("labels", ())}
        ]  # fmt: skip
        shown.sort(
            key=lambda issue: (issue[ORDERS[order]] is not None, issue[ORDERS[order]]),
            reverse=asked.get("direction") != "asc",
        )
        return page(request, shown)

    async def create(self, request: web.Request) -> web.Response:
        """`POST …/issues`: title, body, labels, assignees."""
        name, asked = self._name(request), json.loads(await request.text())
        given = _judged({**asked, "title": asked["title"]})
        issue = self._issues.open(
            name, given["title"], given.get("body"), labels=given.get("labels", ()),
            assignees=given.get("assignees", ()), author=self._data.accounts.of(token_of(request)),
        )  # fmt: skip
        answer = web.json_response(self._issues.shown(name, issue), status=201)
        answer.headers["Location"] = f"{self._data.api_url}/repos/{name}/issues/{issue['number']}"
        return answer

    async def show(self, request: web.Request) -> web.Response:
        """`GET …/issues/{number}`, a pull request's too."""
        name = self._readable(request)
        found = self._issues.find(name, id_of(request))
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._issues.shown(name, found))

    async def change(self, request: web.Request) -> web.Response:
        """`PATCH …/issues/{number}`: title, body, state, state_reason, labels, assignees."""
        name, asked = self._name(request), json.loads(await request.text())
        return self._changed(request, name, _judged(asked))

    async def labels(self, request: web.Request) -> web.Response:
        """`GET …/issues/{number}/labels`; by POST some more, by PUT these alone."""
        name, number = (self._readable if request.method == "GET" else self._name)(request), id_of(request)
        found = self._issues.find(name, number)
        if found is None:
            raise Refusal(404, "Not Found")
        if request.method in ("POST", "PUT"):
            asked = json.loads(await request.text())
            wanted = _judged({"labels": asked["labels"] if isinstance(asked, dict) else asked})["labels"]
            kept = found.get("labels", []) if request.method == "POST" else []
            found = self._issues.change(name, number, labels=[*kept, *wanted]) or found
        return page(request, [self._data.labels.shown(name, label) for label in found.get("labels", ())])

    async def remove_label(self, request: web.Request) -> web.Response:
        """`DELETE …/issues/{number}/labels/{label}`; answers those that are left."""
        name, number, gone = self._name(request), id_of(request), request.match_info["label"].lower()
        found = self._issues.find(name, number)
        labels = found.get("labels", []) if found else []
        if gone not in (label.lower() for label in labels):
            raise Refusal(404, "Label does not exist" if found else "Not Found")
        left = [label for label in labels if label.lower() != gone]
        self._issues.change(name, number, labels=left)
        return page(request, [self._data.labels.shown(name, label) for label in left])

    async def list_comments(self, request: web.Request) -> web.Response:
        """`GET …/issues/{number}/comments`, oldest first."""
        self._refuse_unknown(request)
        found, since = self._data.comments(repository_of(request), id_of(request)), request.query.get("since", "")
        return page(request, [comment for comment in found if comment["updated_at"] >= since], show=self._comment)

    async def create_comment(self, request: web.Request) -> web.Response:
        """`POST …/issues/{number}/comments`."""
        body = _comment_body(json.loads(await request.text()))
        self._refuse_unknown(request)
        name, author = repository_of(request), self._data.accounts.of(token_of(request))
        comment = self._data.add_comment(name, id_of(request), body, author)
        return web.json_response(self._comment(comment), status=201)

    async def show_comment(self, request: web.Request) -> web.Response:
        """`GET …/issues/comments/{id}`."""
        entries = self._data.all("comments", repository_of(request))
        found = next((comment for comment in entries if comment["id"] == id_of(request)), None)
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._comment(found))

    async def update_comment(self, request: web.Request) -> web.Response:
        """`PATCH …/issues/comments/{id}`."""
        body = _comment_body(json.loads(await request.text()))
        found = self._data.change("comments", id_of(request), repository_of(request), body=body, updated_at=now())
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._comment(found))

    async def remove_comment(self, request: web.Request) -> web.Response:
        """`DELETE …/issues/comments/{id}`."""
        if not self._data.remove("comments", id_of(request), repository_of(request)):
            raise Refusal(404, "Not Found")
        return web.Response(status=204)

    def _changed(self, request: web.Request, name: str, changes: dict[str, Any]) -> web.Response:
        by = self._data.accounts.of(token_of(request))
        found = self._issues.change(name, id_of(request), by=by, **changes)
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._issues.shown(name, found))

    def _readable(self, request: web.Request) -> str:
        name = repository_of(request)
        if self._data.repositories.find(name) is None:
            raise Refusal(404, "Not Found")
        return name

    def _name(self, request: web.Request) -> str:
        """The repository, where its issues may be written. Lists are answered where they are switched off."""
        name = self._readable(request)
        if not self._data.profile(name).has_issues:
            raise Refusal(410, OFF)
        return name

    def _refuse_unknown(self, request: web.Request) -> None:
        """No comments of an issue that a repository with issues has not; others are set by hand in tests."""
        name, number = repository_of(request), id_of(request)
        if self._issues.of(name) and not self._issues.find(name, number):
            raise Refusal(404, "Not Found")

    def _comment(self, entry: dict[str, Any]) -> dict[str, Any]:
        repository, issue = entry["repository"], entry["issue"]
        shown = {name: entry[name] for name in ("id", "body", "user", "created_at", "updated_at")}
        return shown | {
            "url": f"{self._data.api_url}/repos/{repository}/issues/comments/{entry['id']}",
            "issue_url": f"{self._data.api_url}/repos/{repository}/issues/{issue}",
            "html_url": f"https://github.com/{repository}/issues/{issue}#issuecomment-{entry['id']}",
        }


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`issues` under `/github/repos/{owner}/{repo}`, and `/github/user`."""
    hub = IssueRoutes(data)
    of = "/github/repos/{owner}/{repo}/issues"
    one, comment = of + r"/{id:\d+}", of + r"/comments/{id:\d+}"
    return [
        web.get("/github/user", guarded(hub.user, "")),
        web.get(of, guarded(hub.found)),
        web.post(of, guarded(hub.create)),
        web.get(one, guarded(hub.show)),
        web.patch(one, guarded(hub.change)),
        web.get(one + "/labels", guarded(hub.labels)),
        web.post(one + "/labels", guarded(hub.labels)),
        web.put(one + "/labels", guarded(hub.labels)),
        web.delete(one + "/labels/{label}", guarded(hub.remove_label)),
        web.get(one + "/comments", guarded(hub.list_comments)),
        web.post(one + "/comments", guarded(hub.create_comment)),
        web.get(comment, guarded(hub.show_comment)),
        web.patch(comment, guarded(hub.update_comment)),
        web.delete(comment, guarded(hub.remove_comment)),
    ]


def _judged(asked: dict[str, Any]) -> dict[str, Any]:
    """An issue's fields, refused as GitHub refuses them."""
    fields = ("title", "body", "state", "state_reason", "labels", "assignees")
    given = {name: asked[name] for name in fields if name in asked}
    if "title" in given and not str(given["title"] or "").strip():
        raise invalid("Issue", field="title", code="missing_field")
    if len(str(given.get("title", ""))) > LONGEST_TITLE:
        raise too_long("Issue", "title", LONGEST_TITLE)
    if len(str(given.get("body") or "")) > LONGEST_BODY:
        raise too_long("Issue", "body", LONGEST_BODY)
    if given.get("state", "open") not in ("open", "closed"):
        raise invalid("Issue", field="state", code="invalid", value=given["state"])
    if given.get("state_reason") not in REASONS:
        raise invalid("Issue", field="state_reason", code="invalid", value=given["state_reason"])
    if "labels" in given:
        labels = [one["name"] if isinstance(one, dict) else one for one in given["labels"]]
        if not all(isinstance(one, str) and one.strip() for one in labels):
            raise invalid("Label", field="name", code="missing_field")
        given["labels"] = labels
    return given


def _comment_body(asked: dict[str, Any]) -> str:
    body = str(asked["body"] or "")
    if not body.strip():
        raise invalid("IssueComment", field="data", code="unprocessable", message="Body cannot be blank")
    if len(body) > LONGEST_BODY:
        said = f"Body is too long (maximum is {LONGEST_BODY} characters)"
        raise invalid("IssueComment", field="data", code="unprocessable", message=said)
    return body
