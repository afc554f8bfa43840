"""The floor: the same three calls by http.client, and nothing else."""

import http.client
import json
import os
import sys

SCHEME, _, HOST = os.environ["CHITTYCONNECT_URL"].partition("://")
CONTEXT = None
if SCHEME == "https":
    import ssl

    CONTEXT = ssl.create_default_context()
    CONTEXT.load_verify_locations(os.environ["NODE_EXTRA_CA_CERTS"])


def connect(host: str) -> http.client.HTTPConnection:
    """A connection of the scheme that is measured."""
    if CONTEXT:
        return http.client.HTTPSConnection(host, timeout=30, context=CONTEXT)
    return http.client.HTTPConnection(host, timeout=30)


def call(
    host: str, method: str, path: str, bearer: str, body: "dict[str, object] | None" = None
) -> "dict[str, object]":
    """One request and its JSON."""
    connection = connect(host)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    connection.request(method, path, body=json.dumps(body) if body else None, headers=headers)
    answer: dict[str, object] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


KEY = os.environ["BENCHMARK_KEY"]
call(HOST, "POST", "/api/credentials/provision", KEY, {"type": "cloudflare_workers_deploy", "context": {}})
token = call(HOST, "GET", "/token?audience=x", os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])["value"]
call(HOST, "POST", "/api/github-actions/credentials", str(token), {"credentials": ["NEON_DATABASE_URL"]})
sys.exit(0)
