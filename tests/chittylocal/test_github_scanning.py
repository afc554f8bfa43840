"""GitHub's code scanning: findings as SARIF."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from chittylocal import Local

REPOSITORY = "chittyos/hello"
SARIF = {"version": "2.1.0", "runs": []}
COMMIT = "1" * 40


def packed(sarif: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(sarif).encode())).decode()


@pytest.fixture
def api(local: Local) -> Iterator[tuple[str, requests.Session]]:
    """The address of the uploads, and a session with the workflow's token."""
    web = requests.Session()
    web.trust_env = False
    web.headers["Authorization"] = f"Bearer {local.github.token}"
    with web:
        yield f"{local.urls()['GITHUB_API_URL']}/repos/{REPOSITORY}/code-scanning/sarifs", web


def body(**other: Any) -> dict[str, Any]:
    return {"commit_sha": COMMIT, "ref": "refs/heads/main", "sarif": packed(SARIF), **other}


def test_findings_are_kept_as_they_were_handed_over(local: Local, api: tuple[str, requests.Session]) -> None:
    """202 with an id that can be asked for; the upload is there as data, with its commit and ref."""
    url, web = api
    answer = web.post(url, json=body())
    assert answer.status_code == 202
    (upload,) = local.github.scanning.uploads(REPOSITORY)
    assert (upload["sarif"], upload["commit_sha"], upload["ref"]) == (SARIF, COMMIT, "refs/heads/main")
    assert web.get(f"{url}/{answer.json()['id']}").json()["processing_status"] == "complete"
    assert web.get(f"{url}/another").status_code == 404


@pytest.mark.parametrize(
    "wrong, status",
    [
        ({"sarif": "plain text"}, 400),
        ({"sarif": base64.b64encode(b"not gzipped").decode()}, 400),
        ({"sarif": packed({"version": "1.0.0", "runs": []})}, 400),
        ({"ref": "main"}, 422),
        ({"commit_sha": "abc"}, 422),
    ],
)
def test_what_is_no_sarif_is_refused(
    local: Local, api: tuple[str, requests.Session], wrong: dict[str, str], status: int
) -> None:
    """A wrong form, another version, or a ref that is none: refused, and nothing is kept."""
    url, web = api
    assert web.post(url, json=body(**wrong)).status_code == status
    assert local.github.scanning.uploads(REPOSITORY) == []


def test_without_the_permission_or_the_feature(local: Local, api: tuple[str, requests.Session]) -> None:
    """A token without security-events, and a private repository without a plan, are told so in GitHub's words."""
    url, web = api
    local.github.scanning.permitted = False
    answer = web.post(url, json=body())
    assert (answer.status_code, answer.json()["message"]) == (403, "Resource not accessible by integration")
    local.github.scanning.permitted, local.github.scanning.enabled = True, False
    answer = web.post(url, json=body())
    assert answer.status_code == 403
    assert "must be enabled" in answer.json()["message"]
    assert local.github.scanning.uploads(REPOSITORY) == []
