"""GitHub's search for issues, which knows late what became of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web

from chittylocal.services.github_answers import Refusal, invalid, page, token_of

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data
    from chittylocal.services.github_gate import Guarded

TERM = re.compile(r'(?P<no>-)?(?:(?P<key>\w+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')
NEVER = 10**9
MOST = 1000
"""Results that a search shows, of however many there are."""
HIDDEN = (
    "The listed users and repositories cannot be searched either because the resources do not exist or you do not have "
    "permission to view them."
)


class Version(NamedTuple):
    """What an issue was, from a moment and a number of searches on."""

    moment: float
    searches: int
    issue: dict[str, Any]


class Index:
    """The issues and pull requests as the search knows them."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._searches = 0
        self._versions: dict[tuple[str, int], list[Version]] = {}
        data.on_change.append(self._note)

    def _note(self, kind: str, before: dict[str, Any] | None, entry: dict[str, Any]) -> None:
        limits, key = self._data.limits, (kind, entry["id"])
        if not (limits.search_delay or limits.search_lag):
            self._versions.pop(key, None)
        elif kind in ("issues", "pulls"):
            known = self._versions.setdefault(key, [Version(0.0, -NEVER, before)] if before else [])
            known.append(Version(limits.now(), self._searches, entry))

    def search(self) -> list[dict[str, Any]]:
        """One search's view of all there is, oldest first."""
        self._searches += 1
        everything = [(kind, one) for kind in ("issues", "pulls") for one in self._data.everything(kind)]
        found = (self._known((kind, entry["id"]), entry) for kind, entry in everything)
        return [entry for entry in found if entry is not None]

    def _known(self, key: tuple[str, int], entry: dict[str, Any]) -> dict[str, Any] | None:
        limits, versions = self._data.limits, self._versions.get(key)
        if not versions:
            return entry
        ripe = [
            place for place, version in enumerate(versions)
            if version.moment + limits.search_delay <= limits.now()
            and version.searches + limits.search_lag < self._searches
        ]  # fmt: skip
        if not ripe:
            return None
        del versions[: ripe[-1]]
        return versions[0].issue | {"repository": entry["repository"]}


class Search:
    """`GET /search/issues`."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def issues(self, request: web.Request) -> web.Response:
        """Issues and pull requests by `q`, the newest first or by `sort` and `order`."""
        if not request.query.get("q", "").strip():
            raise invalid("Search", field="q", code="missing")
        limits, terms = self._data.limits, [match.groupdict() for match in TERM.finditer(request.query["q"])]
        token = token_of(request)
        self._refuse_hidden(terms, token)
        known = self._data.index.search()
        if limits.incomplete_searches > 0:
            limits.incomplete_searches -= 1
            return page(request, [], key="items", incomplete_results=True)
        found = [issue for issue in known if self._data.accounts.sees(token, issue["repository"])]
        for term in terms:
            found = [issue for issue in found if self._fits(issue, term) == (not term["no"])]
        order = "updated_at" if request.query.get("sort") == "updated" else "created_at"
        ordered = sorted(found, key=lambda issue: issue.get(order) or "", reverse=request.query.get("order") != "asc")
        return page(request, ordered[:MOST], show=self._shown, key="items", incomplete_results=False)

    def _shown(self, issue: dict[str, Any]) -> dict[str, Any]:
        name = self._data.repositories.current(issue["repository"])
        return self._data.issues.shown(name, issue) | {"score": 1.0}

    def _refuse_hidden(self, terms: list[dict[str, Any]], token: str) -> None:
        for term in terms:
            if term["key"] != "repo":
                continue
            name = self._data.repositories.current(_value(term))
            if self._data.repositories.find(name) is None or not self._data.accounts.sees(token, name):
                raise Refusal(422, "Validation Failed", [
                    {"message": HIDDEN, "resource": "Search", "field": "q", "code": "invalid"}
                ])  # fmt: skip

    def _fits(self, issue: dict[str, Any], term: dict[str, Any]) -> bool:
        key, value = term["key"], _value(term)
        if key in ("is", "type", "state"):
            kinds = {"issue": "head" not in issue, "pr": "head" in issue, "pull-request": "head" in issue}
            kinds |= {"open": issue["state"] == "open", "closed": issue["state"] == "closed"}
            if value not in kinds:
                raise _unknown(f"{key}:{value}")
            return kinds[value]
        if key == "repo":
            return str(issue["repository"]).lower() == self._data.repositories.current(value).lower()
        if key in ("org", "user"):
            return str(issue["repository"].partition("/")[0].lower()) == value
        if key == "label":
            return value in (label.lower() for label in issue.get("labels", ()))
        if key == "author":
            login = f"{value.removeprefix('app/')}[bot]" if value.startswith("app/") else value
            return str(issue["user"]["login"]).lower() == login
        if key == "in":  # where to look for words: here they are looked for in both
            return value in ("title", "body", "comments")
        if key is not None:
            raise _unknown(f"{key}:")
        return value in f"{issue['title']}\n{issue['body'] or ''}".lower()


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`/github/search/issues`, with a budget of its own."""
    return [web.get("/github/search/issues", guarded(Search(data).issues, "", data.search_budget))]


def _value(term: dict[str, Any]) -> str:
    return str(term["plain"] if term["quoted"] is None else term["quoted"]).lower()


def _unknown(words: str) -> Refusal:
    return Refusal(422, f"chittylocal does not know {words} in a search: ask for what it knows, or teach it.")
