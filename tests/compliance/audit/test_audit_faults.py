"""Everything that can go wrong at GitHub, and that no service gets a verdict for it that it would not get elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.audit import run
from chittyactions.compliance.audit.completeness import incomplete
from chittyactions.compliance.audit.paced import Hosts
from chittyactions.compliance.audit.record import ServiceRecord, Standing
from chittyactions.compliance.model import Outcome
from chittyactions.ecosystem import github_batches
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import TOO_MUCH, Answered
from chittyactions.errors import Refused
from chittylocal import Fault, Local
from chittylocal.services.github_graphql_guards import RefNode
from chittylocal.services.github_graphql_nodes import RepositoryNode
from compliance.audit.made import MADE, WORKER, Made, checks, registry
from compliance.compliant import compliant

NAMES = ("flat", "worker", "bare", "deep", "document", "invalid")
Records = Mapping[str, ServiceRecord]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Six repositories, two of which are read as whole commits. Nobody waits."""
    monkeypatch.setattr(github_batches, "PAUSE", 0.0)
    with Local() as local:
        for name in NAMES:
            local.github.repository(f"made/{name}", MADE[name])
        yield Made(local, tmp_path)


@pytest.fixture
def undisturbed(made: Made) -> Records:
    """What comes of them when all is well."""
    found = made.audit(*NAMES)
    assert {one.standing for one in found.values()} == {Standing.JUDGED}
    assert not incomplete(found.values())
    return found


@pytest.fixture
def two_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several queries."""
    monkeypatch.setattr(run, "PER_QUERY", 2)


def unread(found: Records, undisturbed: Records) -> set[str]:
    """Those that have no verdict, or not all of one. Whatever else is told is what is told undisturbed."""
    without = set()
    for name, one in found.items():
        if one.standing is Standing.UNKNOWN:
            assert one.reason
            assert (one.outcome, one.checks) == (None, ())
            without.add(name)
            continue
        expected = undisturbed[name]
        assert one.standing is expected.standing
        assert one.commit == expected.commit
        told = {check.id: check.outcome for check in one.checks}
        unknown = {check for check, outcome in told.items() if outcome is Outcome.UNKNOWN}
        known = {check.id: check.outcome for check in expected.checks if check.id not in unknown}
        assert {check: outcome for check, outcome in told.items() if check not in unknown} == known
        assert one.outcome in (expected.outcome, Outcome.UNKNOWN)
        if any(check.required and check.id in unknown for check in one.checks):
            without.add(name)
    assert bool(incomplete(found.values())) == bool(without)
    return without


@pytest.mark.usefixtures("two_a_query")
def test_an_hour_that_is_used_up_in_the_middle(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """Who was not asked is unknown, and the audit incomplete; with its state it goes on where it was."""
    budget = made.local.github.budget
    budget.used = budget.limit - 1
    found = made.audit(*NAMES, state=tmp_path / "state")
    assert len(unread(found, undisturbed)) == 4
    assert {one.reason for one in found.values() if one.standing is Standing.UNKNOWN} == {
        next(one.reason for one in found.values() if "takes no request before" in one.reason)
    }
    made.local.github.pass_time(3700)
    assert made.audit(*NAMES, state=tmp_path / "state") == undisturbed
    assert made.progress.reused == 2


@pytest.mark.usefixtures("two_a_query")
def test_an_hour_that_is_waited_for(made: Made, undisturbed: Records) -> None:
    """Where the run has the time; it says how long."""
    made.longest = 7200
    made.local.github.budget.use_up(1800)
    assert made.audit(*NAMES) == undisturbed
    assert made.patience.waited >= 1790
    said = next(one for one in made.patience.said if "Waiting" in one)
    assert "this hour's points are used up. Waiting " in said


@pytest.mark.parametrize("token", ["the same", "a new one"])
def test_rest_s_hour_is_enough_for_some(made: Made, undisturbed: Records, tmp_path: Path, token: str) -> None:
    """Each audit asks for the workflows of two repositories, those first that were not told of; then all is known.

    What GitHub's 304 stands for costs nothing; with another token, as an app has it each time, there is no 304.
    """
    made.local.github.rest_budget.limit = 2
    lacking = []
    asked = []
    for number in range(4):
        made.token = token if token == "the same" else f"t{number}"
        made.later(3700)
        made.hosts = Hosts()
        found = made.audit(*NAMES, state=tmp_path / "state")
        lacking.append(len(unread(found, undisturbed)))
        asked.append(made.hosts.asked["rest"])
        assert number == 0 or "archive" not in made.hosts.asked
    assert lacking == [3, 1, 0, 0]
    assert found == undisturbed
    assert made.progress.reused == len(NAMES)
    if token == "the same":
        assert asked[-1] == 5
        assert made.local.github.rest_budget.used == 0


@pytest.mark.parametrize("admin", ["forbidden", "hidden"])
@pytest.mark.parametrize("token", ["the same", "a new one"])
def test_rest_s_hour_is_enough_for_the_protection_of_some(
    made: Made, undisturbed: Records, tmp_path: Path, admin: str, token: str
) -> None:
    """Who is not shown the protection by GraphQL asks for it, first where it was not told; then all is known."""
    made.local.github.rules.admin = admin
    made.local.github.rest_budget.limit = 5
    lacking = []
    for number in range(7):
        made.token = token if token == "the same" else f"t{number}"
        made.later(3700)
        made.hosts = Hosts()
        found = made.audit(*NAMES, state=tmp_path / "state")
        lacking.append(len(unread(found, undisturbed)))
    assert lacking[0] >= 4
    assert (lacking[-2:], found) == ([0, 0], undisturbed)
    assert made.hosts.before > 0


def test_who_is_refused_leaves_rest_s_hour_to_the_others(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """States that GitHub never tells are asked for in their turn, not before those that nobody was told of."""
    local = made.local
    for name in ("deep", "document"):  # they come first
        local.github.profile(f"made/{name}").private = True
    local.github.app("1", installed_on=["made/*"], permissions={"contents": "read", "administration": "read"})
    local.github.rest_budget.limit = 2
    made.workers = 1
    lacking = []
    for _ in range(4):
        made.token = local.github.apps.grant("1")
        made.later(3700)
        lacking.append(unread(made.audit(*NAMES, state=tmp_path / "state"), undisturbed))
    assert len(lacking[0]) == 5
    assert lacking[2:] == [{"deep", "document"}] * 2


def test_rest_s_hour_is_nobody_s_verdict(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """One request finds out; everything that goes by the states of workflows is unknown, and nothing else."""
    made.local.github.rest_budget.use_up(3000)
    made.workers = 1
    for _ in range(2):
        made.hosts = Hosts()
        found = made.audit(*NAMES, state=tmp_path / "state")
        assert unread(found, undisturbed) == {"flat", "worker", "deep", "document", "invalid"}
        assert made.hosts.asked["rest"] == 1
    assert (made.progress.reused, made.progress.archives) == (len(NAMES), 0)


def test_rest_s_hour_is_waited_for(made: Made, undisturbed: Records) -> None:
    """Where it ends soon; it is said once."""
    made.workers = 1
    made.local.github.rest_budget.use_up(600)
    assert made.audit(*NAMES) == undisturbed
    assert made.patience.waited >= 590
    (said,) = made.patience.said
    assert "this hour's requests are used up. Waiting " in said


def test_a_secondary_limit_is_waited_for(made: Made, undisturbed: Records) -> None:
    """For as long as Retry-After asks."""
    made.local.github.limits.secondary, made.local.github.limits.retry_after = 1, 7
    assert made.audit(*NAMES) == undisturbed
    assert made.patience.waited == pytest.approx(7, abs=1)
    assert "Waiting 7 s" in made.patience.said[0]


def test_queries_that_are_too_large_are_halved(made: Made, undisturbed: Records) -> None:
    """Each one by a 502."""
    made.local.github.limits.most_repositories = 2
    assert made.audit(*NAMES) == undisturbed


def test_answers_in_part_are_completed(made: Made, undisturbed: Records) -> None:
    """What lacks is asked again."""
    made.local.github.limits.partial_after = 1
    assert made.audit(*NAMES) == undisturbed


def test_repositories_of_too_many_folders(made: Made, undisturbed: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """What GitHub can't list even alone is read as a whole commit: by the tree alone, or by none of its content."""
    made.local.github.limits.errors["made/flat:HEAD:"] = ("RESOURCE_LIMITS_EXCEEDED", "Too much.")
    assert made.audit(*NAMES) == undisturbed
    assert made.progress.archives == 3
    asked = GraphQL.ask

    def settings_alone(hub: GraphQL, text: str, variables: Mapping[str, Any] | None = None) -> Answered:
        if "...Content" in text:
            raise Refused("It took too long.", service="GitHub", status=502, code=TOO_MUCH)
        return asked(hub, text, variables)

    monkeypatch.setattr(GraphQL, "ask", settings_alone)
    assert made.audit(*NAMES) == undisturbed
    assert made.progress.archives == len(NAMES)


def test_errors_of_one_repository_are_its_own(made: Made, undisturbed: Records) -> None:
    """Of the whole, or of one file of it: then the commit says what it holds."""
    errors = made.local.github.limits.errors
    errors["made/flat"] = ("SERVICE_UNAVAILABLE", "Something went wrong.")
    errors["made/bare:HEAD:CHARTER.md"] = ("INTERNAL", "Something went wrong.")
    found = made.audit(*NAMES)
    assert unread(found, undisturbed) == {"flat"}
    assert found["bare"] == undisturbed["bare"]
    errors["made/flat"] = errors["made/bare:HEAD:CHARTER.md"] = ("FORBIDDEN", "Resource not accessible by integration")
    found = made.audit(*NAMES)
    assert {name for name, one in found.items() if one.standing is Standing.NO_ACCESS} == {"flat", "bare"}


FAULTS = {
    "reset": Fault("reset", times=3), "close": Fault("close", times=3), "truncated": Fault("truncated", times=3),
    "garbage": Fault("garbage", times=3), "html": Fault("html", times=2), "empty": Fault("empty", times=2),
    "redirect": Fault("redirect", times=1), "500": Fault("status", status=500, times=2),
    "502": Fault("status", status=502, times=3), "503": Fault("status", status=503, times=3),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_network_that_breaks_for_a_while(made: Made, undisturbed: Records, fault: Fault) -> None:
    """It is asked again, and nothing is lost by it."""
    made.local.fault("github", "POST", "/graphql", fault)
    assert unread(made.audit(*NAMES), undisturbed) == set()


@pytest.mark.parametrize("kind", ["reset", "html", "status"])
def test_the_network_that_stays_away(made: Made, undisturbed: Records, tmp_path: Path, kind: str) -> None:
    """Nobody has a verdict; the next audit has all of them."""
    made.local.fault("github", "POST", "/graphql", Fault(kind))
    assert unread(made.audit(*NAMES, state=tmp_path / "state"), undisturbed) == set(NAMES)
    made.local.clear_faults()
    assert made.audit(*NAMES, state=tmp_path / "state") == undisturbed


ODD: Mapping[str, Any] = {
    "a list": [], "no data": {}, "nothing answered": {"data": {}}, "numbers": {"data": {f"r{i}": 5 for i in range(6)}},
    "empty objects": {"data": {f"r{i}": {} for i in range(6)}},
    "odd fields": {"data": {f"r{i}": {"nameWithOwner": None, "isPrivate": 7, "isArchived": False, "isDisabled": False,
                                      "isEmpty": [], "defaultBranchRef": "main"} for i in range(6)}},
}  # fmt: skip


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_answers_that_make_no_sense(made: Made, undisturbed: Records, body: object) -> None:
    """They are nobody's verdict."""
    made.local.fault("github", "POST", "/graphql", Fault("status", status=200, body=body))
    assert unread(made.audit(*NAMES), undisturbed) == set(NAMES)


def test_a_token_that_nobody_takes_ends_the_audit(made: Made) -> None:
    """Nothing else could come of it."""
    made.local.github.strict = True
    with pytest.raises(Refused) as refused:
        made.audit(*NAMES)
    assert (refused.value.status, "valid" in refused.value.fix) == (401, True)


def test_a_token_that_may_not_see_the_protection(made: Made, undisturbed: Records) -> None:
    """That check alone is unknown."""
    made.local.github.rules.set_classic("made/flat")
    made.local.github.rules.admin = "forbidden"
    found = made.audit(*NAMES)
    assert unread(found, undisturbed) == {"flat"}
    unknown = [one.id for one in found["flat"].checks if one.outcome is Outcome.UNKNOWN]
    assert unknown == ["chittycanon.protection"]


def test_a_private_repository_out_of_sight(made: Made, undisturbed: Records) -> None:
    """It is told as missing, since GitHub does not say more; what it was judged to be is no longer told."""
    made.local.github.profile("made/flat").accessible = False
    found = made.audit(*NAMES)
    assert (found["flat"].standing, found["flat"].checks) == (Standing.MISSING, ())
    assert {**found, "flat": undisturbed["flat"]} == undisturbed


@pytest.mark.parametrize("path", ["*info/refs", "*git-upload-pack"])
def test_a_commit_that_cannot_be_fetched(made: Made, undisturbed: Records, tmp_path: Path, path: str) -> None:
    """Whoever needs it is unknown, the others have their verdicts; the next audit fetches it."""
    made.local.fault("github", "*", path, Fault("status", status=500))
    found = made.audit(*NAMES, state=tmp_path / "state")
    assert unread(found, undisturbed) == {"deep", "document"}
    assert found["deep"].reason.startswith("made/deep could not be fetched at ")
    made.local.clear_faults()
    assert made.audit(*NAMES, state=tmp_path / "state") == undisturbed
    assert made.progress.reused == len(NAMES) - 2


def test_what_rest_did_not_say_is_asked_again(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """Checks that go by whether a workflow is on stay unknown for that run, and not for as long as nobody pushes."""
    made.local.fault("github", "GET", "*/actions/workflows", Fault("status", status=500))
    found = made.audit(*NAMES, state=tmp_path / "state")
    assert unread(found, undisturbed) >= {"flat", "worker"}
    made.local.clear_faults()
    assert made.audit(*NAMES, state=tmp_path / "state") == undisturbed


def test_what_rest_refuses_is_asked_once_an_audit(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """Also where it refuses for another reason than the last time, so that the content is read once more."""
    unknown = {"flat", "worker", "deep", "document", "invalid"}
    for status in (500, 403, 500):
        made.local.clear_faults()
        made.local.fault("github", "GET", "*/actions/workflows", Fault("status", status=status))
        made.hosts = Hosts()
        assert unread(made.audit(*NAMES, state=tmp_path / "state"), undisturbed) == unknown
        assert made.hosts.asked["rest"] == len(unknown)
    made.local.clear_faults()
    assert made.audit(*NAMES, state=tmp_path / "state") == undisturbed


def test_a_push_while_it_is_read(made: Made, undisturbed: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch is asked before the push and the files after it: the commit that is told is the judged one."""
    local, real = made.local, RepositoryNode.default_branch_ref
    before: dict[str, RefNode | None] = {}

    def early(node: RepositoryNode) -> RefNode | None:
        name = node.name_with_owner
        if name not in before:
            before[name] = real(node)
            if name == "made/flat":
                local.github.push(name, {"CHARTER.md": "", "CLAUDE.md": ""})
                node.__dict__.pop("_head", None)
        return before[name]

    monkeypatch.setattr(RepositoryNode, "default_branch_ref", early)
    found = made.audit(*NAMES)
    assert found == undisturbed
    assert made.progress.archives == 3
    assert local.github.log("made/flat")[0].sha != found["flat"].commit


def test_a_push_that_takes_the_commit_away(made: Made, undisturbed: Records) -> None:
    """What was asked for is fetched by its name, and not what stands there now."""
    git = made.local.github.git_folder("made/deep")
    made.local.fault("github", "POST", "*git-upload-pack", Fault("slow", delay=0.01))
    made.local.github.push("made/deep", {"CHARTER.md": ""})
    found = made.audit("deep")
    assert found["deep"].commit == (git / "refs/heads/main").read_text("ascii").strip()
    assert found["deep"].outcome is Outcome.FAIL
    assert undisturbed["deep"].commit != found["deep"].commit


def test_a_name_that_another_repository_has_now(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """Whatever was known of the one that was renamed is not said of the other."""
    made.audit(*NAMES, state=tmp_path / "state")
    made.local.github.rename("made/flat", "made/level")
    renamed = made.audit(*NAMES, state=tmp_path / "state")["flat"]
    assert (renamed.moved_to, renamed.checks) == ("made/level", undisturbed["flat"].checks)
    made.local.github.repository("made/flat", {"README.md": "Another one.\n"})
    other = made.audit(*NAMES, state=tmp_path / "state")["flat"]
    assert (other.moved_to, other.outcome) == ("", Outcome.FAIL)
    assert other == made.audit(*NAMES)["flat"]


def test_settings_alone_may_change(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """Without a push, protection that comes and goes is seen, and a workflow that is switched off."""
    state, rules = tmp_path / "state", made.local.github.rules
    assert made.audit(*NAMES, state=state) == undisturbed

    def of(check: str, name: str = "flat") -> Outcome:
        found = made.audit(*NAMES, state=state)
        assert found == made.audit(*NAMES)
        return next(one.outcome for one in found[name].checks if one.id == check)

    assert of("chittycanon.protection") is Outcome.FAIL
    rules.set_classic("made/flat")
    assert of("chittycanon.protection") is Outcome.PASS
    rules.set_classic("made/flat", force_pushes=True)
    assert of("chittycanon.protection") is Outcome.FAIL
    assert of("chittyconnect.sync-workflow") is Outcome.PASS
    rules.set_workflows("made/flat", {".github/workflows/sync.yml": "disabled_manually"})
    assert of("chittyconnect.sync-workflow") is Outcome.FAIL
    rules.set_workflows("made/flat", {})
    assert of("chittyconnect.sync-workflow") is Outcome.PASS


def test_only_what_moved_is_read(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """A query for the settings of all, and one for the content of the one that was pushed to."""
    made.audit(*NAMES, state=tmp_path / "state")
    made.local.github.push("made/bare", {"CHARTER.md": "# Charter\n"})
    found = made.audit(*NAMES, state=tmp_path / "state")
    assert (made.budget.requests, made.progress.reused) == (2, len(NAMES) - 1)
    assert {**found, "bare": undisturbed["bare"]} == undisturbed
    before, after = ({one.id: one.outcome for one in of["bare"].checks} for of in (undisturbed, found))
    assert {check for check in before if before[check] is not after[check]} == {"chittycanon.charter"}


def test_other_rules_are_other_verdicts(made: Made, undisturbed: Records, tmp_path: Path) -> None:
    """An entry of the registry, or checks.yml, that has changed: everything that it touches is judged anew."""
    state = tmp_path / "state"
    made.audit(*NAMES, state=state)
    retyped = registry(*NAMES).replace("made/flat, type: tool", "made/flat, type: documentation")
    found = made.audit(state=state, rules=made.rules(retyped))
    assert made.progress.reused == len(NAMES) - 1
    assert found == made.audit(rules=made.rules(retyped))
    renamed = made.rules(registry(*NAMES), checks_text=checks().replace("title: ", "title: The ", 1))
    made.audit(state=state, rules=renamed)
    assert made.progress.reused == 0
    fewer = made.rules(registry(*NAMES), without=("chittytrust",))
    found = made.audit(state=state, rules=fewer)
    assert made.progress.reused == 0
    assert not any(one.dimension == "chittytrust" for service in found.values() for one in service.checks)
    assert undisturbed["flat"].checks


def test_two_services_of_one_repository(made: Made) -> None:
    """Each is held to its own type, whoever of them is asked for."""
    made.local.github.repository("made/both", {**compliant("tool"), **WORKER, ".chittyconnect.yml": "auth: {}\n"})
    lines = "      one: {repo: made/both, type: tool}\n      two: {repo: MADE/Both, type: cloudflare-worker}\n"
    both = made.audit(rules=made.rules(registry(services=lines)))
    assert (both["one"].type, both["two"].type, made.budget.requests) == ("tool", "cloudflare-worker", 1)
    assert both["two"].repository == "MADE/Both"
    assert both["two"].moved_to == ""
    inactive = made.rules(registry(services=lines.replace("type: tool", "type: tool, active: false")))
    assert made.audit(rules=inactive)["two"] == both["two"]
