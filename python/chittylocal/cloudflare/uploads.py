"""Turn an upload (a form of metadata and modules) into a version, with the bindings that it inherits."""

from __future__ import annotations

import json
import posixpath
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from chittylocal.cloudflare import migrations
from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.model import SECRET_TYPES, Module, Script, Version
from chittylocal.cloudflare.multipart import Part
from chittylocal.cloudflare.store import Store
from chittylocal.state import now

ECHOED = ("limits", "placement", "usage_model", "cache_options", "tail_consumers", "exports", "containers")
"""Parts of the metadata that are kept and shown, and change nothing here."""

NO_CODE = ("application/source-map",)


class Upload(NamedTuple):
    """A form, taken apart. `modules` has everything that isn't the metadata."""

    metadata: dict[str, Any]
    modules: list[Part]


def read_upload(parts: Iterable[Part]) -> Upload:
    """The metadata and modules of a form. Raises `Refused` when the metadata is missing or no JSON object."""
    by_name = {part.name: part for part in parts}
    try:
        metadata = json.loads(by_name.pop("metadata").data)
    except (KeyError, ValueError):
        raise Refused(400, 10001, "The upload has no part named metadata that holds JSON.") from None
    if not isinstance(metadata, dict):
        raise Refused(400, 10001, "The upload's metadata is no JSON object.")
    return Upload(metadata, list(by_name.values()))


def make_version(store: Store, script: Script, upload: Upload, source: str, trigger: str) -> Version:
    """The upload as the script's next version, its contents and secrets kept. It is not yet in the script."""
    metadata = upload.metadata
    main = metadata.get("main_module") or metadata.get("body_part")
    names = {part.name for part in upload.modules}
    assets = _assets(store, script, metadata)
    if main is None and assets is None:
        raise Refused(400, 10021, "The upload names neither main_module nor body_part, and has no assets.")
    if main is not None and main not in names:
        raise Refused(400, 10021, f'No such module "{main}".')
    bindings, secrets = resolve_bindings(store, script, metadata)
    migrations.check_bindings(script, bindings)
    version = Version(
        id=str(uuid.uuid4()),
        number=len(script.versions) + 1,
        created_on=now(),
        source=source,
        main=main,
        service_worker="body_part" in metadata,
        modules=[
            Module(posixpath.normpath(part.name), part.type, store.keep_content(part.data), len(part.data))
            for part in upload.modules if part.type not in NO_CODE
        ],
        bindings=bindings,
        annotations=_annotations(metadata, trigger),
        compatibility_date=metadata.get("compatibility_date") or "2021-11-02",
        compatibility_flags=list(metadata.get("compatibility_flags") or []),
        assets=assets,
        runtime={name: metadata[name] for name in ECHOED if metadata.get(name) is not None},
    )  # fmt: skip
    # https://developers.cloudflare.com/workers/configuration/previews/#limitations
    version.has_preview = not script.classes
    store.vault.keep(version.id, secrets)
    return version


def next_version(
    store: Store, script: Script, changes: dict[str, dict[str, Any] | None], source: str, trigger: str,
    annotations: dict[str, Any] | None = None,
) -> Version:  # fmt: skip
    """A copy of the script's latest version with bindings replaced, or removed where the change is None."""
    latest = script.latest
    if latest is None:
        raise Refused(400, 10222, "There are currently no uploaded versions of this Worker.")
    kept = [binding for binding in latest.bindings if binding["name"] not in changes]
    secrets = {name: text for name, text in store.vault.of(latest.id).items() if name not in changes}
    for name, change in changes.items():
        if change is None:
            continue
        binding = {**change, "name": name}
        if binding["type"] in SECRET_TYPES:
            secrets[name] = str(binding.pop("text", ""))
        kept.append(binding)
    fields = {**vars(latest), "id": str(uuid.uuid4()), "number": len(script.versions) + 1, "created_on": now()}
    fields |= {"bindings": kept, "source": source, "annotations": _annotations({"annotations": annotations}, trigger)}
    version = Version(**fields)
    store.vault.keep(version.id, secrets)
    return version


def resolve_bindings(
    store: Store, script: Script, metadata: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The bindings with `inherit` and `keep_bindings` resolved from the latest version, and the secrets' values."""
    latest = script.latest
    bindings: dict[str, dict[str, Any]] = {}
    secrets: dict[str, str] = {}
    known = store.vault.of(latest.id) if latest else {}
    for given in metadata.get("bindings") or []:
        name = given["name"]
        if name in bindings:
            raise Refused(400, 10021, f"Binding name '{name}' is used more than once.")
        if given["type"] == "inherit":
            old = latest.binding(given.get("old_name") or name) if latest else None
            if old is None:
                raise Refused(
                    400, 10057, f"inherit binding '{name}' is invalid: no such binding in the latest version."
                )
            bindings[name] = {**old, "name": name}
            if old["type"] in SECRET_TYPES:
                secrets[name] = known[old["name"]]
            continue
        bindings[name] = {key: value for key, value in given.items() if value is not None}
        if given["type"] in SECRET_TYPES:
            secrets[name] = str(bindings[name].pop("text", ""))
    for old in latest.bindings if latest else []:
        if old["type"] in (metadata.get("keep_bindings") or []) and old["name"] not in bindings:
            bindings[old["name"]] = old
            if old["type"] in SECRET_TYPES:
                secrets[old["name"]] = known[old["name"]]
    return list(bindings.values()), secrets


def _annotations(metadata: dict[str, Any], trigger: str) -> dict[str, str]:
    given = metadata.get("annotations") or {}
    return {"workers/triggered_by": trigger, **{name: str(text) for name, text in given.items() if text is not None}}


def _assets(store: Store, script: Script, metadata: dict[str, Any]) -> dict[str, Any] | None:
    assets = metadata.get("assets")
    if assets is None:
        kept = script.latest.assets if metadata.get("keep_assets") and script.latest else None
        return dict(kept) if kept else None
    session = store.account["assets"].get(assets.get("jwt", ""))
    if session is None or not session["complete"]:
        raise Refused(400, 100317, "The assets' completion token is unknown or its upload is not complete.")
    return {"files": session["files"], "config": assets.get("config") or {}}
