"""Workers as their owners write them, and the pinned wrangler to hold our reading of them to."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chittyactions.deploy.bundle import read_form
from chittyactions.deploy.toolchain import Wrangler, ensure_wrangler

ROOT = Path(__file__).resolve().parents[2]
TOOL_CACHE = ROOT / ".tools" / "tool-cache"
NODE = ROOT / ".tools" / "node" / "bin"
COMMIT = "c0ffee" + "0" * 34
WASM = b"\0asm\1\0\0\0"

MODULE = 'export default { fetch() { return new Response("ok"); } };\n'

EVERYTHING = """{
  // what a service of this ecosystem may have, all at once
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "everything",
  "main": "src/index.ts",
  "compatibility_date": "2026-01-01",
  "compatibility_flags": ["nodejs_compat"],
  "account_id": "0123456789abcdef0123456789abcdef",
  "workers_dev": false,
  "preview_urls": true,
  "routes": [
    { "pattern": "api.example.com", "custom_domain": true },
    { "pattern": "example.com/api/*", "zone_name": "example.com" },
  ],
  "triggers": { "crons": ["*/5 * * * *"] },
  "vars": { "REGION": "eu", "FLAGS": { "beta": [1, 2] }, "ODD": "a\\"b\\\\c %d é", },
  "kv_namespaces": [{ "binding": "CACHE", "id": "11111111111111111111111111111111", "preview_id": "local" }],
  "d1_databases": [{ "binding": "DB", "database_name": "db", "database_id": "2-2", "migrations_dir": "migrations" }],
  "r2_buckets": [{ "binding": "FILES", "bucket_name": "files" }],
  "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Counter"] }],
  "queues": {
    "producers": [{ "binding": "JOBS", "queue": "jobs" }],
    "consumers": [{ "queue": "jobs", "max_batch_size": 5 }]
  },
  "services": [{ "binding": "AUTH", "service": "chittyauth" }],
  "ai": { "binding": "AI" },
  "analytics_engine_datasets": [{ "binding": "EVENTS", "dataset": "events" }],
  "hyperdrive": [{ "binding": "NEON", "id": "33333333333333333333333333333333" }],
  "version_metadata": { "binding": "CF_VERSION_METADATA" },
  "observability": { "enabled": true, "head_sampling_rate": 0.5 },
  "placement": { "mode": "smart" },
  "limits": { "cpu_ms": 100 },
  "tail_consumers": [{ "service": "tail" }],
  "logpush": true,
  "assets": { "directory": "public", "binding": "ASSETS", "html_handling": "none", "run_worker_first": true },
  "rules": [{ "type": "Text", "globs": ["**/*.sql", "**/*.txt", "**/*.md"], "fallthrough": false }],
  "define": { "BUILD": "'x'" },
  "minify": false,
  "dev": { "port": 8787 },
  "env": {
    "staging": {
      "vars": { "REGION": "test" },
      "routes": [],
      "workers_dev": true,
      "durable_objects": { "bindings": [{ "name": "COUNTER", "class_name": "Counter" }] },
      "kv_namespaces": [{ "binding": "CACHE", "id": "44444444444444444444444444444444" }],
    },
    "preview": { "name": "everything-elsewhere", "triggers": { "crons": [] } },
  },
}
"""

CODE = {
    "src/index.ts": """
import notes from "./notes.md";
import query from "./sql/all.sql";
import add from "./add.wasm";
import odd from "./odd (1) [x], name.txt";
import { DurableObject } from "cloudflare:workers";
declare const BUILD: string;
export class Counter extends DurableObject {}
export default { async fetch(): Promise<Response> { return new Response(notes + query + odd + String(add) + BUILD); } };
""",
    "src/notes.md": "# notes\n",
    "src/sql/all.sql": "select 1;\n",
    "src/odd (1) [x], name.txt": "odd\n",
    "public/index.html": "<h1>hi</h1>\n",
    "public/.well-known/security.txt": "Contact: mailto:x@example.com\n",
    "public/_headers": "/*\n  X-Frame-Options: DENY\n",
    "public/_redirects": "/old /new 301\n",
    "public/.assetsignore": "*.psd\nraw/\n",
    "public/raw/huge.psd": "no\n",
}

TOML = """\ufeff# today's callers
name = "classic"
main = "src/index.js"
compatibility_date = "2025-06-01"
route = "example.com/*"

[vars]
MODE = "top"

[[kv_namespaces]]
binding = "KV"
id = "11111111111111111111111111111111"

[env.staging]
[env.staging.vars]
MODE = "staging"
"""

WORKERS: dict[str, dict[str, str]] = {
    "everything": {"wrangler.jsonc": EVERYTHING, **CODE},
    "classic": {"wrangler.toml": TOML.replace("\n", "\r\n"), "src/index.js": MODULE},
    "assets alone": {
        "wrangler.json": '{"name": "site", "compatibility_date": "2026-01-01", "assets": {"directory": "./dist"}}',
        "dist/index.html": "hi",
        "dist/a/b.txt": "b",
    },
    "no bundle": {
        "wrangler.jsonc": """{"name": "plain", "main": "dist/index.js", "compatibility_date": "2026-01-01",
            "no_bundle": true, "rules": [{"type": "ESModule", "globs": ["**/*.js"]}], "env": {"staging": {}}}""",
        "dist/index.js": 'import { a } from "./lib/a.js"; import t from "./t.txt";\n' + MODULE + "a;t;",
        "dist/lib/a.js": "export const a = 1;\n",
        "dist/t.txt": "text",
    },
    "service worker": {
        "wrangler.toml": 'name = "old"\nmain = "index.js"\ncompatibility_date = "2022-01-01"\n',
        "index.js": 'addEventListener("fetch", (event) => event.respondWith(new Response("ok")));\n',
    },
    "python": {
        "wrangler.toml": 'name = "snake"\nmain = "src/entry.py"\ncompatibility_date = "2025-11-01"\n'
        'compatibility_flags = ["python_workers"]\n',
        "src/entry.py": "from workers import Response, WorkerEntrypoint\nimport helper\n",
        "src/helper.py": "x = 1\n",
        "python_modules/dep/__init__.py": "y = 2\n",
    },
    "many modules": {
        "wrangler.jsonc": """{"name": "lazy", "main": "src/index.mjs", "compatibility_date": "2026-01-01",
            "find_additional_modules": true, "preserve_file_names": true,
            "rules": [{"type": "ESModule", "globs": ["**/*.mjs"]}, {"type": "Data", "globs": ["**/*.dat"]}]}""",
        "src/index.mjs": 'import d from "./x.dat";\n'
        'export default { async fetch() { return new Response((await import("./lang/" + "fr.mjs")).t + d); } };\n',
        "src/lang/fr.mjs": 'export const t = "fr";\n',
        "src/x.dat": "data",
    },
}


def write_worker(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """The repository of a Worker at `folder`, line ends as given."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    if "src/index.ts" in files:
        (folder / "src" / "add.wasm").write_bytes(WASM)
    return folder


def environment() -> dict[str, str]:
    """A runner's environment with our Node on PATH."""
    return {
        "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "RUNNER_TOOL_CACHE": str(TOOL_CACHE),
    }


@functools.cache
def the_wrangler() -> Wrangler:
    """The pinned wrangler, as `make setup` left it."""
    return ensure_wrangler(TOOL_CACHE / "chittyops", environ=environment())


def dry_run(config: Path, env: str, scratch: Path, *extra: str) -> tuple[dict[str, Any], set[tuple[str, str, str]]]:
    """What wrangler would send, as `sent` gives it; the form stays at `scratch/form`."""
    wrangler = the_wrangler()
    form = scratch / "form"
    command = wrangler.command(
        "deploy", "--dry-run", "--config", str(config), f"--env={env}", "--outfile", str(form), *extra
    )
    done = subprocess.run(
        command,
        cwd=config.parent,
        env={**environment(), "WRANGLER_SEND_METRICS": "false", "WRANGLER_LOG_PATH": str(scratch / "logs")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return sent(form)


def sent(form: Path) -> tuple[dict[str, Any], set[tuple[str, str, str]]]:
    """Metadata, and (name, content type, SHA-256) of each module of an upload form, source maps left out."""
    metadata, parts = read_form(form.read_bytes())
    return metadata, {
        (name.removeprefix("./"), kind, hashlib.sha256(content).hexdigest())
        for name, kind, content in parts
        if kind != "application/source-map"
    }


def wrangler_reads(*asked: tuple[Path, str]) -> list[dict[str, Any]]:
    """Configurations as wrangler itself normalizes them, each for an environment ("" for the top level)."""
    library = the_wrangler().script.parents[1] / "wrangler-dist" / "cli.js"
    script = (
        "const [library, asked] = process.argv.slice(1);"
        "const { unstable_readConfig } = require(library);"
        "const read = JSON.parse(asked).map(([config, env]) => {"
        "  process.chdir(require('node:path').dirname(config));"
        "  return unstable_readConfig({ config, env }, { hideWarnings: true });"
        "});"
        "process.stdout.write('\\n@' + JSON.stringify(read));"
    )
    done = subprocess.run(
        [str(the_wrangler().node), "-e", script, str(library), json.dumps([(str(path), env) for path, env in asked])],
        env={**environment(), "WRANGLER_SEND_METRICS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    data: list[dict[str, Any]] = json.loads(done.stdout.rpartition("\n@")[2])
    return data
