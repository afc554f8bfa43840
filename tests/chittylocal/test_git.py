"""gitChitty and the bucket's own domain: releases as a user downloads them."""

from __future__ import annotations

import json

import pytest
import requests

from chittylocal import Fault, Local

BUCKET = "chittyos-packages"


@pytest.fixture
def local(local: Local) -> Local:
    """A backend with two releases of hello, the later one with a file for a platform."""
    release(local, "1.0.0", {"hello-1.0.0.tgz": b"old"})
    release(local, "1.1.0", {"hello-1.1.0.tgz": b"new", "hello-linux-x64": b"binary"})
    return local


def release(local: Local, version: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        local.r2.put(BUCKET, f"hello/{version}/{name}", data, "application/gzip")
    metadata = {"name": "hello", "version": version, "tarball": next(iter(files))}
    local.r2.put(BUCKET, "hello/metadata.json", json.dumps(metadata).encode(), "application/json")


def get(local: Local, web: requests.Session, path: str, host: str = "git.chitty.cc") -> requests.Response:
    """What a user gets, by the edge."""
    return web.get(local.urls()["CHITTY_EDGE_URL"] + path, headers={"Host": host}, allow_redirects=False)


@pytest.mark.parametrize(
    "path, body",
    [
        ("/hello", b"new"),
        ("/hello@1.1.0", b"new"),
        ("/hello@1.0.0", b"old"),
        ("/hello@1.1.0/hello-linux-x64", b"binary"),
        ("/hello@1.0.0/hello-1.0.0.tgz", b"old"),
    ],
)
def test_a_release_is_served(local: Local, web: requests.Session, path: str, body: bytes) -> None:
    """The latest, a version, or one file of it, with its content type."""
    answer = get(local, web, path)
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["Content-Type"] == "application/gzip"
    assert [(entry["path"], entry["status"]) for entry in local.requests("git")] == [(path, 200)]


@pytest.mark.parametrize(
    "path", ["/hello@9.0.0", "/hello@1.0.0/other", "/none", "/hello@1.0.0/..%2Fmetadata.json", "/"]
)
def test_what_is_not_there(local: Local, web: requests.Session, path: str) -> None:
    """404, and no way out of the release's folder."""
    assert get(local, web, path).status_code == 404


def test_refreshes_are_noted(local: Local, web: requests.Session) -> None:
    """By the host and by the API's address alike; a service without a release is unknown."""
    base = local.urls()["CHITTYGIT_URL"]
    assert web.post(f"{base}/api/refresh/hello").json()["success"]
    edge = local.urls()["CHITTY_EDGE_URL"]
    assert web.post(f"{edge}/api/refresh/hello", headers={"Host": "git.chitty.cc"}).status_code == 200
    assert web.post(f"{base}/api/refresh/none").status_code == 404
    assert local.git.refreshes == ["hello", "hello"]
    assert [entry["path"] for entry in local.requests("git")][:2] == ["/api/refresh/hello"] * 2


def test_there_is_no_refresh_today(today: Local, web: requests.Session) -> None:
    """The route is named, not live."""
    today.r2.put(BUCKET, "hello/metadata.json", b"{}")
    assert web.post(f"{today.urls()['CHITTYGIT_URL']}/api/refresh/hello").status_code == 404


def test_the_bucket_under_its_own_domain(local: Local, web: requests.Session) -> None:
    """Any key of it is read, none is written; another name is a Worker's."""
    assert get(local, web, "/hello/1.0.0/hello-1.0.0.tgz", "packages.chitty.cc").content == b"old"
    assert get(local, web, "/hello/1.0.0/none", "packages.chitty.cc").status_code == 404
    url = local.urls()["CHITTY_EDGE_URL"] + "/hello/x"
    assert web.put(url, data=b"x", headers={"Host": "packages.chitty.cc"}).status_code == 401
    assert get(local, web, "/hello/1.0.0/hello-1.0.0.tgz", "packages.example.com").status_code == 530
    assert {entry["service"] for entry in local.requests()} == {"edge"}


def test_a_domain_of_ones_own(web: requests.Session) -> None:
    """The settings name the bucket's hosts."""
    backend = Local()
    backend.settings.bucket_domains = {"dl.example.com": "other"}
    with backend as local:
        local.r2.put("other", "a b.txt", b"x", "text/plain")
        assert get(local, web, "/a%20b.txt", "dl.example.com").content == b"x"


def test_faults(local: Local, web: requests.Session) -> None:
    """A release may take a while to be seen, and a fault may be laid over that."""
    local.fault("git", "GET", "/hello@1.1.0", Fault("status", status=404, times=1))
    assert [get(local, web, "/hello@1.1.0").status_code for _ in range(2)] == [404, 200]
