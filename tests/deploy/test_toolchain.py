"""The wrangler that holds the token is ours: its version, its lock, its environment."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from chittyactions.deploy.toolchain import OLDEST_NODE, ensure_wrangler, wrangler_environment
from chittyactions.errors import ToolError
from chittyactions.node import find_node
from deploy.workers import NODE, ROOT, TOOL_CACHE, environment, the_wrangler

LOCK = ROOT / "actions/worker-deploy/wrangler/package-lock.json"


def fake_node(folder: Path, version: str) -> Path:
    """A program that says that it is Node of this version."""
    folder.mkdir(parents=True)
    (folder / "node").write_text(f"#!/bin/sh\necho v{version}\n")
    (folder / "node").chmod(0o755)
    return folder / "node"


def test_the_locked_wrangler_lies_under_its_locks_hash() -> None:
    """The action looks where `make setup` puts it: named by the lock, so that another lock is another folder."""
    wrangler = the_wrangler()
    assert wrangler.locked
    assert f"wrangler-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}" in wrangler.script.parts


@pytest.mark.parametrize(
    "version", ["4", "4.x", "^4.164.0", "latest", "4.164.0 --registry=http://evil", "../x", "v4.164.0"]
)
def test_only_exact_versions(version: str, tmp_path: Path) -> None:
    """A range or a tag would install another program tomorrow."""
    with pytest.raises(ToolError, match="not an exact version"):
        ensure_wrangler(tmp_path, version, environ=environment())


@pytest.mark.parametrize("version", ["20.20.2", "22.11.0", "18.0.0"])
def test_an_old_node(version: str, tmp_path: Path) -> None:
    """Wrangler's needs are said with the YAML that meets them: an older Node would get an older wrangler."""
    node = fake_node(tmp_path / "bin", version)
    with pytest.raises(ToolError, match=r"22\.12 or newer") as caught:
        find_node({"PATH": str(node.parent)}, OLDEST_NODE, "wrangler")
    assert version in caught.value.why
    assert "setup-node" in caught.value.yaml


def test_no_node_at_all(tmp_path: Path) -> None:
    """The same error, with the cause."""
    with pytest.raises(ToolError) as caught:
        find_node({"PATH": str(tmp_path)}, OLDEST_NODE, "wrangler")
    assert "no node" in caught.value.why


def test_a_project_may_build_with_an_older_node(tmp_path: Path) -> None:
    """Where PATH has the project's old Node, the newest of the runner's tool cache runs wrangler, if it is trusted."""
    old = fake_node(tmp_path / "bin", "20.1.0")
    fake_node(tmp_path / "cache/node/22.13.0/x64/bin", "22.13.0")
    newest = fake_node(tmp_path / "cache/node/24.2.0/x64/bin", "24.2.0")
    job = {"PATH": str(old.parent), "RUNNER_TOOL_CACHE": str(tmp_path / "cache")}
    assert find_node({**job, "RUNNER_ENVIRONMENT": "github-hosted"}, OLDEST_NODE, "wrangler") == newest
    with pytest.raises(ToolError, match=r"22\.12 or newer"):
        find_node({**job, "RUNNER_ENVIRONMENT": "self-hosted"}, OLDEST_NODE, "wrangler")


def test_nothing_of_the_job_reaches_a_wrangler_with_a_token(tmp_path: Path) -> None:
    """Its environment is a list of what it needs: no token of the job, no setting of the caller, a home of its own."""
    job = {
        **environment(),
        "GITHUB_TOKEN": "t",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
        "NODE_OPTIONS": "--require /evil.js",
        "CLOUDFLARE_API_BASE_URL": "http://evil.example",
        "CLOUDFLARE_ENV": "evil",
        "WRANGLER_LOG": "debug",
        "npm_config_registry": "http://evil.example",
        "https_proxy": "http://proxy.example:3128",
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
    }
    env = wrangler_environment(
        the_wrangler(), job, tmp_path / "home", token="secret", account_id="a", api="https://api"
    )
    assert set(env) == {
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "CI",
        "NO_COLOR",
        "https_proxy",
        "NODE_EXTRA_CA_CERTS",
        "NODE_USE_SYSTEM_CA",
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_API_BASE_URL",
        "WRANGLER_SEND_METRICS",
        "WRANGLER_HIDE_BANNER",
        "WRANGLER_LOG_PATH",
    }
    assert env["CLOUDFLARE_API_BASE_URL"] == "https://api"
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


@pytest.mark.engines
@pytest.mark.timeout(300)
def test_an_installation_from_the_lock(tmp_path: Path) -> None:
    """`npm ci` without any package's script gives a wrangler and a workerd that run, and leaves nothing half-made."""
    said: list[str] = []
    wrangler = ensure_wrangler(tmp_path / "cache", environ=environment(), report=said.append)
    assert said == [f"Installing wrangler {wrangler.version}"]
    modules = wrangler.script.parents[2]
    for command in (wrangler.command("--version"), [str(modules / ".bin/workerd"), "--version"]):
        env = {"PATH": f"{NODE}{os.pathsep}/usr/bin:/bin", "HOME": str(tmp_path), "WRANGLER_SEND_METRICS": "false"}
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [modules.parent.name]
    assert ensure_wrangler(tmp_path / "cache", environ=environment(), report=said.append) == wrangler
    assert len(said) == 1


@pytest.mark.engines
def test_an_installation_that_fails(tmp_path: Path) -> None:
    """Without a registry the error says what npm said and what to do, and nothing half-made stays."""
    env = {
        **environment(),
        "HOME": str(tmp_path),
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_fetch_retries": "0",
    }
    env["npm_config_cache"] = str(tmp_path / "npm")
    with pytest.raises(ToolError, match="could not be installed") as caught:
        ensure_wrangler(tmp_path / "cache", environ=env)
    assert "npm" in caught.value.why
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_tool_cache_is_the_one_of_set_up() -> None:
    """These tests use what `make setup` installed, and install nothing beside it."""
    assert the_wrangler().script.is_relative_to(TOOL_CACHE)
