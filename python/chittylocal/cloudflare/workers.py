"""Say in Miniflare's options (its fourth format) what a version is: code, bindings, storage, assets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.model import Script, Version

if TYPE_CHECKING:
    from chittylocal.cloudflare.account import Account

MODULE_TYPES = {
    "application/javascript+module": "ESModule",
    "application/javascript": "CommonJS",
    "application/wasm": "CompiledWasm",
    "application/octet-stream": "Data",
    "text/plain": "Text",
    "text/x-python": "PythonModule",
    "text/x-python-requirement": "PythonRequirement",
}

ASSETS_ONLY = 'export default { fetch: () => new Response("Not Found", { status: 404 }) };'

Options = dict[str, Any]
Scripts = dict[str, Script]


def options(account: Account, scripts: Scripts, live: dict[str, list[Version]]) -> list[Options]:
    """The options of all versions that are to be served."""
    return [_worker(account, scripts, scripts[name], version) for name, all_ in live.items() for version in all_]


def unserved(version: Version) -> list[str]:
    """The bindings that exist on Cloudflare only, as `NAME (type)`: the Worker starts without them."""
    return [f"{binding['name']} ({binding['type']})" for binding in version.bindings if binding["type"] not in BINDERS]


def _worker(account: Account, scripts: Scripts, script: Script, version: Version) -> Options:
    worker: Options = {
        "name": version.worker,
        "compatibilityDate": version.compatibility_date,
        "compatibilityFlags": version.compatibility_flags,
        "modulesRoot": "/",
        **_code(account, version),
    }
    context = _Context(account, scripts, script, version, worker)
    for binding in version.bindings:
        binder = BINDERS.get(binding["type"])
        if binder:
            binder(context, binding)
    _durable_object_classes(context)
    if version.assets is not None:
        _assets(context)
    if version is context.primary_of(script):
        _consume(context)
    return worker


class _Context:
    """What a binding may need to be told, and the options that it adds to."""

    def __init__(self, account: Account, scripts: Scripts, script: Script, version: Version, worker: Options) -> None:
        self.account, self.scripts, self.script, self.version, self.worker = account, scripts, script, version, worker
        self.secrets = account.store.vault.of(version.id)

    def put(self, kind: str, name: str, value: Any) -> None:
        self.worker.setdefault(kind, {})[name] = value

    def primary_of(self, script: Script) -> Version | None:
        # Before its first deployment a script has no version with traffic; its newest stands in.
        return script.primary or script.latest


def _code(account: Account, version: Version) -> Options:
    def file(sha256: str) -> str:
        return str(account.store.contents / sha256)

    if version.main is None:
        return {"modules": [{"type": "ESModule", "path": "/assets-only.js", "text": ASSETS_ONLY}]}
    if version.service_worker:
        main = next(module for module in version.modules if module.name == version.main)
        return {"scriptFile": file(main.sha256)}
    main_name = str(PurePosixPath(version.main))
    ordered = sorted(version.modules, key=lambda module: module.name != main_name)
    return {
        "modules": [
            {"type": MODULE_TYPES.get(module.type, "Data"), "path": f"/{module.name}", "file": file(module.sha256)}
            for module in ordered
        ]
    }


def _text(context: _Context, binding: dict[str, Any]) -> None:
    context.put("bindings", binding["name"], binding.get("text", ""))


def _secret(context: _Context, binding: dict[str, Any]) -> None:
    context.put("bindings", binding["name"], context.secrets.get(binding["name"], ""))


def _json(context: _Context, binding: dict[str, Any]) -> None:
    context.put("bindings", binding["name"], binding.get("json"))


def _version_metadata(context: _Context, binding: dict[str, Any]) -> None:
    version = context.version
    tag = version.annotations.get("workers/tag", "")
    context.put("bindings", binding["name"], {"id": version.id, "tag": tag, "timestamp": version.created_on})


def _resource(kind: str, key: str) -> Callable[[_Context, dict[str, Any]], None]:
    def bind(context: _Context, binding: dict[str, Any]) -> None:
        context.put(kind, binding["name"], str(binding.get(key) or binding.get("id")))

    return bind


def _durable_object(context: _Context, binding: dict[str, Any]) -> None:
    owner = context.scripts.get(binding.get("script_name") or context.script.name)
    host = context.primary_of(owner) if owner else None
    class_name = binding["class_name"]
    if owner is None or host is None or class_name not in owner.classes:
        message = f"Durable Object binding '{binding['name']}' refers to class '{class_name}', which does not exist."
        raise Refused(400, 10061, message)
    designator = _designator(owner, class_name)
    if host is not context.version:
        designator["scriptName"] = host.worker
    context.put("durableObjects", binding["name"], designator)


def _durable_object_classes(context: _Context) -> None:
    # Only one version of a Durable Object runs, as on Cloudflare; its classes need no binding to keep their data.
    script = context.script
    if context.version is not context.primary_of(script):
        return
    bound = {binding.get("class_name") for binding in context.version.bindings}
    unbound = [_designator(script, name) for name in script.classes if name not in bound]
    if unbound:
        context.worker["additionalUnboundDurableObjects"] = unbound


def _designator(owner: Script, class_name: str) -> Options:
    namespace = owner.classes[class_name]
    return {"className": class_name, "useSQLite": namespace["sqlite"], "unsafeUniqueKey": namespace["id"]}


def _service(context: _Context, binding: dict[str, Any]) -> None:
    name = binding["service"]
    target = context.version if name == context.script.name else None
    if target is None and name in context.scripts:
        target = context.primary_of(context.scripts[name])
    if target is None:
        message = f"Could not resolve service binding '{binding['name']}'. Target script '{name}' not found."
        raise Refused(400, 10143, message)
    entrypoint = {"entrypoint": binding["entrypoint"]} if binding.get("entrypoint") else {}
    context.put("serviceBindings", binding["name"], {"name": target.worker, **entrypoint})


def _rate_limit(context: _Context, binding: dict[str, Any]) -> None:
    limit = {"namespace_id": str(binding.get("namespace_id", "1")), "simple": binding["simple"]}
    context.put("ratelimits", binding["name"], limit)


def _analytics(context: _Context, binding: dict[str, Any]) -> None:
    dataset = {"dataset": binding.get("dataset") or binding["name"]}
    context.put("analyticsEngineDatasets", binding["name"], dataset)


def _assets_binding(context: _Context, binding: dict[str, Any]) -> None:
    context.worker.setdefault("assets", {})["binding"] = binding["name"]


def _queue(context: _Context, binding: dict[str, Any]) -> None:
    context.put("queueProducers", binding["name"], {"queueName": binding["queue_name"]})


BINDERS: dict[str, Callable[[_Context, dict[str, Any]], None]] = {
    "plain_text": _text,
    "secret_text": _secret,
    "json": _json,
    "version_metadata": _version_metadata,
    "kv_namespace": _resource("kvNamespaces", "namespace_id"),
    "d1": _resource("d1Databases", "database_id"),
    "r2_bucket": _resource("r2Buckets", "bucket_name"),
    "queue": _queue,
    "durable_object_namespace": _durable_object,
    "service": _service,
    "ratelimit": _rate_limit,
    "analytics_engine": _analytics,
    "assets": _assets_binding,
}
"""How each type of binding is served; other types are left out, see `unserved`."""


def _assets(context: _Context) -> None:
    version = context.version
    assert version.assets is not None
    config = version.assets["config"]
    first = config.get("run_worker_first")
    serving: Options = context.worker.setdefault("assets", {})
    serving["directory"] = str(context.account.store.asset_folder(version))
    serving["routerConfig"] = {
        "has_user_worker": version.main is not None,
        "invoke_user_worker_ahead_of_assets": first is True,
    }
    if isinstance(first, list):
        serving["run_worker_first"] = first
    names = ("html_handling", "not_found_handling")
    serving["assetConfig"] = {name: config[name] for name in names if config.get(name)}


def _consume(context: _Context) -> None:
    for queue in context.account.store.account["queues"].values():
        for consumer in queue.get("consumers", []):
            if consumer.get("script_name") != context.script.name:
                continue
            settings = consumer.get("settings") or {}
            known = {
                "maxBatchSize": settings.get("batch_size"),
                "maxRetries": settings.get("max_retries"),
                "maxBatchTimeout": (settings.get("max_wait_time_ms") or 0) / 1000 or None,
                "deadLetterQueue": consumer.get("dead_letter_queue") or None,
            }
            chosen = {name: value for name, value in known.items() if value is not None}
            context.put("queueConsumers", queue["queue_name"], chosen)
