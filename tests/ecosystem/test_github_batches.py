"""Many repositories in few queries, whatever goes wrong with some of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from chittyactions.ecosystem.github_batches import OUTAGE, in_batches
from chittyactions.ecosystem.github_budget import Budget
from chittyactions.ecosystem.github_graphql import GraphQL
from chittyactions.ecosystem.github_graphql_answers import Answered, Part, Problem
from chittyactions.errors import AnswerLost, CredentialError, InputError, Refused, Unreachable
from chittyactions.http import Client, Deadline
from chittylocal import Fault, Local

COUNT = 50
NAMES = [f"ChittyOS/r{number}" for number in range(COUNT)]


class Hub:
    """Fifty repositories over HTTP, with counters, and a clock that waiting moves."""

    def __init__(self, local: Local, longest: float = 900.0) -> None:
        self.local = local
        self.said: list[str] = []
        self.now = time.time()
        self.after: Callable[[], None] = lambda: None
        self.budget = Budget(say=self.said.append, longest=longest, clock=lambda: self.now, sleep=self.sleep)
        self.sizes: list[int] = []
        client = Client("GitHub's API", Deadline(30), environ={}, sleep=lambda _: None)
        url = local.urls()["GITHUB_GRAPHQL_URL"]
        self.api = GraphQL(client, token=lambda: "a-token", url=url, budget=self.budget)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.after()

    def ask_for(self, names: Sequence[str]) -> Answered:
        self.sizes.append(len(names))
        asked = [
            'r{}: repository(owner: "{}", name: "{}") {{ name object(expression: "HEAD:F") {{ oid }} }}'.format(
                index, *name.split("/")
            )
            for index, name in enumerate(names)
        ]
        return self.api.ask(f"{{ rateLimit {{ cost }} {' '.join(asked)} }}")

    def all(self, names: Sequence[str] = NAMES, **more: Any) -> dict[str, Part | Problem]:
        found = list(in_batches(names, self.ask_for, **{"sleep": self.sleep, "on_leave": self.budget.stop, **more}))
        assert Counter(name for name, _ in found) == Counter(names), "each is answered once"
        return dict(found)

    def well(self, **more: Any) -> None:
        """Every one of them has its own answer."""
        assert {name: part.data["name"] for name, part in self.all(**more).items() if isinstance(part, Part)} == {
            name: name.partition("/")[2] for name in NAMES
        }


@pytest.fixture(scope="module")
def backend() -> Iterator[Local]:
    """A backend with fifty repositories."""
    with Local() as local:
        for name in NAMES:
            local.github.repository(name, {"F": name})
        yield local


@pytest.fixture
def hub(backend: Local) -> Iterator[Hub]:
    """The backend, well again."""
    backend.clear_faults()
    backend.forget_requests()
    yield Hub(backend)
    limits = backend.github.limits
    limits.most_repositories = limits.most_nodes = limits.partial_after = None
    limits.secondary, limits.retry_after = 0, 60
    limits.errors.clear()
    backend.github.budget.used, backend.github.strict = 0, False
    backend.github.budget.limit, backend.github.budget.resets = 5000, time.time() + 3600


def test_fifty_in_three_queries(hub: Hub) -> None:
    """Twenty in each."""
    hub.well()
    assert sorted(hub.sizes) == [10, 20, 20]
    assert (hub.budget.requests, hub.budget.points) == (3, 3)


def test_nothing_to_ask(hub: Hub) -> None:
    """No item, no query."""
    assert hub.all([]) == {}
    assert hub.sizes == []


def test_items_are_taken_as_they_are_needed(hub: Hub) -> None:
    """What is asked at once is bounded, however many there are."""
    taken: list[str] = []

    def source() -> Iterator[str]:
        for number in range(10_000):
            taken.append(NAMES[number % COUNT])
            yield taken[-1]

    found = in_batches(source(), hub.ask_for, workers=2, sleep=hub.sleep)
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert len(taken) <= 3 * 20


@pytest.mark.parametrize("most, requests", [(10, 11), (7, 17), (1, 87)])
def test_queries_that_are_too_large_are_halved(hub: Hub, most: int, requests: int) -> None:
    """502 for too many repositories in one query: all are answered, and the size is kept for the batches to come."""
    hub.local.github.limits.most_repositories = most
    hub.well()
    assert hub.budget.requests <= requests


def test_a_steady_limit_is_not_tried_again_and_again() -> None:
    """Two thousand items, of which ten may be asked at once, take little more than two hundred queries."""
    asked: list[int] = []

    def ask_for(batch: Sequence[int]) -> Answered:
        asked.append(len(batch))
        if len(batch) > 10:
            raise Refused("no", service="GitHub's API", status=502, code="too much")
        return Answered({f"r{index}": {} for index in range(len(batch))})

    assert len(list(in_batches(range(2000), ask_for))) == 2000
    assert len(asked) <= 220


def test_the_size_grows_again(hub: Hub) -> None:
    """After a bad hour the rest is asked as before."""
    hub.local.fault("github", "POST", "/graphql", Fault("status", 502, times=2))
    hub.well(size=4, workers=1)
    assert hub.sizes[:4] == [4, 2, 1, 1]
    assert hub.sizes.count(4) >= 3


@pytest.mark.parametrize("after", [1, 5, 10])
def test_answers_in_part(hub: Hub, after: int) -> None:
    """What was answered is taken, the rest is asked again in smaller queries."""
    hub.local.github.limits.partial_after = after
    hub.well()


def test_errors_are_those_of_one_item(hub: Hub) -> None:
    """A final one is not asked again; the others have their answers."""
    hub.local.github.limits.errors |= {NAMES[3]: ("FORBIDDEN", "no"), NAMES[9]: ("NOT_FOUND", "no")}
    found = hub.all()
    assert {name: part for name, part in found.items() if isinstance(part, Problem)} == {
        NAMES[3]: Problem("FORBIDDEN"), NAMES[9]: Problem("NOT_FOUND"),
    }  # fmt: skip
    assert hub.budget.requests == 3


def test_one_item_that_is_never_answered(hub: Hub) -> None:
    """It is asked alone, a last time after a moment, and is unknown then; nobody else is."""
    hub.local.github.limits.errors[NAMES[3]] = ("SERVICE_UNAVAILABLE", "Try again later.")
    found = hub.all()
    assert found.pop(NAMES[3]) == Problem("SERVICE_UNAVAILABLE")
    assert all(isinstance(part, Part) and not part.unknown for part in found.values())
    assert hub.sizes.count(1) == 2
    assert hub.budget.requests == 5


def test_one_field_that_is_never_answered(hub: Hub) -> None:
    """The rest of the repository is known, and the field is unknown in it, not absent."""
    hub.local.github.limits.errors[f"{NAMES[3]}:HEAD:F"] = ("RESOURCE_LIMITS_EXCEEDED", "too much")
    part = hub.all()[NAMES[3]]
    assert isinstance(part, Part)
    assert (part.data["name"], part.data["object"]) == ("r3", None)
    assert part.why_unknown("object", "oid") == "RESOURCE_LIMITS_EXCEEDED"


def test_one_item_that_breaks_every_query_it_is_in(hub: Hub) -> None:
    """It is found by halving, and is unknown alone."""

    def ask_for(names: Sequence[str]) -> Answered:
        if NAMES[13] in names:
            raise AnswerLost("The answer was lost.", service="GitHub's API")
        return hub.ask_for(names)

    found = dict(in_batches(NAMES, ask_for, sleep=hub.sleep))
    assert found.pop(NAMES[13]) == Problem("LOST", what="The answer was lost.")
    assert len(found) == COUNT - 1
    assert all(isinstance(part, Part) for part in found.values())


FAULTS = [
    Fault("status", 502), Fault("status", 504), Fault("status", 500), Fault("status", 503), Fault("reset"),
    Fault("truncated"), Fault("garbage"), Fault("html"), Fault("empty"), Fault("status", 200, body="{"),
    Fault("status", 200, body="null"), Fault("status", 200, body={"data": None}),
    Fault("status", 200, body={"data": {"r0": 7, "r1": None, "Ünï": []}}),
    Fault("status", 200, body={"data": {}, "errors": [{"message": "Something went wrong"}]}),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.status or ''} {fault.body}"[:30])
def test_what_goes_wrong_now_and_then(hub: Hub, fault: Fault) -> None:
    """Some of the answers are lost or are none, and every repository is known all the same."""
    kept = {**fault.__dict__, "times": 3, "skip": 1}
    hub.local.fault("github", "POST", "/graphql", Fault(**kept))
    hub.well(workers=2)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.status or ''} {fault.body}"[:30])
def test_what_goes_wrong_all_the_time(hub: Hub, fault: Fault) -> None:
    """Every repository is unknown, none is missing or absent, and it is not asked for each of them in vain."""
    hub.local.fault("github", "POST", "/graphql", fault)
    found = hub.all()
    assert all(isinstance(part, Problem) and part.kind != "NOT_FOUND" for part in found.values())
    if fault.body != {"data": {"r0": 7, "r1": None, "Ünï": []}}:  # which is an answer, if a strange one
        assert len(hub.sizes) <= 8 * OUTAGE


def test_a_github_that_is_not_there(hub: Hub) -> None:
    """A batch that could not be asked is not halved."""
    url = hub.local.closed_url
    client = Client("GitHub's API", Deadline(30), environ={}, sleep=lambda _: None)
    hub.api = GraphQL(client, token=lambda: "a-token", url=url, budget=hub.budget)
    found = hub.all()
    assert {part.kind for part in found.values() if isinstance(part, Problem)} == {"UNREACHABLE"}
    assert (len(found), len(hub.sizes)) == (COUNT, 3)


def test_a_token_that_is_refused_stops_everything(hub: Hub) -> None:
    """401 is raised, and not one more query is sent than there were under way."""
    hub.local.github.strict = True
    with pytest.raises(Refused, match="HTTP 401"):
        hub.all(size=1, workers=4)
    assert hub.budget.requests <= 4


def test_a_query_that_is_not_understood_stops_everything(hub: Hub) -> None:
    """It is the same one every time."""
    with pytest.raises(Refused) as refused:
        list(in_batches(NAMES, lambda _: hub.api.ask("{ viewer { none } }"), workers=1))
    assert (refused.value.code, hub.budget.requests) == ("query", 1)


def test_a_token_without_rights(hub: Hub) -> None:
    """403 that is no limit is every item's own problem, not halved, since it is the token's and not the size's."""
    hub.local.fault("github", "POST", "/graphql", Fault("status", 403, body={"message": "Resource not accessible"}))
    found = hub.all()
    assert {part.kind for part in found.values() if isinstance(part, Problem)} == {"REFUSED"}
    assert (len(found), hub.budget.requests) == (COUNT, 3)


def test_a_rate_limit_in_the_middle(hub: Hub) -> None:
    """It is waited for, announced once, and nothing is lost."""
    hub.local.github.budget.limit = 10
    hub.local.github.budget.resets = time.time() + 600
    ends = hub.now + 599

    def end_the_hour() -> None:
        if hub.now > ends:
            hub.local.github.budget.resets = 0

    hub.after = end_the_hour
    hub.well(size=3, workers=1)
    assert hub.budget.requests >= 17
    assert len(hub.said) == 1
    assert 600 <= hub.budget.waited <= 605


def test_a_rate_limit_that_would_take_too_long(hub: Hub) -> None:
    """What was answered is there, the rest is unknown for that reason, and nothing more is asked."""
    hub.local.github.budget.limit = 2
    hub = Hub(hub.local, longest=60)
    found = hub.all(size=5, workers=1)
    kinds = Counter(part.kind if isinstance(part, Problem) else "known" for part in found.values())
    assert kinds == {"known": 10, "RATE_LIMITED": 40}
    assert (hub.budget.requests, len(hub.sizes)) == (2, 3)


def test_a_secondary_limit_pauses_all(hub: Hub) -> None:
    """Retry-After is waited for once, by all workers together."""
    hub.local.github.limits.secondary, hub.local.github.limits.retry_after = 3, 30
    hub.well(size=10, workers=3)
    assert 30 <= hub.budget.waited <= 95
    assert len(hub.said) <= 3


def test_groups_have_queries_of_their_own(hub: Hub) -> None:
    """A token that can't be had for one organisation is the problem of its repositories alone."""
    items = [(owner, name) for name in NAMES for owner in ("ChittyOS", "elsewhere")]
    asked: list[set[str]] = []

    def ask_for(batch: Sequence[tuple[str, str]]) -> Answered:
        asked.append({owner for owner, _ in batch})
        if batch[0][0] == "elsewhere":
            raise CredentialError("There is no token for elsewhere: the app is not installed there.")
        return hub.ask_for([name for _, name in batch])

    found = list(in_batches(items, ask_for, apart=lambda item: item[0], workers=1, sleep=hub.sleep))
    kinds = Counter((item[0], part.kind if isinstance(part, Problem) else "known") for item, part in found)
    assert kinds == {("ChittyOS", "known"): 50, ("elsewhere", "NO_TOKEN"): 50}
    assert all(len(owners) == 1 for owners in asked)
    assert asked.count({"elsewhere"}) == 1


def test_workers_are_bounded(hub: Hub) -> None:
    """No more queries at once than are allowed, and as many as that."""
    now, most, lock, both = [0], [0], threading.Lock(), threading.Barrier(3, timeout=5)

    def ask_for(names: Sequence[str]) -> Answered:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        both.wait()
        with lock:
            now[0] -= 1
        return Answered({f"r{index}": {} for index in range(len(names))})

    assert len(list(in_batches(NAMES[:12], ask_for, size=2, workers=3))) == 12
    assert most[0] == 3


@pytest.mark.parametrize(
    "failure", [InputError("Wrong."), ValueError("a mistake of ours"), KeyboardInterrupt()], ids=repr
)
def test_mistakes_are_not_answers(failure: BaseException) -> None:
    """What is no failure of the service's ends it, and who waits for a limit is let go."""
    left: list[bool] = []

    def ask_for(_: Sequence[str]) -> Answered:
        raise failure

    with pytest.raises(type(failure)):
        list(in_batches(NAMES, ask_for, on_leave=lambda: left.append(True)))
    assert left == [True]


def test_a_certificate_that_is_not_trusted_stops_everything() -> None:
    """The next query would meet it too."""

    def ask_for(_: Sequence[str]) -> Answered:
        failure = Unreachable("Not trusted.", service="GitHub's API")
        failure.permanent = True
        raise failure

    with pytest.raises(Unreachable):
        list(in_batches(NAMES, ask_for))


def test_items_need_no_hash() -> None:
    """They may be lists; the same may be asked twice."""

    def ask_for(batch: Sequence[list[int]]) -> Answered:
        return Answered({f"r{index}": {"n": item[0]} for index, item in enumerate(batch)})

    found = list(in_batches([[1], [2], [1]], ask_for, size=2))
    assert sorted((item[0], part.data["n"]) for item, part in found if isinstance(part, Part)) == [
        (1, 1), (1, 1), (2, 2),
    ]  # fmt: skip


def test_an_outage_ends() -> None:
    """Failures in a row are counted from the last answer, not altogether."""
    asked = [0]

    def ask_for(batch: Sequence[int]) -> Answered:
        asked[0] += 1
        if batch[0] % 2:
            raise Refused("no", service="GitHub's API", status=500)
        return Answered({"r0": {}})

    found = list(in_batches(range(200), ask_for, size=1, workers=1, sleep=lambda _: None))
    assert Counter(isinstance(part, Part) for _, part in found) == {True: 100, False: 100}
    assert asked[0] == 300
