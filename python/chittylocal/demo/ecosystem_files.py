"""What lies in the repositories of the made ecosystem, by what kind of service they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping

WORKER, PACKAGE, TOOL, SDK, PAGES, CONFIG = (
    "cloudflare-worker",
    "npm-package",
    "tool",
    "client-sdk",
    "documentation",
    "org-config",
)

CONNECT = """\
service:
  name: {name}
  type: {kind}
{domains}onboarding:
  endpoint: https://get.chitty.cc/api/onboard
  provisions: [chitty_id, service_token, certificate, trust_chain]
auth:
  provider: chittyauth
"""
DOMAINS = "  domains:\n    production: {domain}\n"
SYNC = """\
name: Keep ChittyConnect in step
on: { push: { branches: [main] } }
permissions: {}
jobs:
  sync:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - env: { CHITTYCONNECT_API_KEY: "${{ secrets.CHITTYCONNECT_API_KEY }}" }
        run: |
          printf 'Authorization: Bearer %s' "$CHITTYCONNECT_API_KEY" |
            curl --fail --header @- --request POST https://connect.chitty.cc/api/github/sync
"""
DEPLOY = """\
name: Deploy
on: { push: { branches: [main] } }
permissions: {}
jobs:
  deploy:
    permissions: { contents: read, id-token: write }
    uses: chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2
    with:
      service_name: %s
    secrets:
      CHITTYCONNECT_API_KEY: ${{ secrets.CHITTYCONNECT_API_KEY }}
"""
BY_HAND = """\
name: Deploy
on: { push: { branches: [main] } }
permissions: { contents: read }
jobs:
  deploy:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npx wrangler deploy
        env:
          CLOUDFLARE_API_TOKEN: ${{ secrets.CLOUDFLARE_API_TOKEN }}
"""
PUBLISH = """\
name: Publish
on: { push: { tags: ["v*"] } }
permissions: {}
jobs:
  publish:
    permissions: { contents: write, id-token: write }
    uses: chittyos/chittyops/.github/workflows/reusable-package-publish.yml@v2
    with:
      service_name: %s
      publish_npm: true
    secrets:
      CHITTYCONNECT_API_KEY: ${{ secrets.CHITTYCONNECT_API_KEY }}
"""
CI = """\
name: CI
on: { push: { branches: [main] }, pull_request: {} }
permissions: { contents: read }
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - run: make test
"""
SOURCE = """\
export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/health') return Response.json({ status: 'ok' });
    return new Response('%s');
  },
};
"""
AUTH = """\
import { verifyMintedToken } from './tokens';

export const allowed = (token: string) => verifyMintedToken(token, { audience: '%s', scope: 'read' });
"""
COMPARED = """\
export const allowed = (token: string, env: { CHITTY_AUTH_SERVICE_TOKEN: string }) =>
  token === env.CHITTY_AUTH_SERVICE_TOKEN;
"""


def files_of(organization: str, name: str, kind: str, domain: str) -> dict[str, str]:
    """Paths and contents of a repository that has all that is asked of its kind."""
    domains = DOMAINS.format(domain=domain) if domain else ""
    made = {
        "README.md": f"# {name}\n\nA part of {organization}. See CHARTER.md.\n",
        "CHARTER.md": f"# Charter\n\n## Mission\n\nTo be the {name} of {organization}.\n",
        "CLAUDE.md": "# Working here\n\n`make test`, and never push to main.\n",
        ".github/CODEOWNERS": f"* @{organization}/{name.strip('.')}-owners\n",
    }
    if kind not in (PAGES, CONFIG):
        made[".chittyconnect.yml"] = CONNECT.format(name=name, kind=kind, domains=domains)
        made[".github/workflows/sync.yml"] = SYNC
        made[".github/workflows/ci.yml"] = CI
    return {**made, **_own_of(name, kind)}


def _own_of(name: str, kind: str) -> Mapping[str, str]:
    if kind == WORKER:
        return {
            ".github/workflows/deploy.yml": DEPLOY % name,
            "package.json": _manifest(name, private=True, devDependencies={"wrangler": "4.0.0"}),
            "wrangler.jsonc": _manifest(name, main="src/index.ts", compatibility_date="2026-01-01"),
            "src/index.ts": SOURCE % name,
            "test/index.test.ts": "// it answers\n",
        }
    if kind in (PACKAGE, SDK):
        return {
            ".github/workflows/publish.yml": PUBLISH % name,
            "package.json": _manifest(name, version="1.0.0", main="dist/index.js"),
            "src/index.ts": f"export const name = '{name}';\n",
        }
    if kind == TOOL:
        module = name.replace("-", "_")
        return {
            "pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.0.0"\n',
            f"{module}/__init__.py": "",
            f"{module}/__main__.py": "print('It works.')\n",
        }
    if kind == PAGES:
        return {"docs/index.md": f"# {name}\n", "docs/guide/first-steps.md": "# First steps\n"}
    return {"profile/README.md": "# Who we are\n", "ISSUE_TEMPLATE/config.yml": "blank_issues_enabled: false\n"}


def _manifest(name: str, **more: object) -> str:
    return json.dumps({"name": name, **more}, indent=2) + "\n"
