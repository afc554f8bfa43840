"""gitChitty: releases by service and version, out of the public bucket; and the bucket under its own domain.

`git.chitty.cc` and the bucket's domains (`Settings.bucket_domains`) answer at the edge, by Host header; gitChitty has
its API under `/git` as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import web

from chittylocal.services.world import World
from chittylocal.state import now

if TYPE_CHECKING:
    from chittylocal.r2 import View as Bucket

HOST = "git.chitty.cc"
PREFIX = "/git"
PLACE = re.compile(r"/(?P<service>[^/@]+)(@(?P<version>[^/]+)(/(?P<file>[^/]+))?)?")
LONG, SHORT = "public, max-age=31536000, immutable", "no-cache"


class View:
    """What tests see of gitChitty."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def refreshes(self) -> list[str]:
        """The services that were refreshed, in order."""
        return [entry["service"] for entry in self._world.state.read("git", [])]

    def refresh(self, service: str) -> None:
        """Note a refresh."""
        self._world.state.write("git", [*self._world.state.read("git", []), {"service": service, "at": now()}])


class GitChitty:
    """The routes over one bucket."""

    def __init__(self, world: World, view: View) -> None:
        self._world = world
        self._view = view

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request, under the host name of its own or the prefix."""
        path = request.path.removeprefix(PREFIX) if request.path.startswith(PREFIX + "/") else request.path
        refresh = re.fullmatch(r"/api/refresh/([^/]+)", path)
        if refresh and request.method == "POST" and not self._world.settings.today:
            return self._refresh(refresh.group(1))
        place = PLACE.fullmatch(path)
        if place and request.method in ("GET", "HEAD"):
            return self._release(place.group("service"), place.group("version") or "", place.group("file") or "")
        return _nothing("There is no such route.")

    def _refresh(self, service: str) -> web.Response:
        if self._metadata(service) is None:
            return _nothing(f"There is no service {service}.")
        self._view.refresh(service)
        return web.json_response({"success": True, "service": service, "refreshed_at": now()})

    def _release(self, service: str, version: str, file: str) -> web.StreamResponse:
        metadata, latest = self._metadata(service) or {}, not version
        version = version or str(metadata.get("version", ""))
        folder = f"{service}/{version}/"
        names = sorted(key[len(folder) :] for key in self._bucket.objects(self._name) if key.startswith(folder))
        if not file and version == metadata.get("version"):
            file = str(metadata.get("tarball", ""))
        file = file or next((name for name in names if name.endswith((".tgz", ".tar.gz"))), next(iter(names), ""))
        if not version or file not in names:
            return _nothing(f"There is no such release of {service}.")
        answer = _served(self._bucket, self._name, folder + file, SHORT if latest else LONG)
        answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return answer

    def _metadata(self, service: str) -> dict[str, Any] | None:
        path = self._bucket.path(self._name, f"{service}/metadata.json")
        if path is None:
            return None
        try:
            found = json.loads(path.read_text("utf-8"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def _bucket(self) -> Bucket:
        bucket: Bucket = self._world.extra["r2"]
        return bucket

    @property
    def _name(self) -> str:
        return next(iter(self._world.settings.bucket_domains.values()))


def mount(app: web.Application, world: World) -> None:
    """Add `/git`, the host of gitChitty, and the bucket's domains; the view is in `world.extra["git"]`."""
    view = world.extra["git"] = View(world)
    chitty = GitChitty(world, view)
    app.router.add_route("*", PREFIX + "/{tail:.*}", chitty.handle)
    world.hosts[HOST] = ("git", chitty.handle)
    for host, bucket in world.settings.bucket_domains.items():
        world.hosts[host] = ("edge", _public(world, bucket))


def _public(world: World, bucket: str) -> Callable[[web.Request], Any]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=401, text="This bucket is read only by this address.\n")
        return _served(world.extra["r2"], bucket, unquote(request.path.lstrip("/")), SHORT)

    return answer


def _served(bucket: Bucket, name: str, key: str, cache: str) -> web.StreamResponse:
    path, kept = bucket.path(name, key), bucket.find(name, key)
    if path is None or kept is None:
        return _nothing("There is no such object.")
    headers = {"Content-Type": kept.content_type, "Cache-Control": cache}
    return web.FileResponse(path, headers=headers)


def _nothing(message: str) -> web.Response:
    return web.json_response({"error": message}, status=404)
