"""The pinned wrangler, unmodified, through the flows of a delivery, against real workerd."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.engines

SERVICE = """
export default {
  async fetch(request, env) {
    return Response.json({ greeting: env.GREETING, nested: env.NESTED, secret: env.SECRET, id: env.META?.id });
  },
};
"""

SERVICE_CONFIG = {
    "name": "hello",
    "main": "index.js",
    "compatibility_date": "2026-10-01",
    "vars": {"GREETING": "hi", "NESTED": {"a": 1}},
    "version_metadata": {"binding": "META"},
    "kv_namespaces": [{"binding": "KV", "id": "0123456789abcdef0123456789abcdef"}],
    "env": {"staging": {"vars": {"GREETING": "staging"}}},
}

EVERYTHING = """
import { DurableObject } from "cloudflare:workers";
import text from "./words.txt";
import wasm from "./empty.wasm";
export class Counter extends DurableObject {
  async add() {
    const count = (await this.ctx.storage.get("count") ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count;
  }
}
export default {
  async queue(batch, env) { await env.BUCKET.put("queued", batch.messages[0].body); },
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/queued") return new Response(await (await env.BUCKET.get("queued"))?.text() ?? "nothing");
    await env.JOBS.send("a message");
    await env.DB.exec("CREATE TABLE IF NOT EXISTS visits (n INTEGER)");
    await env.DB.exec("INSERT INTO visits VALUES (1)");
    return Response.json({
      text, wasm: wasm instanceof WebAssembly.Module,
      count: await env.COUNTER.get(env.COUNTER.idFromName("one")).add(),
      visits: (await env.DB.prepare("SELECT count(*) AS n FROM visits").first()).n,
      neighbour: (await (await env.NEIGHBOUR.fetch("https://neighbour/")).json()).greeting,
      page: await (await env.ASSETS.fetch("https://assets/")).text(),
    });
  },
};
"""

EVERYTHING_CONFIG: dict[str, Any] = {
    "name": "everything",
    "main": "index.js",
    "compatibility_date": "2026-10-01",
    "durable_objects": {"bindings": [{"name": "COUNTER", "class_name": "Counter"}]},
    "migrations": [{"tag": "v1", "new_sqlite_classes": ["Counter"]}],
    "d1_databases": [
        {"binding": "DB", "database_name": "visits", "database_id": "11111111-2222-3333-4444-555555555555"}
    ],
    "r2_buckets": [{"binding": "BUCKET", "bucket_name": "bucket"}],
    "queues": {
        "producers": [{"binding": "JOBS", "queue": "jobs"}],
        "consumers": [{"queue": "jobs", "max_batch_size": 1, "max_batch_timeout": 1}],
    },
    "assets": {"directory": "public", "binding": "ASSETS"},
    "services": [{"binding": "NEIGHBOUR", "service": "hello"}],
    "triggers": {"crons": ["*/5 * * * *"]},
    "workers_dev": True,
    "routes": [
        {"pattern": "everything.example.com", "custom_domain": True},
        {"pattern": "www.example.com/api/*", "zone_name": "example.com"},
    ],
}


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for what comes by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_a_delivery_from_first_deploy_to_rollback(cloudflare: Any, wrangler: Any) -> None:
    """Deploy, upload with secrets and without bundling, split, read the status, go back, set a secret."""
    wrangler.write(wrangler__json=json.dumps(SERVICE_CONFIG), index__js=SERVICE)
    view = cloudflare.local.cloudflare
    secret = json.dumps({"SECRET": "first-canary"})

    deployed = wrangler("deploy", "--env=", "--secrets-file", "/dev/stdin", stdin=secret)[-2]
    old = deployed["version_id"]
    assert deployed["targets"] == ["https://hello.chittylocal.workers.dev"]
    served = cloudflare.visit("hello").body
    assert served == {"greeting": "hi", "nested": {"a": 1}, "secret": "first-canary", "id": old}

    uploaded = wrangler(
        "versions", "upload", "--env=", "--no-bundle", "--secrets-file", "/dev/stdin",
        "--tag", "v2", "--message", "the second", "--preview-alias", "pr-7",
        stdin=json.dumps({"SECRET": "second-canary"}),
    )[-2]  # fmt: skip
    new = uploaded["version_id"]
    assert uploaded["preview_url"] == f"https://{new[:8]}-hello.chittylocal.workers.dev"
    assert uploaded["preview_alias_url"] == "https://pr-7-hello.chittylocal.workers.dev"
    assert cloudflare.visit(f"{new[:8]}-hello").body["secret"] == "second-canary"
    assert cloudflare.visit("hello").body["id"] == old
    assert view.versions("hello")[0]["annotations"]["workers/tag"] == "v2"

    wrangler("versions", "deploy", f"{new}@100%", "--env=", "-y", "--message", "promote")
    status = json.loads(wrangler("deployments", "status", "--json", "--env=")[-1]["stdout"])
    assert status["versions"] == [{"version_id": new, "percentage": 100}]
    assert cloudflare.visit("hello").body["id"] == new

    wrangler("rollback", old, "--env=", "-y", "--message", "back")
    assert view.traffic("hello") == {old: 100}
    assert cloudflare.visit("hello").body["secret"] == "first-canary"
    refused = wrangler("secret", "put", "SECRET", "--env=", stdin="third-canary", fails=True)[-2]
    assert (refused["type"], "isn't currently deployed" in refused["message"]) == ("command-failed", True)

    wrangler("deploy", "--env", "staging")
    assert cloudflare.visit("hello-staging").body["greeting"] == "staging"


def test_a_worker_with_everything(cloudflare: Any, wrangler: Any) -> None:
    """Modules, storage, queues, assets, neighbours, migrations, domains and routes serve as they are configured."""
    cloudflare.deploy("hello", SERVICE, bindings=[{"name": "GREETING", "type": "plain_text", "text": "hi"}])
    wrangler.write(
        wrangler__json=json.dumps(EVERYTHING_CONFIG), index__js=EVERYTHING, words__txt="a text\r\nmodule",
        public___index__html="<h1>static</h1>", public____redirects="/old /queued 302",
    )  # fmt: skip
    (wrangler.folder / "public/.well-known").mkdir()
    (wrangler.folder / "public/.well-known/about.txt").write_text("known")
    (wrangler.folder / "empty.wasm").write_bytes(b"\0asm\1\0\0\0")

    deployed = wrangler("deploy")[-2]

    assert deployed["targets"][:4] == [
        "https://everything.chittylocal.workers.dev", "www.example.com/api/* (zone name: example.com)",
        "everything.example.com (custom domain)", "schedule: */5 * * * *",
    ]  # fmt: skip
    expected = {
        "text": "a text\r\nmodule", "wasm": True, "count": 1, "visits": 1, "neighbour": "hi", "page": "<h1>static</h1>",
    }  # fmt: skip
    assert cloudflare.visit("everything", "/api").body == expected
    assert cloudflare.visit("everything.example.com", "/api").body["count"] == 2
    assert cloudflare.visit("www.example.com", "/api/x").body["visits"] == 3
    assert cloudflare.visit("everything", "/.well-known/about.txt").body == "known"
    moved = cloudflare.visit("everything", "/old")
    assert (moved.status, moved.headers["Location"]) == (302, "/queued")
    assert cloudflare.local.cloudflare.schedules("everything") == ["*/5 * * * *"]

    until(lambda: cloudflare.visit("everything", "/queued").body == "a message")

    uploaded = wrangler("versions", "upload")[-2]
    assert "preview_url" not in uploaded
    cloudflare.give_traffic("everything", {uploaded["version_id"]: 100}).accepted()
    assert cloudflare.visit("everything", "/api").body["count"] == 4
    wrangler("triggers", "deploy")

    more = {
        **EVERYTHING_CONFIG,
        "migrations": [*EVERYTHING_CONFIG["migrations"], {"tag": "v2", "new_classes": ["More"]}],
    }
    wrangler.write(more__json=json.dumps(more))
    pending = wrangler("versions", "upload", "-c", "more.json", fails=True)[-2]
    assert "pending Durable Object migration" in pending["message"]


def test_a_worker_that_does_not_start_fails_the_command(wrangler: Any) -> None:
    """wrangler shows workerd's reason and says 10021; a token that is refused says 10000."""
    wrangler.write(
        wrangler__json=json.dumps({"name": "bad", "main": "index.js", "compatibility_date": "2026-10-01"}),
        index__js="throw new Error('at the top'); export default {};",
    )

    failed = wrangler("deploy", fails=True)

    assert (failed[-2]["type"], failed[-2]["code"]) == ("command-failed", 10021)
    assert "Uncaught Error: at the top" in failed[-1]["stderr"]
    assert wrangler.local.cloudflare.scripts() == []
