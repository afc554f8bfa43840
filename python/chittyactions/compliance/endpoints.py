"""Endpoints that own checks ask about: what has to come, asked once before the checks run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chittyactions.compliance.facts import Fact
from chittyactions.compliance.fields import same, value_at
from chittyactions.compliance.probe import TURNED_AWAY
from chittyactions.errors import ServiceError, Unreachable
from chittyactions.http import Client, Deadline, Response, retry_after

SECONDS = 20.0
"""For one question with all its tries."""


@dataclass(frozen=True)
class Question:
    """A GET, and what has to come: a status and, where `field` is set, a value in the JSON of the answer."""

    url: str
    status: int = 200
    field: str = ""
    equals: str = ""
    """The value as JSON; "" for any."""

    @property
    def key(self) -> str:
        """What the answer is kept by, in Observed.endpoints."""
        return json.dumps([self.url, self.status, self.field, self.equals])


def ask(questions: Iterable[Question], client: Client, *, edge: str = "") -> dict[str, Fact[str]]:
    """What came of each question, by its key: "" where all is as it should be.

    As for health: an answer is known whatever it says, and so is one that breaks off; no connection, and an answer
    that is about who asks, is unknown. `edge` is the origin to connect to in place of the URL's.
    """
    answers: dict[str, Fact[str]] = {}
    for question in questions:
        client.deadline = Deadline(SECONDS)
        try:
            response = client.send(
                "GET",
                question.url,
                connect_to=edge,
                redirects=300 <= question.status < 400,
                final=_as_asked(question),
            )
        except Unreachable as error:
            answers[question.key] = Fact.unknown(error.what)
        except ServiceError as error:
            answers[question.key] = Fact.present(error.what)
        else:
            away = TURNED_AWAY.get(response.status) or _asks_to_wait(response)
            answers[question.key] = (
                Fact.unknown(f"{question.url}: {away}")
                if away and question.status != response.status
                else Fact.present(_judged(question, response.status, response.body))
            )
    return answers


def _as_asked(question: Question) -> Callable[[Response], bool]:
    """Whether an answer has the status that has to come: asking again would change nothing, be it a 503."""
    return lambda response: response.status == question.status


def _asks_to_wait(response: Response) -> str:
    """Why a 503 that names a time says nothing yet: the time was longer than this run has."""
    wait = retry_after(response.headers)
    return f"it asks to come again in {wait:.0f} s (HTTP 503)" if response.status == 503 and wait else ""


def _judged(question: Question, status: int, body: bytes) -> str:
    """What is wrong with an answer, without a word of its body."""
    if status != question.status:
        return f"{question.url} answered HTTP {status} in place of {question.status}."
    if not question.field:
        return ""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return f"{question.url} answered with something that is no JSON."
    there, value = value_at(data, question.field)
    if not there:
        return f"The answer of {question.url} has no {question.field}."
    if question.equals and not same(value, json.loads(question.equals)):
        return f"{question.field} in the answer of {question.url} is not {question.equals}."
    return ""
