"""What guards a repository, as GitHub tells it: branches, classic rules, rulesets, workflow states."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from chittylocal import Local

REPO = "chittyos/hello"
CHECKS = {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}]}}


@pytest.fixture
def base(local: Local) -> str:
    """A repository with a commit on main."""
    local.github.repository(REPO, {"README.md": "# Hello\n"})
    return f"{local.urls()['GITHUB_API_URL']}/repos/{REPO}"


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


def test_a_branch_says_whether_it_is_protected(local: Local, web: requests.Session, base: str) -> None:
    """By classic rule, by ruleset, or not at all; its classic status checks are shown to everybody."""
    assert web.get(f"{base}/branches/main").json()["protected"] is False
    local.github.rules.set_rules(REPO, [CHECKS])
    shown = web.get(f"{base}/branches/main").json()
    assert (shown["protected"], shown["protection"]["enabled"]) == (True, False)
    local.github.rules.set_classic(REPO, checks=("build",))
    shown = web.get(f"{base}/branches/main").json()
    assert shown["protection"]["required_status_checks"]["contexts"] == ["build"]
    assert refusal(web.get(f"{base}/branches/none")) == (404, "Branch not found")
    assert refusal(web.get(f"{base[:-5]}none/branches/main")) == (404, "Not Found")


def test_a_classic_rule_is_for_admins(local: Local, web: requests.Session, base: str) -> None:
    """Each refusal has GitHub's status and words: not protected, no right, no such thing for you, not in your plan."""
    url = f"{base}/branches/main/protection"
    assert refusal(web.get(url)) == (404, "Branch not protected")
    local.github.rules.set_classic(REPO, approvals=2, force_pushes=True)
    rule: dict[str, Any] = web.get(url).json()
    assert rule["required_pull_request_reviews"] == {"required_approving_review_count": 2}
    assert rule["allow_force_pushes"] == {"enabled": True}
    local.github.rules.admin = "forbidden"
    assert refusal(web.get(url)) == (403, "Resource not accessible by integration")
    local.github.rules.admin = "hidden"
    assert refusal(web.get(url)) == (404, "Not Found")
    local.github.rules.admin, local.github.rules.plan = "yes", False
    assert web.get(url).status_code == web.get(f"{base}/rules/branches/main").status_code == 403


def test_the_rules_of_a_branch_come_in_pages(local: Local, web: requests.Session, base: str) -> None:
    """Thirty by default, a hundred at most; `protect` is a rule as well."""
    assert web.get(f"{base}/rules/branches/main").json() == []
    local.github.rules.set_rules(REPO, [CHECKS] * 120)
    assert len(web.get(f"{base}/rules/branches/main").json()) == 30
    assert len(web.get(f"{base}/rules/branches/main?per_page=100&page=2").json()) == 20
    local.github.protect(REPO)
    assert web.get(f"{base}/rules/branches/main").json()[0]["type"] == "pull_request"
    assert web.get(f"{base}/rules/branches/other").json() == []


def test_workflow_states(local: Local, web: requests.Session, base: str) -> None:
    """All of them are counted, those of the page are shown."""
    local.github.rules.set_workflows(REPO, {f".github/workflows/{n}.yml": "active" for n in range(31)})
    answer = web.get(f"{base}/actions/workflows").json()
    assert (answer["total_count"], len(answer["workflows"])) == (31, 30)
    (last,) = web.get(f"{base}/actions/workflows?page=2").json()["workflows"]
    assert (last["path"], last["state"]) == (".github/workflows/30.yml", "active")


def test_a_default_branch_of_another_name(local: Local, web: requests.Session, base: str) -> None:
    """The repository itself says how it is called."""
    local.github.rules.set_default_branch(REPO, "trunk")
    assert web.get(base).json()["default_branch"] == "trunk"
