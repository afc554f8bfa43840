"""Durable Object classes of a script: which ones exist is changed by migrations (or `exports`) and nothing else."""

from __future__ import annotations

import uuid
from typing import Any

from chittylocal.cloudflare.envelope import Refused
from chittylocal.cloudflare.model import Script

LIVE = ("created", "expecting-transfer")
"""States of an export that mean that the class exists."""


def refuse_in_version(script: Script, metadata: dict[str, Any]) -> None:
    """A version upload may carry no pending change of classes: only a deploy applies it."""
    pending = metadata.get("migrations") or set(_live_exports(metadata)) - set(script.classes)
    if pending:
        raise Refused(
            400, 10211,
            "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object "
            "migration, but migrations must be fully applied via a non-versioned deployment.",
        )  # fmt: skip


def apply(script: Script, metadata: dict[str, Any]) -> None:
    """Carry out the metadata's migrations on the script's classes and tag."""
    for name, export in _live_exports(metadata).items():
        _create(script, name, sqlite=export.get("storage") != "legacy-kv", known=True)
    migrations = metadata.get("migrations")
    if not migrations:
        return
    if (migrations.get("old_tag") or None) != script.migration_tag:
        raise Refused(
            412, 10079,
            f"migration tag precondition failed; current tag is {script.migration_tag!r}, "
            f"expected {migrations.get('old_tag')!r}",
        )  # fmt: skip
    for step in migrations.get("steps") or [migrations]:
        _step(script, step)
    script.migration_tag = migrations.get("new_tag")


def check_bindings(script: Script, bindings: list[dict[str, Any]]) -> None:
    """Every Durable Object binding of the script's own must name a class that exists."""
    for binding in bindings:
        own = binding.get("script_name") in (None, script.name)
        if binding["type"] == "durable_object_namespace" and own and binding["class_name"] not in script.classes:
            name = binding["class_name"]
            raise Refused(
                400, 10061,
                f"Cannot create binding for class '{name}' because it is not currently configured to implement "
                "Durable Objects. Did you forget to apply a new_classes or new_sqlite_classes migration?",
            )  # fmt: skip


def _live_exports(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    exports = metadata.get("exports") or {}
    objects = {name: export for name, export in exports.items() if export.get("type") == "durable-object"}
    return {name: export for name, export in objects.items() if export.get("state", "created") in LIVE}


def _step(script: Script, step: dict[str, Any]) -> None:
    for name in step.get("new_classes") or []:
        _create(script, name, sqlite=False)
    for name in step.get("new_sqlite_classes") or []:
        _create(script, name, sqlite=True)
    for rename in step.get("renamed_classes") or []:
        script.classes[rename["to"]] = _existing(script, rename["from"], "renamed")
    for name in step.get("deleted_classes") or []:
        _existing(script, name, "deleted")
    for transfer in step.get("transferred_classes") or []:
        _create(script, transfer["to"], sqlite=True)


def _create(script: Script, name: str, *, sqlite: bool, known: bool = False) -> None:
    if name in script.classes:
        if known:
            return
        raise Refused(
            400, 10074,
            f"Cannot apply new-class migration to class '{name}' that is already depended on by existing Durable "
            "Objects.",
        )  # fmt: skip
    script.classes[name] = {"id": uuid.uuid4().hex, "sqlite": sqlite}


def _existing(script: Script, name: str, change: str) -> dict[str, Any]:
    if name not in script.classes:
        raise Refused(400, 10075, f"Cannot apply {change}_classes migration to non-existent class '{name}'.")
    return script.classes.pop(name)
