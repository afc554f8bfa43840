"""What clients are asked for by their words."""

from __future__ import annotations

import shlex

import pytest

from chittyactions.compliance.clients import Request, asked
from compliance.repositories import findings

U = "https://u/x"


@pytest.mark.parametrize(
    "line, requests",
    [
        (f"gh api {U}", [Request(U, "GET")]),
        (f"gh api {U} -X PUT -f a=b", [Request(U, "PUT"), Request("PUT", "PUT")]),
        (f"gh api --method POST {U}", [Request("POST", "POST"), Request(U, "POST")]),
        *((f"gh api {option} a {U}", [Request(U, "POST")]) for option in ("-f", "-F", "--field", "--raw-field")),
        (f"gh api --input a {U}", [Request(U, "POST")]),
        *(
            (f"gh api {option} a {U}", [Request(U, "GET")])
            for option in ("-H", "-q", "--jq", "-t", "--template", "-p", "--preview", "--hostname", "--cache")
        ),
        (f"gh issue create --body {U}", []),
        (f"gh issue api {U}", []),
        ("gh", []),
        ("gh api", []),
    ],
)
def test_the_requests_of_gh(line: str, requests: list[Request]) -> None:
    """It asks for a URL by `api` alone, by POST where it has fields."""
    assert [*asked(tuple(shlex.split(line)))] == requests


def test_a_call_by_gh_counts_as_one() -> None:
    """By its address and method."""
    line = "gh api --method POST https://connect.chitty.cc/api/github/sync"
    text = "on: push\njobs: {{j: {{steps: [{{run: {}}}]}}}}\n"
    place = ".github/workflows/w.yml"
    assert not findings("chittyconnect.sync-workflow", {place: text.format(line)})
    assert findings("chittyconnect.sync-workflow", {place: text.format(line.replace("POST", "GET"))})
