"""Ask a service at its domain whether it is well: over https, within one deadline, again where that may help.

What the service itself answered is known, and so is an answer that never ended. What kept the question from reaching it
(no connection, a rate limit, a guard that turns this machine away) says nothing of the service: unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chittyactions.compliance.facts import Fact, State
from chittyactions.compliance.repository import Health
from chittyactions.ecosystem.health import judge
from chittyactions.errors import BadAnswer, ServiceError, Unreachable
from chittyactions.http import Client, Deadline, backoff, retry_after

SERVICE = "The service"

LATE = "no whole answer came"

TURNED_AWAY = {
    403: "something before the service refused this machine (HTTP 403)",
    429: "too many have asked (HTTP 429)",
}
"""Answers that are about who asks."""


@dataclass(frozen=True)
class Patience:
    """How long and how often is asked. `seconds` is for all tries with their bodies together."""

    seconds: float = 30.0
    tries: int = 3


def probe(
    client: Client, url: str, patience: Patience, *, edge: str = "", sleep: Callable[[float], None] = time.sleep
) -> Fact[Health]:
    """What `GET url` came to. `edge` is an origin to connect to in place of the URL's own."""
    deadline = Deadline(patience.seconds)
    fact: Fact[Health] = Fact.unknown(f"{url} was not asked")
    for attempt in range(1, patience.tries + 1):
        client.deadline = deadline.within(patience.seconds / patience.tries if attempt < patience.tries else 3600.0)
        fact, again, asked = _once(client, url, edge)
        if fact.found and fact.found.problem == LATE:
            said = f"{LATE} within {round(deadline.spent, 1):g} s, in {attempt} of {patience.tries} tries"
            fact = Fact.present(Health(url, said))
        wait = max(asked, backoff(attempt))
        if wait >= deadline.remaining and fact.state is State.PRESENT:  # rather too early than judged by one moment
            wait = backoff(attempt)
        if not again or attempt == patience.tries or wait >= deadline.remaining:
            break
        sleep(wait)
    return fact


def _once(client: Client, url: str, edge: str) -> tuple[Fact[Health], bool, float]:
    """What one question came to, whether another may come to more, and after how many seconds."""
    try:
        response = client.send("GET", url, headers={"Cache-Control": "no-cache"}, tries=1, connect_to=edge)
    except Unreachable as error:
        return Fact.unknown(error.what), not error.permanent, 0.0
    except BadAnswer as error:
        return Fact.present(Health(url, _half(error.what))), False, 0.0
    except ServiceError as error:
        late = client.deadline.remaining <= 0
        return Fact.present(Health(url, LATE if late else _half(error.what))), True, 0.0
    well, said, _ = judge(response.status, response.headers, response.body)
    wait = retry_after(response.headers)
    if response.status in TURNED_AWAY:
        return Fact.unknown(f"{url}: {TURNED_AWAY[response.status]}"), response.status == 429, wait
    return Fact.present(Health(url, "" if well else said)), response.status >= 500, wait


def _half(sentence: str) -> str:
    """A sentence as a part of another."""
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")
