"""The whole chain with secrets that are hard to hide: none may show anywhere, in any encoding."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from pathlib import Path

import pytest

from chittylocal import Local
from chittylocal.actrun.session import Outcome
from e2e.harness import Repository
from protocol.argv import ArgvWatch
from protocol.masking import find_leaks

pytestmark = pytest.mark.timeout(240)

# act misreads two things of `::add-mask::` that GitHub reads well: `::` inside of the value, and an escaped `%0A`.
# tests/protocol/test_hard_secrets.py has both; here no canary has them.
# What HTTP headers can hold:
API_KEY = "-ck%41\"quoted'&<api>+/=~key?{$HOME}`id`"
TOKEN = "-cf%41%25\"token'&<x>+/=~$(id)%Zz9"
REQUEST = "-oidc%request\"token'+/=abc"
# What a Worker's secret can hold:
WORKER = {
    "SIGNING_KEY": "-----BEGIN KEY-----\nMIIE+ab/cd=%41100%\nsecond 'line' \"of\" 3\r\nthïrd—ligne\n-----END-----\n",
    "DASHED": "--leading-dash=%d%s:error: nope",
    "UNICODE": "pässwörd-日本語-🔑-\\u00e4",
    "QUOTED": 'say "it\'s" `now` $(date) ${HOME} \\ end',
}


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder, the copies of this repository's own left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and "toolkit" not in path.relative_to(folder).parts
    }


def signature(local: Local, outcome: Outcome) -> str:
    """What the deployed Worker signs with its secret."""
    host = outcome.record.outputs["deploy", "deploy"]["deployment_url"].removeprefix("https://")
    asking = urllib.request.Request(f"{local.url}/hello/ada", headers={"Host": host})
    with urllib.request.urlopen(asking, timeout=10) as answer:
        return str(json.load(answer)["signature"])


def expected_signature() -> str:
    return hmac.new(WORKER["SIGNING_KEY"].encode(), b"Hello, ada!", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("sick", [False, True], ids=["verified", "rolled back"])
def test_no_secret_shows_anywhere(tmp_path: Path, sick: bool) -> None:
    """No log, summary, artifact, command line, left file or state of the backend; the Worker has its own."""
    repository = Repository(tmp_path)
    with Local(tmp_path / "state", ) as local, ArgvWatch() as argv:  # fmt: skip
        local.settings.provision_limit = None
        local.issue_as.update(CLOUDFLARE_API_TOKEN=TOKEN)
        secrets = {"WORKER_SECRETS": json.dumps(WORKER)}
        if sick:
            repository.ended(repository.run(local, **secrets), 0)
            repository.edit("src/index.ts", lambda text: text.replace("status: 'ok'", "status: 'sick' as string"))
            repository.edit("test/hello.test.ts", lambda text: text.replace("status: 'ok'", "status: 'sick'"))
            repository.edit(
                ".github/workflows/deploy.yml",
                lambda text: text.replace("beacon: false", "beacon: false, strategy: direct, health_timeout: 3s"),
            )
        outcome = repository.run(local, **secrets)
        repository.ended(outcome, 1 if sick else 0)
        assert local.heartbeats()
        assert signature(local, outcome) == expected_signature()
        canaries = {
            "API key": local.api_key, "token": TOKEN, "request token": local.request_token,
            **{f"worker secret {name}": value for name, value in WORKER.items()},
        }  # fmt: skip
    record = outcome.record
    places: dict[str, bytes | str] = {
        "log": "\n".join(repository.log),
        "act's log": "\n".join(record.messages),
        "summaries": json.dumps(record.summaries, ensure_ascii=False),
        "annotations": json.dumps([note.text for note in record.notes], ensure_ascii=False),
        **{f"argv {number}": line for number, line in enumerate(argv)},
        **everything(tmp_path),
    }
    found = find_leaks(places, canaries)
    assert not found, "\n".join(f"{leak.where}: {leak.secret}, {leak.form}" for leak in found)
    assert "wrangler" in " ".join(line.decode("utf-8", "replace") for line in argv)
