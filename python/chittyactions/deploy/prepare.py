"""From a plan and an artifact to a folder that wrangler uploads from: code, assets, and a configuration of our own.

The folder holds nothing that was not put there here. Wrangler reads `.env`, `package.json`, `tsconfig.json` and
`.wrangler/` beside its configuration, and a module can have none of these names.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

from chittyactions.deploy.artifact import Kind, Manifest, agree, unpack
from chittyactions.deploy.plan import Plan, Upload
from chittyactions.deploy.wranglerfile import REDIRECT, redirected
from chittyactions.errors import ConfigError
from chittyactions.project.folder import folder_within
from chittyactions.tarball import refused

_RULES: dict[Kind, str] = {
    "esm": "ESModule",
    "commonjs": "CommonJS",
    "wasm": "CompiledWasm",
    "text": "Text",
    "data": "Data",
}
"""What a rule can say. Wrangler knows Python's modules by itself, and takes no rule for them."""
_VENDORED = "python_modules/"
_INSIDE = ("/modules", "/modules/")


def prepare_upload(plan: Plan, tar: Path, folder: Path, *, commit: str) -> Upload:
    """Extract the artifact at `tar` into the new folder `folder`, and write the configuration beside it.

    Raises ArtifactError for an artifact that was not built from this plan at `commit`, or that can't be trusted. Needs
    no credential and sends nothing.
    """
    manifest = unpack(tar, folder, agree(plan, commit))
    rules = module_rules(manifest)
    _judge_source_maps(manifest, folder / "modules")
    vendored = folder / "modules" / _VENDORED
    if manifest.main.endswith(".py") and vendored.is_dir():
        vendored.rename(folder / _VENDORED)  # where wrangler wants a Python Worker's packages
    size, gzipped = manifest.sizes
    config = folder / "wrangler.json"
    config.touch(mode=0o600)
    config.write_text(json.dumps(upload_config(plan, manifest, rules), indent=2), encoding="utf-8")
    return Upload(
        folder=folder,
        config=config,
        plan=plan,
        commit=commit,
        bundle_size=size,
        bundle_gzip=gzipped,
        modules=tuple(sorted((module.path, module.kind) for module in manifest.modules)),
    )


def prepare_checkout(
    plan: Plan, checkout: Path, working_directory: str, tar: Path, scratch: Path, *, commit: str
) -> Upload:
    """The upload without isolation: from the checkout, with the committed configuration, as plain wrangler does it.

    The artifact at `tar` has no files then, and is opened (into `scratch`) for the sizes and the agreement alone. A
    build that wrote a configuration of its own has that one used; it has to name the Worker that the committed one
    names.
    """
    manifest = unpack(tar, scratch, agree(plan, commit))
    size, gzipped = manifest.sizes
    folder = folder_within(checkout, working_directory)
    config = checkout.resolve() / plan.config_file
    generated = redirected(folder)
    if generated:
        config, raw = generated
        if raw.get("name") != plan.script:
            raise ConfigError(
                f"The build wrote a configuration for the Worker {str(raw.get('name'))[:80]!r}, not for {plan.script}.",
                why=f"{REDIRECT} leads to {config.name}, which names it.",
                fix="Let the build target the same environment; CLOUDFLARE_ENV tells it which one it is.",
                docs="worker-build.md#isolation",
            )
        plan = plan.model_copy(update={"wrangler_env": ""})
    return Upload(
        folder=folder,
        config=config,
        plan=plan,
        commit=commit,
        bundle_size=size,
        bundle_gzip=gzipped,
    )


def upload_config(plan: Plan, manifest: Manifest, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """The configuration that goes beside the artifact: the plan's settings, and where the files lie."""
    settings = dict(plan.settings)
    if manifest.assets is not None:
        settings["assets"] = {**settings.get("assets", {}), "directory": "assets"}
    if manifest.main:
        settings |= {
            "main": f"modules/{manifest.main}",
            "base_dir": "modules",
            "no_bundle": True,
            "find_additional_modules": True,
            "rules": rules,
        }
    # Wrangler tags a Worker by the environments beside it, so they are all named, the others with nothing in them.
    environments: dict[str, Any] = {name: {} for name in plan.environments if name != plan.wrangler_env}
    if not plan.wrangler_env:
        return {**settings, **({"env": environments} if environments else {})}
    top = {"name": plan.top_name, **{key: settings.pop(key) for key in ("keep_vars",) if key in settings}}
    return {**top, "env": {**environments, plan.wrangler_env: settings}}


def module_rules(manifest: Manifest) -> list[dict[str, Any]]:
    """Rules that give each module the kind that it was built as. Raises when two kinds can't be told apart."""
    modules = [m for m in manifest.modules if m.kind != "source-map" and m.path != manifest.main]
    if manifest.main.endswith(".py"):
        modules = [m for m in modules if not m.path.startswith(_VENDORED)]
    rules = []
    for kind, rule in _RULES.items():
        globs = {_glob(module.path) for module in modules if module.kind == kind}
        caught = [m for m in modules if m.kind != kind and any("*" in g and _catches(g, m.path) for g in globs)]
        if caught:
            raise refused(f"{caught[0].path[:120]!r} cannot be told from a module of another kind")
        if globs:
            rules.append({"type": rule, "globs": sorted(globs), "fallthrough": False})
    return rules


def _glob(path: str) -> str:
    """A glob for one path. Wrangler's globs have no escape, so a character with a meaning is left open."""
    return re.sub(r"[^A-Za-z0-9/._@~ -]", "*", path)


def _catches(glob: str, path: str) -> bool:
    return re.fullmatch(re.escape(glob).replace(r"\*", "[^/]*"), path) is not None


def _judge_source_maps(manifest: Manifest, folder: Path) -> None:
    """A module's last comment names the file that wrangler uploads as its source map: none outside the artifact."""
    for module in manifest.modules:
        if module.kind in ("esm", "commonjs"):
            named = _source_map(folder / module.path)
            if posixpath.normpath(posixpath.join("/modules", module.path, "..", "./" + named))[:9] not in _INSIDE:
                raise refused(f"{module.path[:120]!r} names a source map that is not in it")


def _source_map(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 65536))
        tail = stream.read().decode("utf-8", "replace")
    named = ""
    for line in tail.split("\n"):
        if line.strip().startswith("//# sourceMappingURL="):
            named = line.strip().removeprefix("//# sourceMappingURL=").strip()
    return named
