"""`chittyops local run`: try a repository's workflow with no account anywhere."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.session import Order, Outcome, run, tool_cache
from chittylocal.local import IDENTITIES, Local

ABOUT = """\
Run a repository's own workflow under act, against an embedded ChittyConnect, Cloudflare, registry and GitHub: no
account, no network but the package registries. The workflow sees a copy with the uncommitted changes; ignored files
stay out, as on GitHub. One that only tags start runs by the commit's tag. Exits as the workflow did (1: it failed,
2: it can't be run here, 130: interrupted).

  chittyops local run                                  the repository around this folder
  chittyops local run ../hello --event workflow_dispatch --input environment=staging
  chittyops local run --secret WORKER_SECRETS --keep   and then serve what was deployed, until Ctrl-C
  chittyops local run --state .local-state             keep what it deployed or published for the next run
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("chittyops local run", description=ABOUT, formatter_class=raw)
    add = top.add_argument
    add("path", nargs="?", type=Path, default=Path(), metavar="PATH", help="the repository (default: this folder's)")
    add("--workflow", metavar="FILE", help="the workflow (default: the one that uses chittyos/chittyops)")
    add("--event", metavar="NAME", help="push, pull_request, workflow_dispatch … (default: push, else what it has)")
    add("--input", action="append", default=[], metavar="NAME=VALUE", help="an input of a workflow_dispatch")
    add("--state", type=Path, metavar="DIR", help="keep the backend's state in DIR; the next run goes on from it")
    add("--identity", choices=IDENTITIES, default="both", help="what the job can show to ChittyConnect (default: both)")
    add("--secret", action="append", default=[], metavar="NAME", help="a secret, its value from the environment")
    add("--secrets-file", type=Path, metavar="FILE", help="secrets as one JSON object of names and values")
    add("--local-repository", action="append", default=[], metavar="OWNER/REPO[@REF]=DIR", help="serve an action")
    add("--behaviour", choices=("named", "today"), default="named", help="services as documented, or as today")
    add("--keep", action="store_true", help="go on serving what was deployed, until Ctrl-C")
    add("--verbose", action="store_true", help="show what groups fold, and act's own remarks")
    return top


def _pairs(words: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CannotRun(f"{option} takes NAME=VALUE, not {word!r}.")
        pairs[name] = value
    return pairs


def _secrets(names: Sequence[str], file: Path | None) -> dict[str, str]:
    found: dict[str, str] = {}
    if file is not None:
        try:
            content = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            raise CannotRun(f"{file} can't be read as JSON.") from None
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise CannotRun(f"{file} holds no JSON object of names and texts; nested JSON goes in as a text.")
        found |= content
    for name in names:
        if name not in os.environ:
            raise CannotRun(f"--secret {name}: the environment has no {name}.")
        found[name] = os.environ[name]
    return found


def _say(text: str) -> None:
    print(text, flush=True)


def _ending(outcome: Outcome, leases: Sequence[Mapping[str, Any]]) -> None:
    for job, text in outcome.record.summaries:
        _say(f"\n{job}: summary\n")
        for line in text.rstrip().splitlines():
            _say(f"  {line}")
    jobs = ", ".join(f"{job} {result}" for job, result in outcome.record.jobs.items()) or "no job ran"
    verdict = "succeeded" if outcome.code == 0 else "interrupted" if outcome.code == 130 else "failed"
    _say(f"\nThe workflow {verdict} in {outcome.seconds:.1f} s: {jobs}")
    issued = [lease["name"] for lease in leases]
    revoked = [lease["name"] for lease in leases if lease["revoked_at"]]
    if issued:
        lasting = [lease["name"] for lease in leases if not lease["token_id"]]
        why = f" {', '.join(lasting)}: issued with no id to revoke by, ends by itself." if lasting else ""
        _say(f"Issued: {', '.join(issued)}. Revoked: {', '.join(revoked) or 'none'}.{why}")


def main(argv: Sequence[str]) -> int:
    """Run one workflow; returns the exit code."""
    chosen = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    work = Path(tempfile.mkdtemp(prefix="chittyops-run-"))
    try:
        return _run(chosen, work)
    except CannotRun as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(chosen: argparse.Namespace, work: Path) -> int:
    folders = _pairs(chosen.local_repository, "--local-repository")
    order = Order(
        path=chosen.path, folder=work / "run", workflow=chosen.workflow, event=chosen.event,
        identity=chosen.identity, secrets=_secrets(chosen.secret, chosen.secrets_file),
        inputs=_pairs(chosen.input, "--input"),
        stand_ins={name: Path(folder).resolve() for name, folder in folders.items()},
    )  # fmt: skip
    # Where the run puts wrangler is where the backend finds the Miniflare that came with it.
    os.environ.setdefault("RUNNER_TOOL_CACHE", str(tool_cache()))
    with Local(chosen.state or work / "state", chosen.behaviour) as local:
        before = len(local.leases())
        outcome = run(local, order, _say, colour=sys.stdout.isatty(), verbose=chosen.verbose)
        _ending(outcome, local.leases()[before:])
        if chosen.keep and outcome.code != 130:
            _serve(local, outcome)
    return outcome.code


def _serve(local: Local, outcome: Outcome) -> None:
    outputs = outcome.record.outputs.values()
    hosts = {urlsplit(found["deployment_url"]).netloc for found in outputs if found.get("deployment_url")}
    published = [name for found in outputs for name in ("npm_status", "r2_status") if found.get(name)]
    _say("")
    for host in sorted(hosts) or ([] if published else ["NAME.SUBDOMAIN.workers.dev"]):
        _say(f"Serving: curl -H 'Host: {host}' {local.url}/health")
    if published:
        _say(f"Serving: npm install --registry {local.npm_url} NAME")
        _say(f"Serving: curl -H 'Host: git.chitty.cc' -o FILE {local.url}/SERVICE@VERSION")
    _say("Stop with Ctrl-C.")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
