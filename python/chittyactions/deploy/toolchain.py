"""The wrangler that builds and uploads: one exact version, from our lock, started in an environment of its own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chittyactions.environment import toolkit
from chittyactions.errors import ToolError
from chittyactions.node import before_path, clean_environment, find_node, install, locked_folder

OLDEST_NODE = (22, 12)
"""What wrangler 4.164 asks for. An older Node would get an older wrangler without a word."""

LOCKED = "actions/worker-deploy/wrangler"
PROGRAM = Path("node_modules/wrangler/bin/wrangler.js")
VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Wrangler:
    """An installed wrangler: `node` and `script` are absolute; `locked` tells whether its files are held by hashes."""

    node: Path
    script: Path
    version: str
    locked: bool

    def command(self, *arguments: str) -> list[str]:
        """The argument list that starts it."""
        return [str(self.node), str(self.script), *arguments]


def ensure_wrangler(
    cache: Path, version: str = "", *, environ: Mapping[str, str] = os.environ, report: Report = lambda _: None
) -> Wrangler:
    """Wrangler `version` ("" for the locked one), installed into `cache` when it is not there yet.

    Raises ToolError without Node 22.12, for a version that is not exact, and when npm can't install it.
    """
    node = find_node(environ, OLDEST_NODE, "wrangler")
    source = toolkit() / LOCKED
    ours = json.loads((source / "package-lock.json").read_bytes())["packages"]["node_modules/wrangler"]["version"]
    locked = version in ("", ours)
    if not VERSION.fullmatch(version or ours):
        raise ToolError(
            f"wrangler_version {version} is not an exact version.",
            why="A range or a tag would install another program tomorrow.",
            fix=f"Give a full version such as {ours}, or leave the input out to use the locked {ours}.",
        )
    folder = locked_folder(cache, "wrangler", source) if locked else cache / f"wrangler-{version}-unlocked"
    if not (folder / PROGRAM).is_file():
        report(f"Installing wrangler {version or ours}" + ("" if locked else ", which no lock holds"))
        package = f"wrangler@{version or ours}"
        install(folder, PROGRAM, source=source if locked else None, package=package, node=node, environ=environ)
    return Wrangler(node=node, script=folder / PROGRAM, version=version or ours, locked=locked)


def wrangler_environment(
    wrangler: Wrangler, environ: Mapping[str, str], home: Path, *, token: str = "", account_id: str = "", api: str = ""
) -> dict[str, str]:
    """The whole environment of a wrangler. `api` is Cloudflare's base URL, always set beside a `token`."""
    cloudflare = {"CLOUDFLARE_API_TOKEN": token, "CLOUDFLARE_ACCOUNT_ID": account_id, "CLOUDFLARE_API_BASE_URL": api}
    clean = clean_environment(environ, home)
    return {
        **clean,
        **{name: value for name, value in cloudflare.items() if value},
        "PATH": before_path(wrangler.node, clean.get("PATH", "")),
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_HIDE_BANNER": "true",
        "WRANGLER_LOG_PATH": str(home / "logs"),
    }
