"""The package on its own: `pip install`, then its commands in folders without git, with nothing set up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from e2e.harness import ROOT

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("installed")]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
KEPT = ("PATH", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`chittyops` of a virtual environment that the package was installed into."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([UV, "venv", "--quiet", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    source = folder / "source"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, f"{source}[local]"], check=True)
    return folder / "venv" / "bin" / "chittyops"


def run(command: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder, with a home of its own."""
    home = {"HOME": str(folder.parent / "home")}
    return subprocess.run(
        [command, *words], cwd=folder, text=True, check=False, capture_output=True, stdin=subprocess.DEVNULL,
        env={**home, **{name: os.environ[name] for name in KEPT if name in os.environ}},
    )  # fmt: skip


def test_an_installed_package_runs_a_plain_folder(installed: Path, tmp_path: Path) -> None:
    """The wheel carries actions, workflows and sample; tools come from wheels and registries."""
    shutil.copytree(ROOT / "examples" / "worker", tmp_path / "hello", ignore=shutil.ignore_patterns("node_modules"))
    done = run(installed, "local", "run", folder=tmp_path / "hello")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The workflow succeeded" in done.stdout
    assert "Issued: CLOUDFLARE_API_TOKEN. Revoked: CLOUDFLARE_API_TOKEN." in done.stdout


def test_an_installed_package_checks_and_fixes_a_plain_folder(installed: Path, tmp_path: Path) -> None:
    """The wheel carries checks, registry, schemas and templates: a folder fails, is fixed, and then passes."""
    folder = tmp_path / "hello"
    shutil.copytree(ROOT / "examples" / "worker", folder, ignore=shutil.ignore_patterns("node_modules", ".github"))
    (folder / ".mcp.json").write_text('{"mcpServers": {"hello": {"command": 7}}}')
    before = run(installed, "check", "--offline", "--format", "json", folder=folder)
    assert before.returncode == 1, before.stderr
    checks = {one["id"]: one["outcome"] for one in json.loads(before.stdout)["checks"]}
    assert checks["chittyconnect.config"] == "fail"
    assert checks["artifacts.mcp"] == "fail", "its schema is there"
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main"], cwd=folder, check=True)
    fixed = run(installed, "check", "--offline", "--fix", "--yes", "--owner", "@chittyos/platform", folder=folder)
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert (folder / "CHARTER.md").is_file()


def test_an_installed_package_publishes(installed: Path, tmp_path: Path) -> None:
    """The npm registry is installed by the wheel's npm, before the workflow starts, and said."""
    shutil.copytree(
        ROOT / "examples/package", tmp_path / "hello", ignore=shutil.ignore_patterns("node_modules", "dist")
    )
    done = run(installed, "local", "run", folder=tmp_path / "hello")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.index("Installing verdaccio") < done.stdout.index("Publishing @chittyos/greet 1.0.0")
