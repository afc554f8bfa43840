"""The other side of a publish: somebody installs what is out, by npm and by the formula."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chittylocal.actrun.session import tool_folders
from chittylocal.actrun.stage import toolkit_root
from chittylocal.demo.claims import claim
from chittylocal.demo.publish_story import PACKAGE
from chittylocal.local import Local

_PAIR = re.compile(r'^\s*(url|sha256) "([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Installed:
    """What npm put in place: its version, and what the command says."""

    version: str
    said: str


@dataclass(frozen=True)
class Fetched:
    """What the formula leads to: the address, its bytes' SHA-256, how many they are, and what Ruby made of it."""

    url: str
    sha256: str
    size: int
    ruby: str


def install(local: Local, *words: str) -> Installed:
    """`npm install` in an empty folder with a home of its own, then the installed command with `words`."""
    with tempfile.TemporaryDirectory(prefix="chittyops-demo-user-") as folder:
        path = os.pathsep.join([*map(str, tool_folders()), os.environ.get("PATH", os.defpath)])
        env = {"PATH": path, "HOME": folder, "npm_config_update_notifier": "false", "NO_PROXY": "127.0.0.1"}
        asked = ["npm", "install", "--registry", local.npm_url, "--no-audit", "--no-fund", PACKAGE]
        done = subprocess.run(asked, cwd=folder, env=env, capture_output=True, text=True, check=False)
        claim(done.returncode == 0, f"npm install failed: {done.stderr.strip()}")
        there = Path(folder) / "node_modules"
        version = json.loads((there / PACKAGE / "package.json").read_text("utf-8"))["version"]
        said = subprocess.run(
            [there / ".bin" / "greet", *words], env=env, capture_output=True, text=True, check=False
        ).stdout.strip()
    return Installed(version, said)


def fetch(local: Local, formula: str) -> Fetched:
    """Download what the formula names, as brew would, and hold it to the formula's SHA-256."""
    named = dict(_PAIR.findall(formula))
    url = urlsplit(named["url"])
    connection = http.client.HTTPConnection(urlsplit(local.url).netloc, timeout=10)
    try:
        connection.request("GET", url.path, headers={"Host": url.netloc})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    digest = hashlib.sha256(body).hexdigest()
    claim(answer.status == 200, f"{named['url']} answered {answer.status}.")
    claim(digest == named["sha256"], f"{named['url']} serves {digest}, and the formula says {named['sha256']}.")
    return Fetched(named["url"], digest, len(body), _load(formula, named))


def _load(formula: str, named: dict[str, str]) -> str:
    """Let Ruby run the formula and compare what it says; where there is none, say so."""
    loader, wasm = toolkit_root() / "tools" / "ruby" / "load.mjs", toolkit_root() / ".tools" / "ruby" / "node_modules"
    node = next((found for folder in tool_folders() if (found := folder / "node").exists()), None)
    if node and loader.is_file() and wasm.is_dir():
        given = json.dumps([base64.b64encode(formula.encode()).decode()])
        done = subprocess.run([node, "--no-warnings", loader], input=given, capture_output=True, text=True, check=False)
        claim(done.returncode == 0, f"Ruby could not be started: {done.stderr.strip()}")
        said = json.loads(done.stdout)[0]
        claim("error" not in said, f"Ruby can't load the formula: {said.get('error')}")
        machines = [machine for machine, each in said.items() if {name: each.get(name) for name in named} == named]
        claim(len(machines) == len(said), f"Ruby reads another url or SHA-256 out of the formula: {said}")
        return f"loaded by Ruby, the same for {', '.join(machines)}"
    if shutil.which("ruby"):
        done = subprocess.run(["ruby", "-c"], input=formula, capture_output=True, text=True, check=False)
        claim(done.returncode == 0, f"Ruby can't read the formula: {done.stderr.strip()}")
        return "read by Ruby: its syntax is well"
    return "not loaded: there is no Ruby here"
