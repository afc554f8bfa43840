"""A repository that passes every check that can be made without asking anybody, for tests of the whole."""

from __future__ import annotations

SYNC = """name: Sync
on: { push: { branches: [main] } }
permissions: {}
jobs:
  sync:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Tell ChittyConnect
        run: curl --fail --request POST https://connect.chitty.cc/api/github/sync
"""

CONNECT = """service:
  name: hello
  type: {kind}
onboarding:
  endpoint: https://get.chitty.cc/api/onboard
  provisions: [chitty_id, service_token, certificate, trust_chain]
auth:
  provider: chittyauth
"""


def compliant(kind: str = "tool") -> dict[str, str]:
    """Paths and contents of a repository of a type that needs ChittyConnect and ChittyCanon."""
    return {
        ".chittyconnect.yml": CONNECT.format(kind=kind),
        ".github/CODEOWNERS": "* @acme/platform\n",
        ".github/workflows/sync.yml": SYNC,
        "CHARTER.md": "# Charter\n\nSays hello.\n",
        "CLAUDE.md": "# Working here\n\n`make test`.\n",
    }


DEPLOY = """name: Deploy
on: { release: { types: [published] } }
permissions: {}
jobs:
  deploy:
    permissions: { contents: read, id-token: write }
    uses: chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2
    with:
      service_name: hello
    secrets:
      CHITTYCONNECT_API_KEY: ${{ secrets.CHITTYCONNECT_API_KEY }}
"""


def compliant_worker() -> dict[str, str]:
    """What a Worker has beside its code: all of the above, and a deploy that brings beacon and heartbeat."""
    return compliant("cloudflare-worker") | {".github/workflows/deploy.yml": DEPLOY}
