"""What is gathered from GitHub, the registry, the router and the service: known, absent, unknown, or not asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from chittyactions.compliance.checks import EVALUATORS
from chittyactions.compliance.endpoints import Question
from chittyactions.compliance.engine import Engine
from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.model import Need, Service
from chittyactions.compliance.observe import Sources, observe
from chittyactions.compliance.repository import Observed, Protection
from chittylocal import Fault, Local
from compliance.repositories import catalogue

REPO = "chittyos/hello"
HERE = Service("hello", "cloudflare-worker", 3, "hello.chitty.cc", "chittyos", REPO)
WHOLE = Protection(reviews=True, status_checks=True, force_pushes=False)
RULES: list[dict[str, Any]] = [
    {"type": "deletion"},
    {"type": "non_fast_forward"},
    {"type": "pull_request", "parameters": {"required_approving_review_count": 1}},
    {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}]}},
]


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """One backend for this module."""
    with Local() as local:
        local.github.repository(REPO, {"README.md": "# Hello\n"})
        local.github.push(REPO, {"a": "a"}, branch="trunk/v2")
        yield local


@pytest.fixture
def local(backend: Local) -> Local:
    """The backend, well again, with nothing guarded and nothing asked."""
    backend.clear_faults()
    backend.forget_requests()
    backend.settings.behaviour = "named"
    backend.github.rules.__init__()  # type: ignore[misc]
    backend.state.write("registry", {})
    backend.state.write("router", {})
    return backend


def engine() -> Engine:
    needs = {
        "cloudflare-worker": dict.fromkeys(catalogue().dimensions, Need.REQUIRED),
        "documentation": {"chittycanon": Need.REQUIRED},
    }
    return Engine(catalogue(), needs, EVALUATORS)


def sources(local: Local, **more: Any) -> Sources:
    given = {
        "environ": local.urls(),
        "token": local.github_token,
        "repository": REPO,
        "health": False,
        "sleep": lambda _: None,
    }
    return Sources(**{**given, **more})


def seen(local: Local, service: Service = HERE, **more: Any) -> Observed:
    return observe(engine(), service, sources(local, **more))


def asked(local: Local, service: str) -> list[str]:
    return [entry["path"] for entry in local.requests(service)]


# -- protection ----------------------------------------------------------------------------------------------------


def test_rulesets_are_seen(local: Local) -> None:
    """Known failure 3: a branch that only rulesets guard is guarded, whatever the token may see of classic rules."""
    local.github.rules.set_rules(REPO, RULES)
    local.github.rules.admin = "forbidden"
    found = seen(local)
    assert found.protection == Fact.present(WHOLE)
    assert found.default_branch == "main"


def test_a_classic_rule_is_seen_by_an_admin(local: Local) -> None:
    """Reviews, checks and no force push by the old kind of rule."""
    local.github.rules.set_classic(REPO)
    assert seen(local).protection == Fact.present(WHOLE)


def test_both_kinds_count_together(local: Local) -> None:
    """A ruleset forbids force pushes, the classic rule wants reviews and checks."""
    local.github.rules.set_classic(REPO, force_pushes=True)
    local.github.rules.set_rules(REPO, [{"type": "non_fast_forward"}])
    assert seen(local).protection == Fact.present(WHOLE)


@pytest.mark.parametrize(
    "rule, lacking",
    [
        ({"approvals": None}, {"reviews": False}),
        ({"approvals": 0}, {"reviews": False}),
        ({"checks": ()}, {"status_checks": False}),
        ({"force_pushes": True}, {"force_pushes": True}),
    ],
)
def test_what_a_classic_rule_lacks(local: Local, rule: dict[str, Any], lacking: dict[str, bool]) -> None:
    """Known failure 6: no review asked for, no checks, force pushes allowed: each is seen."""
    local.github.rules.set_classic(REPO, **rule)
    wanted = {"reviews": True, "status_checks": True, "force_pushes": False, **lacking}
    assert seen(local).protection == Fact.present(Protection(**wanted))


@pytest.mark.parametrize(
    "rules, wanted",
    [
        ([RULES[1], RULES[2]], Protection(True, False, False)),
        ([RULES[1], RULES[3]], Protection(False, True, False)),
        ([RULES[2], RULES[3]], Protection(True, True, True)),
        (
            [{**RULES[2], "parameters": {"required_approving_review_count": 0}}, RULES[1]],
            Protection(False, False, False),
        ),
        ([{**RULES[2], "parameters": {"require_code_owner_review": True}}], Protection(True, False, True)),
        ([{**RULES[3], "parameters": {"required_status_checks": []}}], Protection(False, False, True)),
        ([{"type": "workflows", "parameters": {"workflows": [{"path": "a.yml"}]}}], Protection(False, True, True)),
        ([RULES[0]], Protection(False, False, True)),
    ],
)
def test_what_rulesets_lack(local: Local, rules: list[dict[str, Any]], wanted: Protection) -> None:
    """A pull request without a review is none, nor is an empty list of checks; a required workflow is a check."""
    local.github.rules.set_rules(REPO, rules)
    assert seen(local).protection == Fact.present(wanted)


def test_an_unprotected_branch_is_known_to_be(local: Local) -> None:
    """GitHub says `protected: false`: that is enough, without admin rights."""
    local.github.rules.admin = "forbidden"
    assert seen(local).protection == Fact.absent()
    assert not any(path.endswith("/protection") for path in asked(local, "github"))


def test_the_hundred_and_first_rule_is_seen(local: Local) -> None:
    """Rules come in pages."""
    local.github.rules.set_rules(REPO, [{"type": "deletion"}] * 100 + RULES)
    assert seen(local).protection == Fact.present(WHOLE)


@pytest.mark.parametrize("branch", ["trunk/v2", "main"])
def test_the_default_branch_is_whatever_it_is_called(local: Local, branch: str) -> None:
    """Known failure 2: `main` is hard-coded nowhere, and a slash in the name does no harm."""
    local.github.rules.set_default_branch(REPO, branch)
    local.github.rules.set_classic(REPO, branch)
    found = seen(local)
    assert (found.default_branch, found.protection) == (branch, Fact.present(WHOLE))
    local.github.rules.set_default_branch(REPO, "main" if branch != "main" else "trunk/v2")
    assert seen(local).protection == Fact.absent()


@pytest.mark.parametrize("admin", ["forbidden", "hidden"])
def test_a_classic_rule_that_nobody_shows_is_unknown(local: Local, admin: str) -> None:
    """403 to a workflow's token and 404 to a person without rights are not "not protected"."""
    local.github.rules.set_classic(REPO)
    local.github.rules.admin = admin
    fact = seen(local).protection
    assert fact.state is State.UNKNOWN
    assert "HTTP 40" in fact.why


def test_checks_that_everybody_may_see_complete_the_rulesets(local: Local) -> None:
    """GitHub shows a classic rule's status checks without admin rights."""
    local.github.rules.set_classic(REPO)
    local.github.rules.set_rules(REPO, RULES[:3])
    local.github.rules.admin = "forbidden"
    assert seen(local).protection == Fact.present(WHOLE)


def test_a_plan_without_rules_has_none(local: Local) -> None:
    """A private repository of a free plan can't be protected; GitHub says so, and that is known."""
    local.github.rules.plan = False
    assert seen(local).protection == Fact.absent()


def test_a_rate_limit_is_no_missing_protection(local: Local) -> None:
    """Known failure 1: limited, the run knows nothing and says why."""
    limit = {"X-RateLimit-Remaining": "0"}
    local.fault("github", "GET", "*", Fault("status", status=403, headers=limit, body={"message": "API rate limit"}))
    found = seen(local)
    assert found.protection == Fact.unknown("GitHub's API has a limit, and it is used up for now.")
    assert found.disabled_workflows.state is State.UNKNOWN


@pytest.mark.parametrize("path", ["*/rules/branches/*", "*/branches/main", "*/repos/*"])
@pytest.mark.parametrize("kind", ["close", "html", "status"])
def test_a_question_that_fails_is_unknown(local: Local, path: str, kind: str) -> None:
    """Known failure 1: lost, garbled or refused, each leaves the protection unknown and nothing else."""
    local.github.rules.set_rules(REPO, RULES[:2])
    local.github.rules.admin = "forbidden"
    local.fault("github", "GET", path, Fault(kind, status=500 if kind == "status" else None))
    assert seen(local).protection.state is State.UNKNOWN


def test_a_repository_that_is_gone_is_unknown(local: Local) -> None:
    """Known failure 1: a deleted repository, or one that the token may not see, is not one without protection."""
    found = seen(local, repository="chittyos/gone")
    assert found.protection.state is State.UNKNOWN
    assert "HTTP 404" in found.protection.why


# -- workflows -----------------------------------------------------------------------------------------------------


def test_workflows_that_are_off_are_named(local: Local) -> None:
    """Known failures 12 and 13: by a person or by GitHub, the 131st as well."""
    states = {f".github/workflows/{number}.yml": "active" for number in range(130)}
    states |= {".github/workflows/z.yml": "disabled_manually", ".github/workflows/a.yml": "disabled_inactivity"}
    local.github.rules.set_workflows(REPO, states)
    off = (".github/workflows/a.yml", ".github/workflows/z.yml")
    assert seen(local).disabled_workflows == Fact.present(off)


# -- registry and router -------------------------------------------------------------------------------------------


def test_a_registered_and_routed_service(local: Local) -> None:
    """Both answer with an entry."""
    local.state.write("registry", {"hello": {"name": "hello"}})
    local.state.write("router", {"hello.chitty.cc": {"service": "hello"}})
    found = seen(local)
    assert (found.registered.state, found.routed.state) == (State.PRESENT, State.PRESENT)
    assert asked(local, "registry") == ["/api/services/hello"]
    assert asked(local, "router") == ["/api/routes/hello.chitty.cc"]


def test_a_service_that_registry_and_router_do_not_know(local: Local) -> None:
    """They say so in so many words."""
    found = seen(local)
    assert (found.registered.state, found.routed.state) == (State.ABSENT, State.ABSENT)


def test_a_route_that_does_not_exist_is_no_missing_service(local: Local) -> None:
    """Today both answer 404 to the question itself: unknown, never absent."""
    local.settings.behaviour = "today"
    found = seen(local)
    for fact in (found.registered, found.routed):
        assert fact.state is State.UNKNOWN
        assert "It has no such question today." in fact.why


@pytest.mark.parametrize("kind", ["html", "empty", "close", "garbage", "redirect"])
def test_a_registry_that_misbehaves_is_unknown(local: Local, kind: str) -> None:
    """A login page with status 200 registers nobody."""
    local.state.write("registry", {"hello": {"name": "hello"}})
    local.fault("registry", "GET", "*", Fault(kind))
    local.fault("router", "GET", "*", Fault("status", status=200, body=b"[]"))
    found = seen(local)
    assert (found.registered.state, found.routed.state) == (State.UNKNOWN, State.UNKNOWN)


# -- what is asked -------------------------------------------------------------------------------------------------


def test_offline_nothing_is_asked(local: Local) -> None:
    """Each fact is not asked for, which is no unknown."""
    assert seen(local, offline=True) == Observed()
    assert local.requests() == []


def test_without_a_token_github_is_not_asked(local: Local) -> None:
    """Works with no token: the rest is asked all the same."""
    found = seen(local, token="")
    assert found.protection.state is found.disabled_workflows.state is State.NOT_ASKED
    assert "no token" in found.protection.why
    assert asked(local, "github") == []
    assert asked(local, "registry") != []
    assert "name on GitHub" in seen(local, repository="").protection.why


def test_only_what_concerns_the_service_is_asked(local: Local) -> None:
    """Documentation has no health, no route and no entry in the registry."""
    found = seen(local, Service("hello", "documentation", domain="hello.chitty.cc"), health=True)
    states = {found.health.state, found.registered.state, found.routed.state}
    assert states == {State.NOT_ASKED}
    assert local.requests("registry") == local.requests("router") == []
    assert seen(local, Service("hello", "cloudflare-worker"), health=True).health.state is State.NOT_ASKED


def test_health_is_asked_for_where_it_is_wished(local: Local) -> None:
    """By the path of checks.yml, at the service's domain; off, it is not asked."""
    assert "check_health is off" in seen(local).health.why
    local.fault("*", "GET", "/health", Fault("status", status=200, body={"status": "ok"}))
    found = seen(local, health=True).health
    assert found.found is not None
    assert (found.found.url, found.found.problem) == ("https://hello.chitty.cc/health", "")


def test_own_questions_are_asked(local: Local) -> None:
    """A repository's own endpoint checks get their answers by key."""
    local.fault("*", "GET", "/status", Fault("status", status=204))
    question = Question("https://hello.chitty.cc/status", 204)
    assert observe(engine(), HERE, sources(local), [question]).endpoints == {question.key: Fact.present("")}


def test_services_that_hang_are_asked_at_the_same_time(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole takes as long as the slowest, and each stays unknown."""
    monkeypatch.setattr("chittyactions.compliance.observe.CALL_SECONDS", 0.5)
    for name in ("github", "registry", "router"):
        local.fault(name, "GET", "*", Fault("hang"))
    started = time.monotonic()
    found = seen(local)
    assert time.monotonic() - started < 2.5
    states = {found.protection.state, found.registered.state, found.routed.state, found.disabled_workflows.state}
    assert states == {State.UNKNOWN}


def test_no_answer_is_quoted(local: Local) -> None:
    """What a service says in its body may hold anything, a token too: reasons are our own words."""
    secret = "ghs_0123456789abcdefghij"
    body = {"message": secret, "error": secret}
    local.fault("*", "GET", "*", Fault("status", status=418, body=body))
    assert secret not in repr(seen(local, health=True))
