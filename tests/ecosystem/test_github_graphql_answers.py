"""Reading an answer of GraphQL's: which part of it is known."""

from __future__ import annotations

from typing import Any

import pytest

from chittyactions.ecosystem.github_graphql_answers import Part, Problem, graphql_url, limited, read
from chittyactions.errors import Refused


@pytest.mark.parametrize(
    "environ, url",
    [
        ({}, "https://api.github.com/graphql"),
        ({"GITHUB_API_URL": "https://api.github.com"}, "https://api.github.com/graphql"),
        ({"GITHUB_API_URL": "https://git.example.com/api/v3/"}, "https://git.example.com/api/graphql"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1/github"}, "http://127.0.0.1:1/github/graphql"),
        ({"GITHUB_API_URL": "https://a/api/v3", "GITHUB_GRAPHQL_URL": "https://b/graphql"}, "https://b/graphql"),
        ({"GITHUB_API_URL": "", "GITHUB_GRAPHQL_URL": " "}, "https://api.github.com/graphql"),
    ],
)
def test_where_queries_go(environ: dict[str, str], url: str) -> None:
    """Enterprise Server has GraphQL beside its REST API; the runner's own variable wins."""
    assert graphql_url(environ) == url


def error(*path: object, kind: object = "FORBIDDEN", **more: object) -> dict[str, Any]:
    return {"type": kind, "path": list(path), "message": "no", **more}


def test_null_goes_up_to_where_it_may_be() -> None:
    """An error in a field that can't be null makes null of what is above it: that is what is not known."""
    data = {"r0": {"ref": None, "name": "a"}, "r1": None, "r2": {"list": [{"x": 1}, None]}}
    errors = [error("r0", "ref", "rule", "x"), error("r1", "owner", "login"), error("r2", "list", 1, "y", 0)]
    answer = read({"data": data, "errors": errors}, 200)
    assert answer.nested == {("r0", "ref"): "FORBIDDEN", ("r2", "list", 1): "FORBIDDEN"}
    assert answer.errors == {"r1": Problem("FORBIDDEN", ("owner", "login"))}
    part = answer.part("r0")
    assert isinstance(part, Part)
    assert (part.why_unknown("ref", "rule"), part.why_unknown("ref"), part.why_unknown("name")) == (
        "FORBIDDEN",
    ) * 2 + ("",)


def test_an_error_below_a_place_leaves_a_part_of_it_unknown() -> None:
    """Who takes all of a place for said has to know of it; who asks for the place alone does not."""
    part = Part({"ref": {"rule": {"x": None}, "name": "a"}}, {("ref", "rule", "x"): "INTERNAL"})
    assert (part.why_unknown("ref"), part.why_unknown("ref", "rule"), part.why_unknown()) == ("INTERNAL",) * 3
    assert (part.why_unknown("ref", below=False), part.why_unknown("ref", "name"), part.why_unknown("re")) == ("",) * 3


def test_a_value_with_an_error_all_the_same_is_not_trusted() -> None:
    """GitHub does not do it, but nothing is judged by a value that an error names."""
    part = read({"data": {"r0": {"name": "a"}}, "errors": [error("r0", "name")]}, 200).part("r0")
    assert isinstance(part, Part)
    assert part.why_unknown("name") == "FORBIDDEN"


@pytest.mark.parametrize("value", [7, "x", [], True])
def test_an_alias_of_another_type(value: object) -> None:
    """It is the problem of that alias alone."""
    answer = read({"data": {"r0": value, "r1": {"name": "b"}}}, 200)
    assert answer.part("r0") == Problem("MALFORMED")
    assert answer.part("r1") == Part({"name": "b"})


def test_null_without_an_error() -> None:
    """Nothing was said of it, which is not the same as that it is not there; the same goes for no mention at all."""
    answer = read({"data": {"r0": None}}, 200)
    assert answer.part("r0") == answer.part("r1") == Problem("MISSING")


@pytest.mark.parametrize("kind", [None, 7, "", "a secret", "X" * 100, {"x": 1}])
def test_a_type_of_error_that_is_none(kind: object) -> None:
    """What GitHub sends in its place is not repeated."""
    assert read({"data": {"r0": None}, "errors": [error("r0", kind=kind)]}, 200).part("r0") == Problem("UNKNOWN")


@pytest.mark.parametrize("path", [None, [], "r0", [None], [["r0"]], ["r0", {}], [0]])
def test_an_error_of_no_place_spoils_all(path: object) -> None:
    """What it is about is not told, so nothing beside it is trusted."""
    with pytest.raises(Refused):
        read({"data": {"r0": {"name": "a"}}, "errors": [{"type": "FORBIDDEN", "path": path}]}, 200)


@pytest.mark.parametrize(
    "errors, code",
    [
        ([{"message": "Something went wrong. This may be the result of a timeout"}], "too much"),
        ([{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "…"}], "too much"),
        ([{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "…"}], "too much"),
        ([{"message": "Field 'x' doesn't exist", "locations": [{"line": 1}], "path": ["query", "x"]}], "query"),
        ([{"message": "no", "extensions": {"code": "undefinedField"}}], "query"),
        ([{"type": "INSUFFICIENT_SCOPES", "message": "no", "locations": [{"line": 1}]}], "insufficient scopes"),
        ([7], "unknown"),
    ],
)  # fmt: skip
def test_an_answer_without_data(errors: list[object], code: str) -> None:
    """Its code says whether to ask for less, or not at all."""
    with pytest.raises(Refused) as refused:
        read({"data": None, "errors": errors}, 200)
    assert refused.value.code == code


@pytest.mark.parametrize("limit", [None, 7, {}, {"cost": "1", "remaining": -1, "resetAt": 7}, {"cost": True}])
def test_a_rate_limit_that_is_none(limit: object) -> None:
    """A query costs a point at least, and what is left is not known."""
    answer = read({"data": {"rateLimit": limit, "r0": {}}}, 200)
    assert (answer.cost, answer.remaining, answer.reset_at, dict(answer.data)) == (1, None, None, {"r0": {}})


def test_a_rate_limit() -> None:
    """It is what the query cost and what is left; it is no alias."""
    told = {"cost": 3, "remaining": 7, "resetAt": "2026-01-01T00:00:00Z"}
    answer = read({"data": {"rateLimit": told}}, 200)
    assert (answer.cost, answer.remaining, answer.reset_at, answer.data) == (3, 7, 1767225600.0, {})


@pytest.mark.parametrize(
    "body, limit",
    [
        ({"errors": [{"type": "RATE_LIMITED"}]}, "hourly"),
        ({"errors": [{"type": "RATE_LIMIT"}]}, "hourly"),
        ({"errors": [{"message": "You have exceeded a secondary rate limit."}]}, "secondary"),
        ({"errors": [{"type": "RATE_LIMITED", "message": "… a secondary rate limit …"}]}, "secondary"),
        ({"errors": [{"type": "FORBIDDEN"}]}, ""),
        ({"data": {}}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_an_answer_that_tells_of_a_limit(body: object, limit: str) -> None:
    """The hour's and the secondary one are waited for differently."""
    assert limited(body) == limit


def test_reasons_are_sentences() -> None:
    """A kind that is not known is named; a sentence of ours comes first."""
    assert Problem("NOT_FOUND").reason.startswith("There is no such repository")
    assert Problem("STRANGE_KIND").reason == "GitHub answered with an error (STRANGE_KIND)."
    assert Problem("LOST", what="The answer was lost.").reason == "The answer was lost."
