"""Read the committed wrangler configuration into a `Plan`: what may be sent, and nothing that is not understood."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chittyactions.deploy.keys import BUILD_ONLY, NEEDS_CHECKOUT, NOT_INHERITED, SENT, of, unknown, without_local
from chittyactions.deploy.plan import Assets, Binding, Plan, Route
from chittyactions.deploy.wranglerfile import (
    DOCS,
    choose_environment,
    find_config,
    parse_config,
    resolve,
)
from chittyactions.errors import ConfigError
from chittyactions.project.folder import folder_within

ISOLATION_OFF = """with:
  isolation: off   # builds and uploads from the checkout, in the job that holds the credentials"""


def read_plan(checkout: Path, working_directory: str, *, service: str, environment: str, isolated: bool = True) -> Plan:
    """The plan of `service` in `environment`, from the configuration in `working_directory` of `checkout`.

    Raises ConfigError for a configuration that is missing, can't be read, lacks the environment, or says something
    that can't be sent as it is.
    """
    folder = folder_within(checkout, working_directory)
    path, warnings = find_config(checkout, folder)
    where = path.relative_to(checkout.resolve()).as_posix()
    raw = parse_config(path, where)
    wrangler_env = choose_environment(raw, environment, where)
    resolved, paths = resolve(raw, wrangler_env, where)
    warnings += _judge(raw, resolved, paths, where, isolated=isolated)
    warnings += _inheritance(raw, wrangler_env)
    if not resolved.get("name"):
        resolved["name"] = f"{service}-{wrangler_env}" if wrangler_env else service
    if service not in (raw.get("name", service), resolved["name"]):
        warnings.append(
            f"{where} names the Worker {resolved['name']}, and service_name is {service}: "
            f"{resolved['name']} is what gets deployed, {service} is what it is registered as."
        )
    try:
        return _plan(
            resolved,
            service=service,
            environment=environment,
            wrangler_env=wrangler_env,
            top_name=raw.get("name") or service,
            environments=tuple(raw.get("env", {})),
            config_file=where,
            isolated=isolated,
            warnings=tuple(warnings),
        )
    except ValidationError as error:
        raise _malformed(error, where) from None


def _judge(
    raw: dict[str, Any], resolved: dict[str, Any], paths: dict[str, str], where: str, *, isolated: bool
) -> list[str]:
    """Warnings; raises for what can't be sent."""
    if "pages_build_output_dir" in raw:
        raise ConfigError(
            f"{where} describes a Pages project, not a Worker.",
            why="It has pages_build_output_dir.",
            fix="Deploy it with `wrangler pages deploy`, or move it to Workers with static assets.",
            docs=DOCS,
        )
    known = BUILD_ONLY | NEEDS_CHECKOUT.keys() | SENT.keys()
    strange = [path for key, path in paths.items() if key not in known and key != "route"]
    for key in resolved.keys() & SENT.keys():
        strange += unknown(resolved[key], SENT[key], paths[key])
    bound = [path for path in strange if path.endswith("unsafe.capnp")]
    bound += [paths[key] for key in resolved if key in NEEDS_CHECKOUT and resolved[key]]
    strange = sorted(set(strange) - set(bound))
    if not isolated:
        off = "Isolation is off: the project's build runs in the job that deploys, and could take its credentials."
        return [off, *(f"{where}: {path} is not a key that is known here." for path in strange)]
    if bound:
        reasons = "; ".join(f"{path}: {NEEDS_CHECKOUT[_tail(path)]}" for path in sorted(bound))
        raise ConfigError(
            f"{where} cannot be deployed apart from its checkout: {', '.join(sorted(bound))}.",
            why=reasons + ".",
            fix="Replace it, or turn isolation off, which lets the build run where the credentials are:",
            yaml=ISOLATION_OFF,
            docs="worker-build.md#isolation",
        )
    if strange:
        several = "keys that are" if len(strange) > 1 else "a key that is"
        raise ConfigError(
            f"{where} has {several} not known: {', '.join(strange)}.",
            why="Wrangler drops what it does not know; what is not known here could be sent wrongly.",
            fix="Correct or remove it. Is it newer than this toolkit? Then turn isolation off until it is known:",
            yaml=ISOLATION_OFF,
            docs=DOCS,
        )
    return []


def _inheritance(raw: dict[str, Any], wrangler_env: str) -> list[str]:
    """What surprises people about environments: bindings are left behind, routes come along."""
    section = raw.get("env", {}).get(wrangler_env)
    if not section:
        return []
    said = []
    left = sorted(key for key in raw if key in NOT_INHERITED and section.get(key) is None)
    if left:
        said.append(f"env.{wrangler_env} does not take over {', '.join(left)}: say it there if its Worker needs it.")
    routes = raw.get("routes") or [raw.get("route")]
    if section.get("routes") is None and not section.get("route") and isinstance(routes, list):
        shown = [str(route.get("pattern") if isinstance(route, dict) else route) for route in routes if route]
        if shown:
            said.append(
                f"env.{wrangler_env} takes over the top level's routes, which will lead to its own Worker: "
                f'{", ".join(shown)}. Add "routes": [] to env.{wrangler_env} if that is not meant.'
            )
    return said


def _plan(resolved: dict[str, Any], **facts: Any) -> Plan:
    """The plan of a resolved configuration; `facts` are the fields that it does not say itself."""
    name = resolved["name"]
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,254}", name):
        raise ConfigError(
            f"{facts['config_file']}: the Worker's name {name!r} is not one that Cloudflare allows.",
            fix="Use letters, digits, dashes and underscores.",
            docs=DOCS,
        )
    settings = {key: without_local(value, SENT[key]) for key, value in sorted(resolved.items()) if key in SENT}
    static = resolved.get("assets")
    if isinstance(static, dict) and static.get("directory"):
        settings["assets"] = {key: value for key, value in static.items() if key != "directory"}
    return Plan(
        **facts,
        script=name,
        account_id=resolved.get("account_id", ""),
        compliance_region=resolved.get("compliance_region", "public"),
        compatibility_date=resolved.get("compatibility_date", ""),
        main=resolved.get("main", ""),
        routes=tuple(_route(route) for route in resolved.get("routes") or []),
        crons=None if (crons := _inside(resolved, "triggers", "crons")) is None else tuple(crons),
        workers_dev=resolved.get("workers_dev"),
        preview_urls=resolved.get("preview_urls"),
        bindings=tuple(_bindings(settings)),
        migration_tags=tuple(step.get("tag", "") for step in _objects(settings.get("migrations"))),
        durable_objects=tuple(
            item.get("class_name", "")
            for item in _objects(_inside(settings, "durable_objects", "bindings"))
            if not item.get("script_name")
        ),
        exports=bool(settings.get("exports")),
        queue_consumers=tuple(item.get("queue", "") for item in _objects(_inside(settings, "queues", "consumers"))),
        version_metadata=_inside(settings, "version_metadata", "binding") or "",
        required_secrets=tuple(_inside(settings, "secrets", "required") or ()),
        assets=Assets(directory=static["directory"], binding=static.get("binding", ""))
        if isinstance(static, dict) and static.get("directory")
        else None,
        settings=settings,
    )


def _route(route: Any) -> Route:
    if not isinstance(route, dict):
        return Route(pattern=route)
    return Route(**{key: route[key] for key in Route.model_fields if route.get(key) is not None})


def _inside(settings: dict[str, Any], key: str, name: str) -> Any:
    """`settings[key][name]`, or None where there is no such thing."""
    value = settings.get(key)
    return value.get(name) if isinstance(value, dict) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


_NO_BINDING = frozenset(of("tail_consumers streaming_tail_consumers connect secrets vars containers"))


def _bindings(settings: dict[str, Any]) -> list[Binding]:
    """Every binding by the name under which code reaches it."""
    found = [Binding(kind="vars", name=name) for name in settings.get("vars") or {}]
    for kind, value in settings.items():
        if kind in _NO_BINDING or kind not in NOT_INHERITED | {"assets", "logfwdr"}:
            continue
        inner = value.get("bindings", value.get("producers")) if isinstance(value, dict) else value
        for item in _objects(inner) or _objects([value]):
            name = item.get("binding") or item.get("name")
            if isinstance(name, str):
                found.append(Binding(kind=kind, name=name))
    return found


def _malformed(error: ValidationError, where: str) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    return ConfigError(
        f"{where}: {path} does not have the form that wrangler expects.",
        why=f"{first['msg']}.",
        fix="Correct it; `npx wrangler deploy --dry-run` checks the same file.",
        docs=DOCS,
    )


def _tail(path: str) -> str:
    return "unsafe.capnp" if path.endswith("unsafe.capnp") else path.rsplit(".", 1)[-1]
