"""The labels of GitHub's repositories, and their routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from chittylocal.services.github_answers import Handler, Refusal, invalid, page, repository_of, too_long

if TYPE_CHECKING:
    from chittylocal.services.github_data import Data
    from chittylocal.services.github_gate import Guarded

PLAIN = "ededed"
"""The colour of a label that nobody gave one."""
COLOUR = re.compile(r"[0-9a-fA-F]{6}")
LONGEST_NAME, LONGEST_DESCRIPTION = 50, 100


class Labels:
    """The labels that `Data` keeps, by name without regard to case; a repository begins without any."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def of(self, name: str) -> list[dict[str, Any]]:
        """A repository's labels, by name."""
        return sorted(self._data.all("labels", name), key=lambda label: str(label["name"]).lower())

    def find(self, name: str, label: str) -> dict[str, Any] | None:
        """One label, or None."""
        return next((one for one in self._data.all("labels", name) if one["name"].lower() == label.lower()), None)

    def make(self, name: str, label: str, color: str = PLAIN, description: str | None = None) -> dict[str, Any]:
        """A new label. Raises Refusal where there is one."""
        with self._data.lock:
            if self.find(name, label):
                raise invalid("Label", code="already_exists", field="name")
            entry = {"repository": name.lower(), "name": label, "color": color.lower(), "description": description}
            return self._data.add("labels", entry)

    def ensure(self, name: str, labels: Iterable[str]) -> list[str]:
        """Labels under the names that the repository has for them, each once; those that it has not are made."""
        found: dict[str, str] = {}
        for label in labels:
            known = self.find(name, label) or self.make(name, label)
            found.setdefault(label.lower(), str(known["name"]))
        return list(found.values())

    def change(self, name: str, label: str, changes: dict[str, Any]) -> dict[str, Any] | None:
        """Change name, color or description, for all issues that have it; None when there is no such label."""
        with self._data.lock:
            found = self.find(name, label)
            if found is None:
                return None
            new = str(changes.get("name", found["name"]))
            other = self.find(name, new)
            if other and other["id"] != found["id"]:
                raise invalid("Label", code="already_exists", field="name")
            self._replace(name, found["name"], [new])
            return self._data.change("labels", found["id"], name, **changes)

    def remove(self, name: str, label: str) -> bool:
        """Have no such label any more; False when there was none."""
        with self._data.lock:
            found = self.find(name, label)
            if found is None:
                return False
            self._replace(name, found["name"], [])
            return self._data.remove("labels", found["id"], name)

    def shown(self, name: str, label: str) -> dict[str, Any]:
        """A label as REST shows it."""
        found = self.find(name, label) or {"id": 0, "name": label, "color": PLAIN, "description": None}
        shown = {key: found[key] for key in ("id", "name", "color", "description")}
        return shown | {"default": False, "url": f"{self._data.api_url}/repos/{name}/labels/{found['name']}"}

    def _replace(self, name: str, old: str, new: list[str]) -> None:
        if new == [old]:
            return
        for kind in ("issues", "pulls"):
            for issue in self._data.all(kind, name):
                if old in issue.get("labels", ()):
                    labels = [other for one in issue["labels"] for other in (new if one == old else [one])]
                    self._data.change(kind, issue["id"], name, labels=labels)


class Routes:
    """The routes over `Labels`."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._labels = data.labels

    async def found(self, request: web.Request) -> web.Response:
        """`GET …/labels`."""
        name = self._name(request)
        return page(request, self._labels.of(name), show=lambda label: self._labels.shown(name, label["name"]))

    async def create(self, request: web.Request) -> web.Response:
        """`POST …/labels`: name, color, description."""
        name, asked = self._name(request), json.loads(await request.text())
        given = _judged({"color": PLAIN, **asked, "name": asked["name"]})
        made = self._labels.make(name, given["name"], given["color"], given.get("description"))
        return web.json_response(self._labels.shown(name, made["name"]), status=201)

    async def show(self, request: web.Request) -> web.Response:
        """`GET …/labels/{name}`."""
        name = self._name(request)
        found = self._labels.find(name, request.match_info["label"])
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._labels.shown(name, found["name"]))

    async def change(self, request: web.Request) -> web.Response:
        """`PATCH …/labels/{name}`: new_name, color, description."""
        name, asked = self._name(request), json.loads(await request.text())
        wanted = {key: asked[key] for key in ("color", "description") if key in asked}
        wanted |= {"name": asked["new_name"]} if "new_name" in asked else {}
        found = self._labels.change(name, request.match_info["label"], _judged(wanted))
        if found is None:
            raise Refusal(404, "Not Found")
        return web.json_response(self._labels.shown(name, found["name"]))

    async def remove(self, request: web.Request) -> web.Response:
        """`DELETE …/labels/{name}`."""
        if not self._labels.remove(self._name(request), request.match_info["label"]):
            raise Refusal(404, "Not Found")
        return web.Response(status=204)

    def _name(self, request: web.Request) -> str:
        name = repository_of(request)
        if self._data.repositories.find(name) is None:
            raise Refusal(404, "Not Found")
        return name


def routes(data: Data, guarded: Guarded) -> list[web.RouteDef]:
    """`labels` under `/github/repos/{owner}/{repo}`."""
    hub = Routes(data)
    of = "/github/repos/{owner}/{repo}/labels"

    def kept(handler: Handler) -> Handler:
        return guarded(handler, "issues")

    return [
        web.get(of, kept(hub.found)),
        web.post(of, kept(hub.create)),
        web.get(of + "/{label}", kept(hub.show)),
        web.patch(of + "/{label}", kept(hub.change)),
        web.delete(of + "/{label}", kept(hub.remove)),
    ]


def _judged(given: dict[str, Any]) -> dict[str, Any]:
    """A label's fields, refused as GitHub refuses them."""
    if "name" in given and not str(given["name"]).strip():
        raise invalid("Label", code="missing_field", field="name")
    if len(str(given.get("name", ""))) > LONGEST_NAME:
        raise too_long("Label", "name", LONGEST_NAME)
    if "color" in given and not COLOUR.fullmatch(str(given["color"])):
        raise invalid("Label", code="invalid", field="color")
    if len(str(given.get("description") or "")) > LONGEST_DESCRIPTION:
        raise too_long("Label", "description", LONGEST_DESCRIPTION)
    return given
