"""Workers as a whole: existence, the upload that deploys at once, settings, deletion."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from aiohttp import web

from chittylocal.cloudflare import migrations, multipart
from chittylocal.cloudflare.account import Account
from chittylocal.cloudflare.envelope import Answer, Refused, page
from chittylocal.cloudflare.model import Script, Version
from chittylocal.cloudflare.uploads import Upload, make_version, next_version, read_upload, resolve_bindings
from chittylocal.cloudflare.workers import unserved
from chittylocal.state import now

SCRIPT = "/accounts/{account}/workers/scripts/{script}"
log = logging.getLogger("chittylocal.cloudflare")
SETTINGS = ("tags", "logpush", "observability", "tail_consumers")


def routes() -> list[tuple[str, str, Any]]:
    """Method, path and handler of the routes here."""
    return [
        ("GET", "/accounts/{account}/workers/scripts", list_scripts),
        ("GET", "/accounts/{account}/workers/services/{script}", service),
        ("DELETE", "/accounts/{account}/workers/services/{script}", delete),
        ("GET", "/accounts/{account}/workers/durable_objects/namespaces", namespaces),
        ("GET", "/accounts/{account}/workers/workers/{script}", worker),
        ("GET", SCRIPT, content),
        ("PUT", SCRIPT, upload_and_deploy),
        ("DELETE", SCRIPT, delete),
        ("GET", f"{SCRIPT}/settings", settings),
        ("PATCH", f"{SCRIPT}/settings", change_settings),
        ("GET", f"{SCRIPT}/script-settings", script_settings),
        ("PATCH", f"{SCRIPT}/script-settings", change_script_settings),
    ]


def source_of(request: web.Request) -> str:
    """Where a change comes from, as Cloudflare tells: `wrangler` or `api`."""
    return "wrangler" if "wrangler" in request.headers.get("User-Agent", "").lower() else "api"


def named(account: Account, request: web.Request) -> Script:
    """The Worker in the request's path."""
    return account.store.script(request.match_info["script"])


async def read_form(request: web.Request) -> Upload:
    """The request's form of metadata and modules."""
    return read_upload(multipart.parse(await request.read(), request.headers.get("Content-Type", "")))


async def list_scripts(account: Account, request: web.Request) -> Answer:
    """All Workers."""
    return page([_summary(script) for script in account.store.scripts.values()])


async def service(account: Account, request: web.Request) -> dict[str, Any]:
    """The legacy view of a Worker by which wrangler finds out whether it exists (10090)."""
    # An upload follows in a moment, and Node takes a third of a second to start.
    if account.edge.verify:
        account.runtime.warm_soon()
    script = account.store.script(request.match_info["script"], code=10090)
    environment = {"environment": "production", "created_on": script.created_on, "script": _summary(script)}
    return {"id": script.name, "default_environment": environment, "environments": [environment]}


async def worker(account: Account, request: web.Request) -> dict[str, Any]:
    """The newer view of a Worker, with its workers.dev and preview hosts."""
    name = request.match_info["script"]
    by_tag = (script for script in account.store.scripts.values() if script.tag == name)
    script = account.store.scripts.get(name) or next(by_tag, None) or account.store.script(name)
    subdomain = {
        "enabled": script.workers_dev, "previews_enabled": script.previews,
        "url": f"https://{script.name}.{account.domain}", "preview_url_suffix": f"-{script.name}.{account.domain}",
    }  # fmt: skip
    return {
        "id": script.tag, "name": script.name, "created_on": script.created_on, "subdomain": subdomain,
        "tags": script.settings.get("tags") or [], **{name: script.settings.get(name) for name in SETTINGS[1:]},
    }  # fmt: skip


async def namespaces(account: Account, request: web.Request) -> Answer:
    """The Durable Object namespaces of all Workers."""
    return page(
        [
            {"id": item["id"], "name": f"{script.name}_{name}", "script": script.name, "class": name,
             "use_sqlite": item["sqlite"]}
            for script in account.store.scripts.values() for name, item in script.classes.items()
        ]
    )  # fmt: skip


async def content(account: Account, request: web.Request) -> web.Response:
    """The code of the latest version's main module."""
    version = named(account, request).latest
    main = next((module for module in version.modules if module.name == version.main), None) if version else None
    body = (account.store.contents / main.sha256).read_bytes() if main else b""
    return web.Response(body=body, content_type="application/javascript")


async def upload_and_deploy(account: Account, request: web.Request) -> Any:
    """The upload that makes a Worker, applies migrations, and takes all traffic at once."""
    name = request.match_info["script"]
    if not re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,62}", name):
        raise Refused(400, 10016, f"Invalid Worker name {name!r}: lowercase letters, digits, - and _, up to 63.")
    upload = await read_form(request)
    async with account.lock:
        script = account.draft(name)
        migrations.apply(script, upload.metadata)
        version = make_version(account.store, script, upload, source_of(request), "upload")
        script.last_from = version.source
        script.settings |= {key: upload.metadata[key] for key in SETTINGS if key in upload.metadata}
        await add(account, script, version, deploy=True)
    return Answer(
        {
            **_summary(script), "etag": version.etag, "handlers": ["fetch"], "startup_time_ms": version.startup_time_ms,
            # Not the deployment's id: wrangler takes this for the version's.
            "deployment_id": version.id.replace("-", ""),
        },
        messages=remarks(version),
    )  # fmt: skip


async def add(account: Account, script: Script, version: Version, *, deploy: bool) -> None:
    """Append a version to the copy of a script, deployed if wanted, and commit."""
    version.migration_tag = script.migration_tag
    script.versions.append(version)
    if deploy:
        share = {"version_id": version.id, "percentage": 100}
        message = {key: text for key, text in version.annotations.items() if key == "workers/message"}
        trigger = version.annotations["workers/triggered_by"]
        account.deploy(script, [share], version.source, message, trigger)
    if alias := version.annotations.get("workers/alias"):
        script.aliases[alias] = version.id
    await account.commit(script)
    version.startup_time_ms = max(1, round(account.runtime.seconds * 1000))


def remarks(version: Version) -> list[str]:
    """What the local edge can't do for this version."""
    missing = ", ".join(unserved(version))
    if not missing:
        return []
    remark = f"chittylocal serves this Worker without {missing}: there is no local engine for it."
    log.warning(remark)
    return [remark]


async def delete(account: Account, request: web.Request) -> None:
    """Delete a Worker with all that leads to it."""
    async with account.lock:
        account.store.remove(named(account, request))


async def settings(account: Account, request: web.Request) -> dict[str, Any]:
    """Bindings and settings of the latest version, and those of the script."""
    script = named(account, request)
    version = script.latest
    if version is None:
        raise Refused(404, 10007, "This Worker has no versions.")
    runtime = version.shown()["resources"]["script_runtime"]
    return {"bindings": version.bindings, "annotations": version.annotations, **runtime, **_script_settings(script)}


async def change_settings(account: Account, request: web.Request) -> dict[str, Any]:
    """Change bindings (a form with the part `settings`): a new version that takes all traffic at once."""
    parts = multipart.parse(await request.read(), request.headers.get("Content-Type", ""))
    given = json.loads(next((part.data for part in parts if part.name == "settings"), b"{}"))
    async with account.lock:
        script = account.draft(named(account, request).name)
        if "bindings" in given and script.latest:
            require_latest_deployed(script, 10214)
            bindings, secrets = resolve_bindings(account.store, script, given)
            with_text: dict[str, dict[str, Any] | None] = {binding["name"]: binding for binding in bindings}
            with_text |= {name: {"type": "secret_text", "text": text} for name, text in secrets.items()}
            gone = {binding["name"]: None for binding in script.latest.bindings if binding["name"] not in with_text}
            version = next_version(account.store, script, {**gone, **with_text}, source_of(request), "settings")
            await add(account, script, version, deploy=True)
        script.settings |= {name: given[name] for name in SETTINGS if name in given}
        account.store.save(script)
    return await settings(account, request)


def require_latest_deployed(script: Script, code: int = 10215) -> None:
    """Secrets and settings are edited only where the latest version serves all traffic."""
    latest, current = script.latest, script.current
    if latest is None or current is None or current.traffic().get(latest.id) != 100:
        raise Refused(
            400, code,
            "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't "
            "currently deployed. Please ensure that the latest version of your Worker is fully deployed before "
            "modifying secrets.",
        )  # fmt: skip


async def script_settings(account: Account, request: web.Request) -> dict[str, Any]:
    """Settings that are not versioned."""
    return _script_settings(named(account, request))


async def change_script_settings(account: Account, request: web.Request) -> dict[str, Any]:
    """Change settings that are not versioned."""
    given = await request.json()
    async with account.lock:
        script = named(account, request)
        script.settings |= {name: given[name] for name in SETTINGS if name in given}
        account.store.save(script)
    return _script_settings(script)


def _script_settings(script: Script) -> dict[str, Any]:
    return {name: script.settings.get(name) for name in SETTINGS}


def _summary(script: Script) -> dict[str, Any]:
    latest = script.latest
    return {
        "id": script.name, "tag": script.tag, "tags": script.settings.get("tags"), "created_on": script.created_on,
        "modified_on": latest.created_on if latest else now(), "migration_tag": script.migration_tag,
        "last_deployed_from": script.last_from, "usage_model": "standard", "handlers": ["fetch"],
        "has_assets": bool(latest and latest.assets), "has_modules": bool(latest and not latest.service_worker),
        "compatibility_date": latest.compatibility_date if latest else None,
    }  # fmt: skip
