"""The wrangler that builds and uploads: one exact version, from our lock, started in an environment of its own.

Nothing of the caller chooses it: not `node_modules`, not `npx`, not `.npmrc` of the checkout. It lies in the tool cache
(see `environment.tool_cache`) under the hash of its lock, made under another name and renamed into place.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chittyactions.environment import made_whole, toolkit, trusts_tool_cache
from chittyactions.errors import ToolError
from chittyactions.process import run

OLDEST_NODE = (22, 12)
"""What wrangler 4.164 asks for. An older Node would get an older wrangler without a word."""

LOCKED = "actions/worker-deploy/wrangler"
INSTALL_SECONDS = 600.0
VERSION = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")

_KEPT = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"),
    "NODE_USE_SYSTEM_CA",
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""Of the job's environment, what reaches a child that may hold a credential. Proxies also in lower case."""

Report = Callable[[str], None]


def _kept(environ: Mapping[str, str]) -> dict[str, str]:
    """What `_KEPT` lists. Node trusts the system's certificates as Python does, unless the job says otherwise."""
    return {"NODE_USE_SYSTEM_CA": "1"} | {
        name: environ[name] for n in _KEPT for name in (n, n.lower()) if environ.get(name)
    }


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
    node = find_node(environ)
    source = toolkit() / LOCKED
    lock = (source / "package-lock.json").read_bytes()
    ours = json.loads(lock)["packages"]["node_modules/wrangler"]["version"]
    locked = version in ("", ours)
    if not VERSION.fullmatch(version or ours):
        raise ToolError(
            f"wrangler_version {version} is not an exact version.",
            why="A range or a tag would install another program tomorrow.",
            fix=f"Give a full version such as {ours}, or leave the input out to use the locked {ours}.",
        )
    name = hashlib.sha256(lock).hexdigest()[:12] if locked else f"{version}-unlocked"
    folder = cache / f"wrangler-{name}"
    script = folder / "node_modules/wrangler/bin/wrangler.js"
    if not script.is_file():
        report(f"Installing wrangler {version or ours}" + ("" if locked else ", which no lock holds"))
        _install(folder, source if locked else None, version, node, environ)
    return Wrangler(node=node, script=script, version=version or ours, locked=locked)


def find_node(environ: Mapping[str, str]) -> Path:
    """A Node that is new enough for wrangler: the one on PATH, else one of the runner's tool cache, if it is trusted.

    A project may build with an older Node than wrangler runs on; GitHub's runners carry the current ones.
    """
    found = shutil.which("node", path=environ.get("PATH", ""))
    version = _version_of(Path(found)) if found else ()
    if found and version >= OLDEST_NODE:
        return Path(found).absolute()
    trusted = environ.get("RUNNER_TOOL_CACHE") if trusts_tool_cache(environ) else ""
    kept = Path(trusted or "/nonexistent") / "node"
    others = [(_version_of(path), path) for path in kept.glob("*/*/bin/node")]
    if others and max(others)[0] >= OLDEST_NODE:
        return max(others)[1]
    oldest = ".".join(map(str, OLDEST_NODE))
    raise ToolError(
        f"wrangler needs Node {oldest} or newer.",
        why=f"Node on PATH is {'.'.join(map(str, version))}." if version else "There is no node on PATH.",
        fix='Set node_version: "24", or add actions/setup-node before this step:',
        yaml='- uses: actions/setup-node@v6\n  with: { node-version: "24" }',
        docs="worker-build.md#node",
    )


def _version_of(node: Path) -> tuple[int, ...]:
    said = run([node, "--version"], cwd=Path("/"), env={"PATH": str(node.parent)}, seconds=30, name="Node").stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:3])


def clean_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """A whole environment for a child: what `_KEPT` lists, and `home` (made here, mode 0700) for whatever it writes."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = _kept(environ)
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "CI": "true", "NO_COLOR": "1"}


def wrangler_environment(
    wrangler: Wrangler, environ: Mapping[str, str], home: Path, *, token: str = "", account_id: str = "", api: str = ""
) -> dict[str, str]:
    """The whole environment of a wrangler. `api` is Cloudflare's base URL, always set beside a `token`."""
    cloudflare = {"CLOUDFLARE_API_TOKEN": token, "CLOUDFLARE_ACCOUNT_ID": account_id, "CLOUDFLARE_API_BASE_URL": api}
    kept = clean_environment(environ, home)
    return {
        **kept,
        **{name: value for name, value in cloudflare.items() if value},
        "PATH": f"{wrangler.node.parent}{os.pathsep}{kept.get('PATH', '')}",
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_HIDE_BANNER": "true",
        "WRANGLER_LOG_PATH": str(home / "logs"),
    }


def _install(folder: Path, source: Path | None, version: str, node: Path, environ: Mapping[str, str]) -> None:
    """`npm ci` from the lock in `source`, or the one `version`. No package's own script runs."""
    npm = shutil.which("npm", path=f"{node.parent}{os.pathsep}{environ.get('PATH', '')}")
    if npm is None:
        raise ToolError("There is no npm beside Node.", fix="Add actions/setup-node before this step.")
    with made_whole(folder) as fresh:
        if source:
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(source / name, fresh / name)
        else:
            (fresh / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        what = ["ci"] if source else ["install", "--no-save", "--save-exact", f"wrangler@{version}"]
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
        # npm's own settings (a mirror, its certificates) come from the runner: the user's .npmrc and npm_config_*.
        settings = {key: value for key, value in environ.items() if key.lower().startswith("npm_config_")}
        env = {
            **settings,
            **_kept(environ),
            "PATH": f"{node.parent}{os.pathsep}{environ.get('PATH', '')}",
            "HOME": environ.get("HOME", str(fresh)),
        }
        done = run([npm, *what, *options], cwd=fresh, env=env, seconds=INSTALL_SECONDS, name="npm")
        if done.code or not (fresh / "node_modules/wrangler/bin/wrangler.js").is_file():
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise ToolError(
                f"wrangler{'@' + version if version else ''} could not be installed.",
                why="npm said: " + " ".join(lines[:3])[:400] if lines else f"npm ended with {done.code}.",
                fix="Give the runner access to an npm registry (npm_config_registry for a mirror), and run again.",
                docs="worker-build.md#wrangler",
            )
