"""One module per dimension; `EVALUATORS` names every function that checks.yml may name."""

from __future__ import annotations

from chittyactions.compliance.checks import (
    artifacts,
    channel_access,
    chittybeacon,
    chittycanon,
    chittyconnect,
    chittyregister,
    chittyrouter,
    chittytrust,
    health_endpoint,
    repository_files,
    secrets_model,
    security_ci_cd,
    security_credentials,
    security_dependencies,
    security_identity,
    security_inventory,
    security_runtime,
    security_threats,
)
from chittyactions.compliance.engine import Evaluator

EVALUATORS: dict[str, Evaluator] = {
    "artifacts.mcp": artifacts.mcp,
    "artifacts.openapi": artifacts.openapi,
    "channel_access.minted_tokens": channel_access.minted_tokens,
    "channel_access.shared_token": channel_access.shared_token,
    "chittybeacon.installed": chittybeacon.installed,
    "chittycanon.document": chittycanon.document,
    "chittycanon.owners": chittycanon.owners,
    "chittycanon.protection": chittycanon.protection,
    "chittyconnect.config": chittyconnect.config,
    "chittyconnect.sync_workflow": chittyconnect.sync_workflow,
    "chittyregister.heartbeat": chittyregister.heartbeat,
    "chittyregister.registered": chittyregister.registered,
    "chittyrouter.declared": chittyrouter.declared,
    "chittyrouter.routed": chittyrouter.routed,
    "chittytrust.provider": chittytrust.provider,
    "chittytrust.provisions": chittytrust.provisions,
    "health_endpoint.health": health_endpoint.health,
    "repository_files.identity": repository_files.identity,
    "repository_files.name": repository_files.name,
    "repository_files.workflows": repository_files.workflows,
    "secrets_model.deprecated": secrets_model.deprecated,
    "secrets_model.names": secrets_model.names,
    "security_ci_cd.kept_credentials": security_ci_cd.kept_credentials,
    "security_ci_cd.permissions": security_ci_cd.permissions,
    "security_ci_cd.pinned": security_ci_cd.pinned,
    "security_ci_cd.script_injection": security_ci_cd.script_injection,
    "security_ci_cd.untrusted_checkout": security_ci_cd.untrusted_checkout,
    "security_credentials.plain_sight": security_credentials.plain_sight,
    "security_dependencies.locked": security_dependencies.locked,
    "security_dependencies.updates": security_dependencies.updates,
    "security_identity.stored_keys": security_identity.stored_keys,
    "security_inventory.owners": security_inventory.owners,
    "security_inventory.policy": security_inventory.policy,
    "security_runtime.compatibility": security_runtime.compatibility,
    "security_runtime.observability": security_runtime.observability,
    "security_threats.scanned": security_threats.scanned,
}

ASKING = frozenset(
    {
        "chittycanon.protection",
        "chittyregister.registered",
        "chittyrouter.routed",
        "endpoint",
        "health_endpoint.health",
    }
)
"""What `evaluate` names of checks that go by what services say: without asking, they are not evaluated."""
