"""`make lock`: compile every requirements/*.in and every package.json of ours into a lock file.

Locks hold versions and hashes alone: no address of an index, no machine's path. The same lock is valid for every
Python from 3.10 on and for every platform. Pins that are in a lock stay; `make lock UPGRADE=1` moves them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
NPM_FOLDERS = (
    ROOT / "actions/package-publish/npm",
    ROOT / "actions/worker-deploy/wrangler",
    ROOT / "python/chittylocal/npm",
    ROOT / "tools",
    ROOT / "tools/chromium",
    ROOT / "tools/graphql",
    ROOT / "tools/ruby",
)
OLDEST_PYTHON = "3.10"


def main() -> int:
    """Lock everything; 0, or the exit code of the first resolver that refused."""
    upgrade = bool(os.environ.get("UPGRADE"))
    try:
        for source in sorted(REQUIREMENTS.glob("*.in")):
            lock_python(source, upgrade=upgrade)
        for folder in NPM_FOLDERS:
            lock_npm(folder, upgrade=upgrade)
    except subprocess.CalledProcessError as failed:
        print(
            f"lock: {failed.cmd[0]} refused with exit code {failed.returncode}; its reason is above.",
            file=sys.stderr,
        )
        return failed.returncode
    return 0


def lock_python(source: Path, *, upgrade: bool) -> None:
    """Compile one .in file; the .txt beside it is replaced only when that succeeds."""
    target = source.with_suffix(".txt")
    # The resolver runs where no pip.conf, uv.toml or find-links of this machine can reach the result.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("UV_FIND", "PIP_"))}
    environment |= {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": str(ROOT / ".cache/uv"),
        "UV_NO_CONFIG": "1",
    }
    with tempfile.TemporaryDirectory(dir=REQUIREMENTS) as scratch:
        draft = Path(scratch) / target.name
        if target.exists() and not upgrade:
            draft.write_bytes(target.read_bytes())
        options = [
            "--universal",
            "--python-version",
            OLDEST_PYTHON,
            "--generate-hashes",
            "--no-header",
            "--no-emit-index-url",
        ]
        options += ["--no-annotate", "--quiet", "--output-file", str(draft)]
        uv = ROOT / ".tools/uv/bin/uv"
        command = [str(uv if uv.exists() else ROOT / ".venv/bin/uv"), "pip", "compile", *options, str(source)]
        subprocess.run(command, env=environment, check=True, cwd=ROOT)
        header = f"# Made by `make lock` from {source.name}: do not edit.\n"
        body = draft.read_text("utf-8").removeprefix(header)
        draft.write_text(header + body, "utf-8")
        draft.replace(target)
    print(f"locked {target.relative_to(ROOT)}: {len(re.findall(r'^[^ ]+==', body, re.MULTILINE))} packages")


def lock_npm(folder: Path, *, upgrade: bool) -> None:
    """Write package-lock.json of one folder, complete for every platform."""
    lock = folder / "package-lock.json"
    if upgrade:
        lock.unlink(missing_ok=True)
    node = ROOT / ".tools/node/bin"
    environment = os.environ | {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    command = [
        "npm",
        "install",
        "--package-lock-only",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    content = json.loads(lock.read_text("utf-8"))
    add_missing_platforms(content["packages"])
    for package in content["packages"].values():
        package.pop("funding", None)  # addresses, and nothing that an install reads
    content["packages"] = dict(sorted(content["packages"].items()))
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"locked {lock.relative_to(ROOT)}: {len(content['packages']) - 1} packages")


def add_missing_platforms(packages: dict[str, Any]) -> None:
    """Name workerd's binary for platforms whose package the registry did not show when the lock was made.

    npm leaves out an optional package that it can't look up, and `npm ci` then refuses the whole lock as incomplete.
    An entry by exact version closes it; it has no hash, so there npm takes the registry's word for this package.
    """
    platforms = {
        "darwin-64": ("darwin", "x64"),
        "darwin-arm64": ("darwin", "arm64"),
        "windows-64": ("win32", "x64"),
    }
    wanted = packages.get("node_modules/workerd", {}).get("optionalDependencies", {})
    for name, (system, processor) in platforms.items():
        package = f"@cloudflare/workerd-{name}"
        if package in wanted and f"node_modules/{package}" not in packages:
            packages[f"node_modules/{package}"] = {
                "version": wanted[package],
                "cpu": [processor],
                "license": "Apache-2.0",
                "optional": True,
                "os": [system],
                "engines": {"node": ">=16"},
            }
            print(f"lock: {package} {wanted[package]} has no hash: the registry did not show it to this machine")


if __name__ == "__main__":
    sys.exit(main())
