"""The base facts of a repository, as GitHub answers for them and as it might."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chittyactions.compliance.audit.listing import FILES, NOTHING
from chittyactions.compliance.audit.query import Base, query, read
from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.files import Kind
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Part, Problem
from chittyactions.ecosystem.github_guard import Guard
from chittyactions.http import Client, Deadline
from chittylocal import Local
from compliance.compliant import compliant

ONE, OTHER = "Made/One", "Made/Other"


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    """Two repositories of which the first has folders that lie deep."""
    with Local() as running:
        deep = {"a/b/c/d.txt": "x", "a/e.txt": "y", ".github/workflows/deep/x.yml": "on: push\n"}
        running.github.repository(ONE, {**compliant("tool"), **deep})
        running.github.repository(OTHER, {"CHARTER.md": "Another one.\n"})
        yield running


def asked(local: Local, *names: str, content: bool = True) -> list[Part | Problem]:
    """What GitHub answers for repositories."""
    client = Client("GitHub's API", Deadline(10), environ={}, sleep=lambda _: None)
    hub = GraphQL(client, token=lambda: "t", url=local.urls()["GITHUB_GRAPHQL_URL"], budget=Budget())
    answer = hub.ask(*query(names, content=content))
    return [answer.part(f"r{number}") for number in range(len(names))]


@pytest.fixture
def one(local: Local) -> Part:
    """The first one's answer, to be changed."""
    (found,) = asked(local, ONE)
    assert isinstance(found, Part)
    return Part(copy.deepcopy(dict(found.data)), dict(found.unknown))


def test_a_repository(local: Local, one: Part) -> None:
    """Its name as it is now, its commit, what lies in three levels of folders, and the texts of the base."""
    base = read("made/one", one, content=True)
    (first, *_) = local.github.log(ONE)
    assert (base.standing, base.name, base.branch, base.commit) == (Standing.JUDGED, ONE, "main", first.sha)
    assert (base.private, base.guard, base.told) == (False, Guard(), True)
    assert base.listing
    assert base.listing.kinds["a/e.txt"] is Kind.FILE
    assert base.listing.unlisted == {"a/b/c", ".github/workflows/deep"}
    assert base.listing.folders == {"", ".github", ".github/workflows", "a", "a/b"}
    assert base.listing.texts == {path: text.encode() for path, text in compliant("tool").items()}
    assert set(base.listing.texts) - set(FILES) == {".github/workflows/sync.yml"}


def test_settings_alone(local: Local) -> None:
    """The same, without content; a repository that is not there is no other one's trouble."""
    bases = [read("x", found, content=False) for found in asked(local, ONE, "made/none", OTHER.lower(), content=False)]
    assert [(found.standing, found.listing) for found in bases] == [
        (Standing.JUDGED, None), (Standing.MISSING, None), (Standing.JUDGED, None),
    ]  # fmt: skip
    assert bases[2].name == OTHER


def test_the_query_keeps_names_out_of_its_text() -> None:
    """They are variables, whatever they hold."""
    text, variables = query(['a"b/c}d'], content=True)
    assert 'a"b' not in text
    assert variables == {"o0": 'a"b', "n0": "c}d"}


def test_folders_of_another_commit_do_not_count(local: Local, one: Part) -> None:
    """A push between two fields of one query: nothing of the content is taken for that of the commit."""
    other = asked(local, OTHER)[0]
    assert isinstance(other, Part)
    data = dict(one.data)
    assert read(ONE, Part({**data, "tree": other.data["tree"]}), content=True).listing == NOTHING
    assert read(ONE, Part({**data, "tree": None}), content=True).listing == NOTHING
    mixed = read(ONE, Part({**data, "f2": other.data["f2"]}), content=True)
    assert FILES[2] == "CHARTER.md"
    assert mixed.listing
    assert "CHARTER.md" not in mixed.listing.texts
    assert "CHARTER.md" in mixed.listing.kinds


def test_a_text_that_github_has_changed_does_not_count(one: Part) -> None:
    """Be it as long as the file: another character for bytes that are none."""
    data = dict(one.data)
    data["f2"] = {"text": data["f2"]["text"].replace("Says", "5ays")}
    found = read(ONE, Part(data), content=True)
    assert found.listing
    assert "CHARTER.md" not in found.listing.texts


Change = Callable[[dict[str, Any]], object]
SAID: dict[str, tuple[Change, Standing]] = {
    "archived": (lambda data: data.update(isArchived=True), Standing.ARCHIVED),
    "disabled": (lambda data: data.update(isDisabled=True), Standing.NO_ACCESS),
    "empty": (lambda data: data.update(isEmpty=True, defaultBranchRef=None), Standing.EMPTY),
    "no contents": (lambda data: data.update(defaultBranchRef=None), Standing.NO_ACCESS),
    "no target": (lambda data: data["defaultBranchRef"].update(target=None), Standing.UNKNOWN),
    "no tree": (lambda data: data["defaultBranchRef"]["target"].pop("tree"), Standing.UNKNOWN),
    "no rules": (lambda data: data["defaultBranchRef"].update(rules=None), Standing.JUDGED),
    "odd rules": (lambda data: data["defaultBranchRef"].update(rules=[1]), Standing.UNKNOWN),
    "odd entries": (lambda data: data["tree"].update(entries=[{"name": 1}]), Standing.UNKNOWN),
    "odd text": (lambda data: data.update(f2={"text": 7}), Standing.JUDGED),
}


@pytest.mark.parametrize("change, standing", SAID.values(), ids=SAID)
def test_what_github_may_say(one: Part, change: Change, standing: Standing) -> None:
    """Each has its standing, and what nobody expects is unknown."""
    data = dict(one.data)
    change(data)
    base = read(ONE, Part(data), content=True)
    assert base.standing is standing
    assert bool(base.reason) is (standing is not Standing.JUDGED)


def test_a_repository_is_public_only_where_github_says_so(one: Part) -> None:
    """Anything else is private: reports for the public leave it out."""
    assert [read(ONE, Part({**one.data, "isPrivate": said}), content=True).private for said in (False, True, None)] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind, standing",
    [
        ("NOT_FOUND", Standing.MISSING), ("FORBIDDEN", Standing.NO_ACCESS), ("INSUFFICIENT_SCOPES", Standing.NO_ACCESS),
        ("RATE_LIMITED", Standing.UNKNOWN), ("LOST", Standing.UNKNOWN), ("NO_TOKEN", Standing.UNKNOWN),
    ],
)  # fmt: skip
def test_errors_of_a_whole_repository(kind: str, standing: Standing) -> None:
    """Only GitHub's own word makes one missing or forbidden."""
    assert read(ONE, Problem(kind), content=True) == Base(standing, ONE, Problem(kind).reason)


@pytest.mark.parametrize(
    "place, kind, standing",
    [
        (("defaultBranchRef",), "FORBIDDEN", Standing.NO_ACCESS),
        (("defaultBranchRef",), "SERVICE_UNAVAILABLE", Standing.UNKNOWN),
        (("tree",), "FORBIDDEN", Standing.NO_ACCESS),
        (("tree",), "TIMEOUT", Standing.JUDGED),
        (("f2",), "INTERNAL", Standing.JUDGED),
    ],
)
def test_errors_within_a_repository(one: Part, place: tuple[str, ...], kind: str, standing: Standing) -> None:
    """What may pass is no matter of rights; content that did not come is to be had from git."""
    base = read(ONE, Part({**one.data, place[0]: None}, {place: kind}), content=True)
    assert base.standing is standing
    if standing is Standing.JUDGED:
        assert base.listing == NOTHING


CLASSIC = {
    "requiresApprovingReviews": True, "requiredApprovingReviewCount": 1, "requiresCodeOwnerReviews": False,
    "requiresStatusChecks": True, "requiredStatusCheckContexts": ["ci"], "allowsForcePushes": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "change, guard, told",
    [
        ({"branchProtectionRule": CLASSIC}, Guard(True, True, True), True),
        ({"branchProtectionRule": {**CLASSIC, "requiredApprovingReviewCount": 0}}, Guard(False, True, True), True),
        ({"branchProtectionRule": {**CLASSIC, "requiredApprovingReviewCount": None}}, Guard(False, True, True), True),
        ({"branchProtectionRule": {**CLASSIC, "requiredStatusCheckContexts": []}}, Guard(True, False, True), True),
        ({"branchProtectionRule": {**CLASSIC, "allowsForcePushes": True}}, Guard(True, True, False), True),
        ({"refUpdateRule": CLASSIC}, Guard(True, True, True), True),
        ({"rules": None}, Guard(), False),
        ({"rules": {"nodes": [], "pageInfo": {"hasNextPage": True}}}, Guard(), False),
        ({"rules": {"nodes": [{"type": "NON_FAST_FORWARD", "parameters": None}], "pageInfo": {"hasNextPage": False}}},
         Guard(no_force_pushes=True), True),
    ],
)  # fmt: skip
def test_what_guards_the_branch(one: Part, change: dict[str, Any], guard: Guard, told: bool) -> None:
    """By classic rule, by what a push meets, by rulesets; and whether that is all that there is."""
    branch = {**one.data["defaultBranchRef"], **change}
    base = read(ONE, Part({**one.data, "defaultBranchRef": branch}), content=True)
    assert (base.guard, base.told) == (guard, told)


ONE_PAGE = {"pageInfo": {"hasNextPage": False}}
BELOW: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "reviews": (
        {"branchProtectionRule": {**CLASSIC, "requiredApprovingReviewCount": None}},
        ("branchProtectionRule", "requiredApprovingReviewCount"),
    ),
    "status checks": (
        {"branchProtectionRule": {**CLASSIC, "requiredStatusCheckContexts": None}},
        ("branchProtectionRule", "requiredStatusCheckContexts"),
    ),
    "a value all the same": ({"branchProtectionRule": CLASSIC}, ("branchProtectionRule", "allowsForcePushes")),
    "a push's rule": ({"refUpdateRule": CLASSIC}, ("refUpdateRule", "allowsForcePushes")),
    "all rules": ({"rules": {"nodes": None, **ONE_PAGE}}, ("rules", "nodes")),
    "a rule": ({"rules": {"nodes": [None], **ONE_PAGE}}, ("rules", "nodes", 0)),
    "what a rule asks for": (
        {"rules": {"nodes": [{"type": "PULL_REQUEST", "parameters": None}], **ONE_PAGE}},
        ("rules", "nodes", 0, "parameters"),
    ),
    "a part of it": (
        {"rules": {"nodes": [{"type": "WORKFLOWS", "parameters": {"workflows": None}}], **ONE_PAGE}},
        ("rules", "nodes", 0, "parameters", "workflows"),
    ),
    "more pages": ({"rules": {"nodes": [], "pageInfo": None}}, ("rules", "pageInfo")),
}


@pytest.mark.parametrize("kind", ["SERVICE_UNAVAILABLE", "FORBIDDEN"])
@pytest.mark.parametrize("change, place", BELOW.values(), ids=BELOW)
def test_an_error_below_what_guards_the_branch(
    one: Part, change: dict[str, Any], place: tuple[str | int, ...], kind: str
) -> None:
    """What GitHub did not answer of it is not said, neither for the repository nor against it."""
    one.data["defaultBranchRef"].update(change)
    base = read(ONE, Part(one.data, {("defaultBranchRef", *place): kind}), content=True)
    assert (base.standing, base.reason, base.guard) == (Standing.JUDGED, "", Guard())
    assert base.told is (place[0] == "refUpdateRule")  # an admin sees the rule itself


def test_a_rule_that_is_not_told_without_an_error(one: Part) -> None:
    """The schema allows it, and nobody knows what it asks for."""
    one.data["defaultBranchRef"]["rules"] = {"nodes": [None], "pageInfo": {"hasNextPage": False}}
    assert read(ONE, one, content=True).told is False


def test_rules_that_are_enough_need_no_others(one: Part) -> None:
    """Whatever GitHub did not answer beside them can but add to them."""
    branch = one.data["defaultBranchRef"]
    branch.update(branchProtectionRule=CLASSIC, rules=None)
    base = read(ONE, Part(one.data, {("defaultBranchRef", "rules"): "SERVICE_UNAVAILABLE"}), content=True)
    assert (base.guard.whole, base.told) == (True, True)


@pytest.mark.parametrize(
    "place",
    [("isArchived",), ("isEmpty",), ("isDisabled",), ("nameWithOwner",), ("defaultBranchRef", "name"),
     ("defaultBranchRef", "target"), ("defaultBranchRef", "target", "oid"), ("defaultBranchRef", "target", "tree")],
)  # fmt: skip
def test_an_error_of_what_a_repository_is(one: Part, place: tuple[str, ...]) -> None:
    """Nobody knows then what there is to judge."""
    base = read(ONE, Part(one.data, {place: "SERVICE_UNAVAILABLE"}), content=True)
    assert (base.standing, base.reason) == (Standing.UNKNOWN, Problem("SERVICE_UNAVAILABLE").reason)


def test_an_error_of_who_may_see_it(one: Part) -> None:
    """A repository is private, and the token no admin's, where GitHub did not answer that."""
    base = read(ONE, Part(one.data, {("isPrivate",): "INTERNAL", ("viewerCanAdminister",): "INTERNAL"}), content=True)
    assert (base.private, base.told) == (True, False)


@pytest.mark.parametrize(
    "place",
    [("tree", "entries"), ("tree", "entries", 0, "object"), ("tree", "entries", 0, "object", "entries", 0, "object"),
     ("workflows", "entries"), ("workflows", "entries", 0, "object"), ("workflows", "entries", 0, "object", "text"),
     ("f2", "text")],
)  # fmt: skip
def test_an_error_below_the_content(one: Part, place: tuple[str | int, ...]) -> None:
    """No folder and no text is taken for what the commit holds: git is asked for all of it."""
    base = read(ONE, Part(one.data, {place: "SERVICE_UNAVAILABLE"}), content=True)
    assert (base.standing, base.listing) == (Standing.JUDGED, NOTHING)


def test_who_is_no_admin_does_not_know_of_a_classic_rule(one: Part) -> None:
    """That none is shown says nothing."""
    assert read(ONE, Part({**one.data, "viewerCanAdminister": False}), content=True).told is False
