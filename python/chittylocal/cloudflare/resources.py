"""KV namespaces, D1 databases, R2 buckets and queues, as far as a deploy asks for them.

A resource that is asked for by an id or name is there: a service's own configuration names resources of its real
account, and a person should be able to try it with none. What Workers store lies with the runtime.
"""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web

from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, Refused, page
from chittylocal.state import now

NAMESPACES = "/accounts/{account}/storage/kv/namespaces"
DATABASES = "/accounts/{account}/d1/database"
BUCKETS = "/accounts/{account}/r2/buckets"
QUEUES = "/accounts/{account}/queues"


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", NAMESPACES, namespaces),
        ("POST", NAMESPACES, add_namespace),
        ("GET", f"{NAMESPACES}/{{id}}", namespace),
        ("GET", DATABASES, databases),
        ("POST", DATABASES, add_database),
        ("GET", f"{DATABASES}/{{id}}", database),
        ("GET", BUCKETS, buckets),
        ("POST", BUCKETS, add_bucket),
        ("GET", f"{BUCKETS}/{{id}}", bucket),
        ("GET", QUEUES, queues),
        ("POST", QUEUES, add_queue),
        ("GET", f"{QUEUES}/{{id}}", queue),
        ("GET", f"{QUEUES}/{{id}}/consumers", consumers),
        ("POST", f"{QUEUES}/{{id}}/consumers", add_consumer),
        ("PUT", f"{QUEUES}/{{id}}/consumers/{{consumer}}", change_consumer),
        ("DELETE", f"{QUEUES}/{{id}}/consumers/{{consumer}}", delete_consumer),
    ]


def _kept(account: Account, kind: str, id_: str, item: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = account.store.account[kind]
    if id_ not in known:
        known[id_] = item
        account.store.save()
    return known[id_]


async def namespaces(account: Account, request: web.Request) -> Answer:
    """All KV namespaces."""
    return page(list(account.store.account["namespaces"].values()))


async def add_namespace(account: Account, request: web.Request) -> dict[str, Any]:
    """A new KV namespace: `{"title"}`."""
    title, id_ = (await request.json())["title"], uuid.uuid4().hex
    return _kept(account, "namespaces", id_, {"id": id_, "title": title, "supports_url_encoding": True})


async def namespace(account: Account, request: web.Request) -> dict[str, Any]:
    """One KV namespace."""
    id_ = request.match_info["id"]
    return _kept(account, "namespaces", id_, {"id": id_, "title": id_, "supports_url_encoding": True})


async def databases(account: Account, request: web.Request) -> Answer:
    """The D1 databases; asked by name, there is one."""
    if name := request.query.get("name"):
        _named_database(account, name)
    known = account.store.account["databases"].values()
    return page([item for item in known if not name or item["name"] == name])


async def add_database(account: Account, request: web.Request) -> dict[str, Any]:
    """A new D1 database: `{"name"}`."""
    return _named_database(account, (await request.json())["name"])


async def database(account: Account, request: web.Request) -> dict[str, Any]:
    """One D1 database by id or name."""
    id_ = request.match_info["id"]
    return _kept(account, "databases", id_, {"uuid": id_, "name": id_, "created_at": now(), "version": "production"})


def _named_database(account: Account, name: str) -> dict[str, Any]:
    for item in account.store.account["databases"].values():
        if item["name"] == name:
            known: dict[str, Any] = item
            return known
    id_ = str(uuid.uuid4())
    return _kept(account, "databases", id_, {"uuid": id_, "name": name, "created_at": now(), "version": "production"})


async def buckets(account: Account, request: web.Request) -> dict[str, Any]:
    """All R2 buckets."""
    return {"buckets": list(account.store.account["buckets"].values())}


async def add_bucket(account: Account, request: web.Request) -> dict[str, Any]:
    """A new R2 bucket: `{"name"}`."""
    name = (await request.json())["name"]
    return _kept(account, "buckets", name, {"name": name, "creation_date": now(), "location": "WEUR"})


async def bucket(account: Account, request: web.Request) -> dict[str, Any]:
    """One R2 bucket."""
    name = request.match_info["id"]
    return _kept(account, "buckets", name, {"name": name, "creation_date": now(), "location": "WEUR"})


async def queues(account: Account, request: web.Request) -> Answer:
    """The queues; asked by name, there is one."""
    name = request.query.get("name")
    if name:
        _queue(account, name)
    known = account.store.account["queues"].values()
    return page([item for item in known if not name or item["queue_name"] == name])


async def add_queue(account: Account, request: web.Request) -> dict[str, Any]:
    """A new queue: `{"queue_name"}`."""
    return _queue(account, (await request.json())["queue_name"])


async def queue(account: Account, request: web.Request) -> dict[str, Any]:
    """One queue by its id."""
    try:
        item: dict[str, Any] = account.store.account["queues"][request.match_info["id"]]
    except KeyError:
        raise Refused(404, 11000, "The specified queue does not exist.") from None
    return item


def _queue(account: Account, name: str) -> dict[str, Any]:
    for item in account.store.account["queues"].values():
        if item["queue_name"] == name:
            known: dict[str, Any] = item
            return known
    id_ = uuid.uuid4().hex
    fresh = {"queue_id": id_, "queue_name": name, "created_on": now(), "producers": [], "consumers": []}
    return _kept(account, "queues", id_, fresh)


async def consumers(account: Account, request: web.Request) -> Answer:
    """The consumers of a queue."""
    return page((await queue(account, request))["consumers"])


async def add_consumer(account: Account, request: web.Request) -> dict[str, Any]:
    """A Worker that takes messages of a queue: `{"type": "worker", "script_name", "settings"}`."""
    return await _put_consumer(account, request, uuid.uuid4().hex)


async def change_consumer(account: Account, request: web.Request) -> dict[str, Any]:
    """Change how a Worker takes messages."""
    return await _put_consumer(account, request, request.match_info["consumer"])


async def _put_consumer(account: Account, request: web.Request, id_: str) -> dict[str, Any]:
    item, given = await queue(account, request), await request.json()
    consumer = {**given, "consumer_id": id_, "queue_id": item["queue_id"], "queue_name": item["queue_name"]}
    # wrangler finds its consumer again by `script`, and sends it as `script_name`.
    consumer["script"] = given.get("script_name")
    others = [other for other in item["consumers"] if other["consumer_id"] != id_]
    item["consumers"] = [*others, consumer]
    account.store.save()
    await account.refresh()
    return consumer


async def delete_consumer(account: Account, request: web.Request) -> None:
    """End a Worker's consuming."""
    item = await queue(account, request)
    gone = request.match_info["consumer"]
    item["consumers"] = [consumer for consumer in item["consumers"] if consumer["consumer_id"] != gone]
    account.store.save()
    await account.refresh()
