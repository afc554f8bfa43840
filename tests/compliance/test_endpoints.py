"""Questions to endpoints, asked of a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from chittyactions.compliance.endpoints import Question, ask
from chittyactions.compliance.facts import Fact, State
from chittyactions.http import Client, Deadline

URL = "https://x.chitty.cc/api"
ANSWERS: dict[str, tuple[int, bytes]] = {
    "/api": (200, b'{"status": "ok", "list": [{"n": 1}], "yes": true}'),
    "/api/html": (200, b"<h1>secret</h1>"),
    "/api/made": (201, b""),
    "/api/gone": (404, b"secret"),
    "/api/broken": (500, b"secret"),
    "/api/guarded": (403, b"secret"),
    "/api/moved": (302, b""),
    "/api/resting": (503, b""),
    "/api/busy": (429, b""),
    "/api/soon": (503, b""),
    "/api/tomorrow": (503, b""),
}

WAITS = {"/api/busy": "86400", "/api/soon": "30", "/api/tomorrow": "86400"}


class _Handler(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Answer by the path."""
        self.seen.append((self.path, self.headers["Host"]))
        status, body = ANSWERS[self.path]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://elsewhere.cc/")
        if self.path in WAITS:
            self.send_header("Retry-After", WAITS[self.path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""


@pytest.fixture(scope="module")
def edge() -> Iterator[str]:
    """The origin of a server that answers by path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def came(question: Question, edge: str) -> Fact[str]:
    """What one question came to."""
    client = Client("The service", Deadline(5.0), tries=1, environ={})
    (fact,) = ask([question], client, edge=edge).values()
    return fact


@pytest.mark.parametrize(
    "question",
    [
        Question(URL),
        Question(f"{URL}/made", 201),
        Question(f"{URL}/gone", 404),
        Question(f"{URL}/guarded", 403),
        Question(f"{URL}/moved", 302),
        Question(URL, field="status"),
        Question(URL, field="status", equals='"ok"'),
        Question(URL, field="list.0.n", equals="1"),
        Question(URL, field="yes", equals="true"),
    ],
)
def test_an_answer_as_it_should_be_says_nothing(question: Question, edge: str) -> None:
    """Status, a field of the JSON, and its value by JSON's own types."""
    assert came(question, edge) == Fact.present("")


@pytest.mark.parametrize(
    "question, said",
    [
        (Question(f"{URL}/gone"), "https://x.chitty.cc/api/gone answered HTTP 404 in place of 200."),
        (Question(f"{URL}/broken"), "https://x.chitty.cc/api/broken answered HTTP 500 in place of 200."),
        (Question(URL, 404), "https://x.chitty.cc/api answered HTTP 200 in place of 404."),
        (Question(f"{URL}/moved", 301), "https://x.chitty.cc/api/moved answered HTTP 302 in place of 301."),
        (Question(f"{URL}/html", field="a"), "https://x.chitty.cc/api/html answered with something that is no JSON."),
        (Question(URL, field="stat"), "The answer of https://x.chitty.cc/api has no stat."),
        (Question(URL, field="status", equals="[]"), "status in the answer of https://x.chitty.cc/api is not []."),
        (Question(URL, field="yes", equals="1"), "yes in the answer of https://x.chitty.cc/api is not 1."),
        (
            Question(f"{URL}/moved"),
            "The service answered with a redirect to https://elsewhere.cc (HTTP 302), which is not followed.",
        ),
    ],
)  # fmt: skip
def test_another_answer_is_told_without_its_body(question: Question, said: str, edge: str) -> None:
    """What came is known and told; nothing of the body is shown."""
    fact = came(question, edge)
    assert (fact.state, fact.found) == (State.PRESENT, said)
    assert "secret" not in str(fact.found)


def test_a_status_that_has_to_come_is_not_asked_for_again(edge: str) -> None:
    """A 503 is elsewhere a reason to try again; here it is the answer."""
    _Handler.seen.clear()
    client = Client("The service", Deadline(5.0), tries=3, environ={})
    question = Question(f"{URL}/resting", 503)
    assert ask([question], client, edge=edge) == {question.key: Fact.present("")}
    assert len(_Handler.seen) == 1


def test_a_guard_that_turns_this_machine_away_leaves_it_unknown(edge: str) -> None:
    """HTTP 403 says who asked, and nothing of the service."""
    assert came(Question(f"{URL}/guarded"), edge).state is State.UNKNOWN


@pytest.mark.parametrize("tries", [1, 3])
def test_a_rate_limit_of_a_day_leaves_it_unknown(edge: str, tries: int) -> None:
    """However often it would have been asked: too many have, and the service said nothing of itself."""
    question = Question(f"{URL}/busy")
    answers = ask([question], Client("The service", Deadline(5.0), tries=tries, environ={}), edge=edge)
    assert answers[question.key].state is State.UNKNOWN


@pytest.mark.parametrize("tries", [1, 3])
@pytest.mark.parametrize("path", ["soon", "tomorrow"])
def test_a_service_that_asks_to_wait_longer_than_this_run_has_is_unknown(path: str, tries: int, edge: str) -> None:
    """One 503 in a restart is no verdict on it."""
    question = Question(f"{URL}/{path}")
    answers = ask([question], Client("The service", Deadline(5.0), tries=tries, environ={}), edge=edge)
    assert answers[question.key].state is State.UNKNOWN
    assert "to wait" in answers[question.key].why or "come again" in answers[question.key].why


def test_no_connection_is_unknown() -> None:
    """What could not be asked is no failure of the service."""
    fact = came(Question(URL), "http://127.0.0.1:9")
    assert fact.state is State.UNKNOWN
    assert "could not be reached" in fact.why


def test_the_request_goes_to_the_url_of_the_question(edge: str) -> None:
    """The URL's own host and path are what is asked for."""
    _Handler.seen.clear()
    came(Question(URL), edge)
    assert _Handler.seen == [("/api", "x.chitty.cc")]


def test_every_question_has_an_answer_of_its_own(edge: str) -> None:
    """Two questions to one address are told apart by what has to come."""
    questions = [
        Question(URL),
        Question(URL, 404),
        Question(URL, field="status"),
        Question(URL, field="status", equals="1"),
    ]
    answers = ask(questions, Client("The service", Deadline(5.0), tries=1, environ={}), edge=edge)
    assert [bool(answers[one.key].found) for one in questions] == [False, True, False, True]
