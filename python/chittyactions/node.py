"""Node and the npm programs that an action runs beside a token: exact versions, from our locks, in a clean environment.

Nothing of the caller chooses them: not `node_modules`, not `npx`, not `.npmrc` of the checkout. Each lies in the tool
cache (see `environment.tool_cache`) under the hash of its lock, made under another name and renamed into place.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from chittyactions.environment import made_whole, trusts_tool_cache
from chittyactions.errors import ToolError
from chittyactions.process import run

INSTALL_SECONDS = 600.0

_KEPT = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
    "NODE_USE_SYSTEM_CA",
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""Of the job's environment, what reaches a child that may hold a credential. Proxies also in lower case."""


def find_node(environ: Mapping[str, str], oldest: tuple[int, ...], program: str) -> Path:
    """A Node that is new enough for `program`: the one on PATH, else one of the runner's tool cache, if it is trusted.

    A project may build with an older Node than the program runs on; GitHub's runners carry the current ones.
    """
    found = shutil.which("node", path=environ.get("PATH", ""))
    version = _version_of(Path(found)) if found else ()
    if found and version >= oldest:
        return Path(found).absolute()
    trusted = environ.get("RUNNER_TOOL_CACHE") if trusts_tool_cache(environ) else ""
    kept = Path(trusted or "/nonexistent") / "node"
    others = [(_version_of(path), path) for path in kept.glob("*/*/bin/node")]
    if others and max(others)[0] >= oldest:
        return max(others)[1]
    raise ToolError(
        f"{program} needs Node {'.'.join(map(str, oldest))} or newer.",
        why=f"Node on PATH is {'.'.join(map(str, version))}." if version else "There is no node on PATH.",
        fix='Set node_version: "24", or add actions/setup-node before this step:',
        yaml='- uses: actions/setup-node@v6\n  with: { node-version: "24" }',
        docs="worker-build.md#node",
    )


def _version_of(node: Path) -> tuple[int, ...]:
    said = run([node, "--version"], cwd=Path("/"), env={"PATH": str(node.parent)}, seconds=30, name="Node").stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


def kept(environ: Mapping[str, str]) -> dict[str, str]:
    """What `_KEPT` lists. Node trusts the system's certificates as Python does, unless the job says otherwise."""
    return {"NODE_USE_SYSTEM_CA": "1"} | {
        name: environ[name] for n in _KEPT for name in (n, n.lower()) if environ.get(name)
    }


def clean_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """A whole environment for a child: what `_KEPT` lists, and `home` (made here, mode 0700) for whatever it writes."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {**kept(environ), "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "CI": "true", "NO_COLOR": "1"}


def before_path(node: Path, path: str) -> str:
    """PATH with Node's own folder first."""
    return f"{node.parent}{os.pathsep}{path}"


def locked_folder(cache: Path, name: str, source: Path) -> Path:
    """Where the packages of the lock in `source` belong: named by the lock, so that another lock is another folder."""
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    return cache / f"{name}-{digest[:12]}"


def install(
    folder: Path, program: Path, *, source: Path | None, package: str, node: Path, environ: Mapping[str, str]
) -> None:
    """Fill `folder` by `npm ci` from the lock in `source`, or with the one `package` (name@version) without a lock.

    No package's own script runs. `program` is the file in `folder` that has to be there afterwards, relative.
    """
    npm = shutil.which("npm", path=before_path(node, environ.get("PATH", "")))
    if npm is None:
        raise ToolError("There is no npm beside Node.", fix="Add actions/setup-node before this step.")
    with made_whole(folder) as fresh:
        if source:
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(source / name, fresh / name)
        else:
            (fresh / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        what = ["ci"] if source else ["install", "--no-save", "--save-exact", package]
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
        # npm's own settings (a mirror, its certificates) come from the runner: the user's .npmrc and npm_config_*.
        settings = {key: value for key, value in environ.items() if key.lower().startswith("npm_config_")}
        env = {
            **settings,
            **kept(environ),
            "PATH": before_path(node, environ.get("PATH", "")),
            "HOME": environ.get("HOME", str(fresh)),
        }
        done = run([npm, *what, *options], cwd=fresh, env=env, seconds=INSTALL_SECONDS, name="npm")
        if done.code or not (fresh / program).is_file():
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise ToolError(
                f"{package} could not be installed.",
                why="npm said: " + " ".join(lines[:3])[:400] if lines else f"npm ended with {done.code}.",
                fix="Give the runner access to an npm registry (npm_config_registry for a mirror), and run again.",
                docs="worker-build.md#wrangler",
            )
