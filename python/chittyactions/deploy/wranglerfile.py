"""The wrangler configuration that is committed: find it, parse it, and resolve one environment of it.

Wrangler's rules, kept to: `wrangler.json` before `wrangler.jsonc` before `wrangler.toml`; an environment takes over
some keys from the top level and has to repeat the others; its Worker is called `<name>-<environment>` unless it
has a name of its own. Held to wrangler's own reading by tests.

Not kept to: wrangler also looks into the parent folders, and follows a `.wrangler/deploy/config.json` there. The
working directory is an input here, and the configuration in it is the only one.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import json5

from chittyactions.deploy.keys import NOT_INHERITED, TOP_ONLY
from chittyactions.errors import ConfigError

toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

NAMES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""In wrangler's order of precedence."""

DOCS = "worker-build.md#configuration"

REDIRECT = ".wrangler/deploy/config.json"
"""Where a build tool tells wrangler to use a configuration that it generated."""


def find_config(checkout: Path, folder: Path) -> tuple[Path, list[str]]:
    """The configuration in `folder`, and what to say about others beside it."""
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if not found:
        root = checkout.resolve()
        inner = sorted(p for name in NAMES for p in root.glob(f"*/**/{name}") if "node_modules" not in p.parts)[:5]
        elsewhere = ", ".join(p.parent.relative_to(root).as_posix() for p in inner)
        raise ConfigError(
            f"There is no {NAMES[0]}, {NAMES[1]} or {NAMES[2]} in {_shown(folder, root)}.",
            fix=f"Set working_directory to the Worker's folder: {elsewhere}."
            if inner
            else "Commit the Worker's configuration, or set working_directory to the folder that has it.",
            docs=DOCS,
        )
    chosen = found[0]
    if checkout.resolve() not in chosen.resolve().parents:
        raise ConfigError(
            f"{chosen.name} is a link to a file outside the repository.",
            fix="Commit the configuration itself.",
            docs=DOCS,
        )
    rest = " and ".join(path.name for path in found[1:])
    return chosen, [f"{chosen.name} is used, as wrangler does. Beside it, and not read: {rest}."] if rest else []


def parse_config(path: Path, where: str) -> dict[str, Any]:
    """The configuration as data: JSON with comments and trailing commas, or TOML; a byte order mark is allowed."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = toml.loads(text.replace("\r\n", "\n")) if path.suffix == ".toml" else json5.loads(text)
        json.dumps(raw, allow_nan=False, default=_no_dates)
    except (ValueError, TypeError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else "it is nested too deeply"
        raise ConfigError(
            f"{where} cannot be read.",
            why=reason[:1].upper() + reason[1:],
            fix="Correct it; `npx wrangler deploy --dry-run` checks the same file.",
            docs=DOCS,
        ) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("env", {}), dict):
        raise ConfigError(f"{where} does not hold an object.", fix="See the example in the docs.", docs=DOCS)
    return raw


def redirected(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """The configuration that a build generated for `folder`, where it did, and its content."""
    pointer = folder / REDIRECT
    if not pointer.is_file():
        return None
    target = parse_config(pointer, REDIRECT).get("configPath")
    path = (pointer.parent / target).resolve() if isinstance(target, str) else pointer
    if path == pointer or not path.is_file() or folder.resolve() not in path.parents:
        raise ConfigError(
            f"{REDIRECT} does not lead to a configuration in {folder.name}.",
            fix="Remove it, or build again with the tool that wrote it.",
            docs="worker-build.md#isolation",
        )
    return path, parse_config(path, path.relative_to(folder.resolve()).as_posix())


def choose_environment(raw: dict[str, Any], environment: str, where: str) -> str:
    """What `--env` gets: the environment where the configuration has it, "" where production is the top level."""
    sections = [name for name, section in raw.get("env", {}).items() if isinstance(section, dict)]
    if environment in sections:
        return environment
    if environment == "production":
        return ""
    listed = ", ".join(sections) if sections else "none"
    raise ConfigError(
        f"{where} has no environment {environment}.",
        why=f"Its environments are: {listed}. Without one, its routes and domains would be taken for {environment}.",
        fix=f"Add env.{environment}, or call the workflow with an environment that exists; "
        "production is the top level where there is no env.production.",
        yaml=f'"env": {{ "{environment}": {{ "routes": [], "vars": {{}} }} }}',
        docs="worker-build.md#environments",
    )


def resolve(raw: dict[str, Any], wrangler_env: str, where: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration of one environment, and for each key the path under which it was found."""
    resolved = {key: value for key, value in raw.items() if key != "env" and value is not None}
    paths = {key: key for key in resolved}
    if wrangler_env:
        section = {key: value for key, value in raw["env"][wrangler_env].items() if value is not None}
        misplaced = sorted(TOP_ONLY & set(section))
        if misplaced:
            raise ConfigError(
                f"{where}: env.{wrangler_env}.{misplaced[0]} has no meaning inside an environment.",
                fix=f"Move {misplaced[0]} to the top level, or remove it.",
                docs=DOCS,
            )
        resolved = {key: value for key, value in resolved.items() if key not in NOT_INHERITED}
        if resolved.get("name"):
            resolved["name"] = f"{resolved['name']}-{wrangler_env}"
        resolved.update(section)
        paths.update({key: f"env.{wrangler_env}.{key}" for key in section})
    route = resolved.pop("route", "")
    if route and "routes" not in resolved:
        resolved["routes"] = [route]
        paths["routes"] = paths["route"]
    if resolved.get("account_id") == "":
        del resolved["account_id"]
    return resolved, paths


def _no_dates(value: Any) -> str:
    if isinstance(value, (dt.date, dt.time)):
        raise TypeError(f'a date without quotes: write it as a string, "{value}"')
    raise TypeError(f"a value of type {type(value).__name__}")


def _shown(folder: Path, root: Path) -> str:
    return "the repository's root" if folder == root else folder.relative_to(root).as_posix()
