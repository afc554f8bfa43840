"""The repositories of the benchmark, in git: a Worker as most are, and a monorepo of thousands of files."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

CONNECT = """service:
  name: {name}
  type: cloudflare-worker
  domains:
    production: {name}.chitty.cc
onboarding:
  endpoint: https://get.chitty.cc/api/onboard
  provisions: [chitty_id, service_token, certificate, trust_chain]
auth:
  provider: chittyauth
"""
DEPLOY = """name: Deploy
on: { push: { branches: [main] } }
jobs:
  deploy:
    uses: chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2
    with: { service_name: hello }
    secrets: { CHITTYCONNECT_API_KEY: "${{ secrets.CHITTYCONNECT_API_KEY }}" }
"""
CI = """name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - run: npm ci
      - run: npm test
      - run: |
          curl --fail --request POST "https://connect.chitty.cc/api/github/sync"
"""
SOURCE = "export const value{n} = async (request: Request): Promise<Response> => Response.json({{ n: {n} }});\n" * 20


def worker(name: str, sources: int) -> dict[str, str]:
    """The files of one Worker."""
    return {
        ".chittyconnect.yml": CONNECT.format(name=name),
        "CHARTER.md": "# Charter\n\nIt says hello.\n",
        "CLAUDE.md": "# Working here\n\n`npm test`.\n",
        "package.json": f'{{"name": "{name}", "private": true, "devDependencies": {{"wrangler": "4.0.0"}}}}\n',
        "wrangler.jsonc": f'{{ "name": "{name}", "main": "src/index.ts", "compatibility_date": "2026-01-01" }}\n',
        **{f"src/part{n // 50}/file{n}.ts": SOURCE.format(n=n) for n in range(sources)},
    }


def shared() -> dict[str, str]:
    """What a repository has once."""
    return {
        ".github/CODEOWNERS": "* @chittyos/platform\n",
        ".github/workflows/deploy.yml": DEPLOY,
        ".github/workflows/ci.yml": CI,
    }


def typical(folder: Path) -> Path:
    """One Worker of about a hundred files."""
    return laid_out(folder, worker("hello", 90) | shared())


def large(folder: Path, files: int) -> Path:
    """Twenty Workers and their documents, of about `files` files, with two hundred workflows."""
    made = worker("hello", 100) | shared()
    made |= {f".github/workflows/nightly{n}.yml": CI.replace("connect", "example") for n in range(200)}
    each = (files - len(made)) // 20 - 5
    for number in range(20):
        name = f"service{number}"
        made |= {f"services/{name}/{path}": text for path, text in worker(name, each).items()}
    return laid_out(folder, made)


def laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    """Write and stage the files; returns the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    return folder
