"""What the embedded GitHub tells of runs of workflows."""

from __future__ import annotations

import requests

from chittylocal import Local

HOME = "ChittyOS/hello"


def test_runs_and_artifacts_as_github_tells_them(local: Local, web: requests.Session) -> None:
    """Pages with totals, the newest first, filtered as asked; a repository's name in any case; 404 for what is not."""
    base = f"{local.urls()['GITHUB_API_URL']}/repos/chittyos/HELLO/actions"
    local.github.runs.add(HOME, "a.yml", created_at="2026-01-05T06:00:00Z", artifacts=("x", "y"))
    number = local.github.runs.add(HOME, "a.yml", created_at="2026-01-12T06:00:00Z", artifacts=("x",), expired=("z",))
    local.github.runs.add(HOME, "a.yml", created_at="2026-01-13T06:00:00Z", conclusion=None)
    headers = {"Authorization": f"Bearer {local.github_token}"}
    whole = web.get(f"{base}/workflows/a.yml/runs", headers=headers).json()
    assert whole["total_count"] == 3
    assert [one["status"] for one in whole["workflow_runs"]] == ["in_progress", "completed", "completed"]
    asked = {"branch": "main", "status": "success", "per_page": "1"}
    page = web.get(f"{base}/workflows/a.yml/runs", headers=headers, params=asked)
    assert [one["id"] for one in page.json()["workflow_runs"]] == [number]
    assert 'rel="next"' in page.headers["Link"]
    artifacts = web.get(f"{base}/runs/{number}/artifacts", headers=headers).json()
    assert [(one["name"], one["expired"]) for one in artifacts["artifacts"]] == [("x", False), ("z", True)]
    named = web.get(f"{base}/runs/{number}/artifacts", headers=headers, params={"name": "x"}).json()
    assert named["total_count"] == 1
    assert web.get(f"{base}/workflows/b.yml/runs", headers=headers).status_code == 404
    assert web.get(f"{base}/runs/1/artifacts", headers=headers).status_code == 404
