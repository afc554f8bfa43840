"""The local registry, asked by an independent client (requests) and by npm itself."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Fault, Local

pytestmark = pytest.mark.engines

WORKFLOW = "chittyos/hello/.github/workflows/deploy.yml"
DATA = b"not even a tarball"


@pytest.fixture(scope="module")
def registry() -> Iterator[Local]:
    """One verdaccio for all of them."""
    with Local(claims={"repository": "chittyos/hello"}) as running:
        yield running


@pytest.fixture
def local(registry: Local) -> Iterator[Local]:
    """The backend without records of before."""
    registry.forget_requests()
    yield registry
    registry.clear_faults()


def document(name: str, version: str, data: bytes = DATA) -> dict[str, Any]:
    """What npm sends to publish: a packument with the tarball attached."""
    file = f"{name.rpartition('/')[2]}-{version}.tgz"
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    dist = {"integrity": integrity, "shasum": hashlib.sha1(data).hexdigest(), "tarball": f"http://x/{name}/-/{file}"}
    manifest = {"name": name, "version": version, "_id": f"{name}@{version}", "dist": dist}
    attached = {
        "content_type": "application/octet-stream",
        "data": base64.b64encode(data).decode(),
        "length": len(data),
    }
    return {
        "_id": name, "name": name, "access": "public", "dist-tags": {"latest": version},
        "versions": {version: manifest}, "_attachments": {file: attached},
    }  # fmt: skip


def put(local: Local, web: requests.Session, name: str, version: str, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return web.put(local.npm.url + name.replace("/", "%2f"), json=document(name, version), headers=headers)


def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_a_user_publishes(local: Local, web: requests.Session) -> None:
    """The packument shows it to anybody, with addresses at the backend that serve the bytes that were sent."""
    assert put(local, web, "@chittyos/one", "1.0.0", local.npm_token).status_code == 201
    shown = web.get(local.npm.url + "@chittyos%2fone").json()
    assert shown["dist-tags"] == {"latest": "1.0.0"}
    address = shown["versions"]["1.0.0"]["dist"]["tarball"]
    assert address == f"{local.npm.url}@chittyos/one/-/one-1.0.0.tgz"
    assert web.get(address).content == DATA
    assert local.npm.published()[-1] == {
        "name": "@chittyos/one", "version": "1.0.0", "tag": "latest", "access": "public", "by": "chitty",
    }  # fmt: skip


@pytest.mark.parametrize("token, status", [(None, 401), ("npm_stolen", 401)])
def test_strangers_do_not(local: Local, web: requests.Session, token: str | None, status: int) -> None:
    """Without a token, or with one that was never given out, nothing is taken."""
    assert put(local, web, "stranger", "1.0.0", token).status_code == status
    assert local.npm.packument("stranger") is None


def test_a_version_is_taken_once(local: Local, web: requests.Session) -> None:
    """The second publish of a version is a conflict, as on the real registry."""
    assert put(local, web, "once", "1.0.0", local.npm_token).status_code == 201
    assert put(local, web, "once", "1.0.0", local.npm_token).status_code == 409


def test_of_two_publishes_at_once_one_is_whole(local: Local, web: requests.Session) -> None:
    """One is taken and one refused, and what is served is what the packument promises (verdaccio alone mixes them)."""
    headers = {"Authorization": f"Bearer {local.npm_token}"}
    for number in range(8):
        name, together = f"raced-{number}", threading.Barrier(2)

        def one(data: bytes, name: str = name, together: threading.Barrier = together) -> int:
            together.wait(10)
            return requests.put(local.npm.url + name, json=document(name, "1.0.0", data), headers=headers).status_code

        with ThreadPoolExecutor() as pool:
            assert sorted(pool.map(one, (b"one" * 3000, b"other" * 3000))) == [201, 409]
        dist = web.get(local.npm.url + name).json()["versions"]["1.0.0"]["dist"]
        served = web.get(dist["tarball"]).content
        assert hashlib.sha1(served).hexdigest() == dist["shasum"]


def id_token(local: Local, web: requests.Session, audience: str = "npm:127.0.0.1") -> str:
    env = local.env("oidc")
    bearer = {"Authorization": f"Bearer {env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    value: str = web.get(f"{env['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={audience}", headers=bearer).json()["value"]
    return value


def exchange(local: Local, web: requests.Session, token: str, package: str) -> requests.Response:
    path = f"/-/npm/v1/oidc/token/exchange/package/{package.replace('/', '%2f')}"
    return web.post(local.url + path, headers={"Authorization": f"Bearer {token}"})


def test_a_trusted_workflow_publishes_its_package_alone(local: Local, web: requests.Session) -> None:
    """The exchanged token is for the one package; another one is refused to it."""
    put(local, web, "@chittyos/trusted", "1.0.0", local.npm_token)
    local.npm.trust("@chittyos/trusted", WORKFLOW)
    answer = exchange(local, web, id_token(local, web), "@chittyos/trusted")
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert put(local, web, "@chittyos/trusted", "1.1.0", token).status_code == 201
    tag = web.put(
        f"{local.npm.url}-/package/@chittyos%2ftrusted/dist-tags/next",
        json="1.1.0",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert tag.status_code == 201
    assert put(local, web, "@chittyos/other", "1.0.0", token).status_code == 403


@pytest.mark.parametrize(
    "package, claims, audience",
    [
        ("@chittyos/never-published", {}, "npm:127.0.0.1"),
        ("@chittyos/guarded", {"repository": "acme/shop"}, "npm:127.0.0.1"),
        (
            "@chittyos/guarded",
            {"workflow_ref": "chittyos/hello/.github/workflows/other.yml@refs/heads/main"},
            "npm:127.0.0.1",
        ),
        ("@chittyos/guarded", {}, "npm:elsewhere.example"),
        ("@chittyos/guarded", {}, "https://connect.chitty.cc"),
    ],
)
def test_whoever_does_not_fit_gets_no_token(
    local: Local, web: requests.Session, package: str, claims: dict[str, str], audience: str
) -> None:
    """Package, repository, workflow file and audience all have to fit; the answer tells no more than "not found"."""
    put(local, web, "@chittyos/guarded", "1.0.0", local.npm_token)
    local.npm.trust("@chittyos/guarded", WORKFLOW)
    local.claims.update(claims)
    try:
        answer = exchange(local, web, id_token(local, web, audience), package)
    finally:
        for name in claims:
            del local.claims[name]
        local.claims["repository"] = "chittyos/hello"
    assert (answer.status_code, answer.json().keys()) == (404, {"error", "message"})


def test_faults_and_records(local: Local, web: requests.Session) -> None:
    """npm is a service like the others: its path is without the prefix, its effects happen before a lost answer."""
    local.fault("npm", "PUT", "/faulty", Fault("reset", after_effect=True, times=1))
    with pytest.raises(requests.ConnectionError):
        put(local, web, "faulty", "1.0.0", local.npm_token)
    assert web.get(local.npm.url + "faulty").status_code == 200
    seen = [(e["method"], e["path"], e["status"], e["fault"], e["auth"]) for e in local.requests("npm")]
    assert seen == [("PUT", "/faulty", None, "reset", "bearer"), ("GET", "/faulty", 200, None, None)]


def test_no_secret_is_on_disk(local: Local, web: requests.Session) -> None:
    """Neither a token nor the word between the layer and verdaccio is in the state folder."""
    put(local, web, "on-disk", "1.0.0", local.npm_token)
    password = local._backend.world.extra["npm"]._verdaccio._password
    for file in local.state.folder.rglob("*"):
        if file.is_file():
            text = file.read_bytes()
            assert local.npm_token.encode() not in text
            assert password.encode() not in text


def test_packages_outlive_the_backend(tmp_path: Path, web: requests.Session) -> None:
    """A state folder that is opened again has the packages of before; a given token is taken again."""
    for status in (201, 409):
        with Local(tmp_path) as local:
            local.npm.accept("npm_given-by-hand")
            assert put(local, web, "kept", "1.0.0", "npm_given-by-hand").status_code == status


HOLDER = """
import signal, sys, time, requests
from pathlib import Path
from chittylocal import Local
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us behind its back has us ignore it
with Local(Path(sys.argv[1])) as local:
    requests.get(local.npm.url + "nothing")
    print(local._backend.world.extra["npm"]._verdaccio._process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_verdaccio_goes_with_the_backend(tmp_path: Path, number: signal.Signals) -> None:
    """However the backend ends, no node is left behind."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as holder:
        try:
            assert holder.stdout is not None
            child = int(holder.stdout.readline())
            assert alive(child)
        finally:
            holder.send_signal(number)
    until(lambda: not alive(child))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
