"""What GitHub's GraphQL API answers: what it knows of every alias that was asked, and what it does not say.

An error of one alias is that alias's alone. An error below an alias leaves one field of it unknown, not absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chittyactions.ecosystem.github_wire import BASE_URL, SERVICE
from chittyactions.errors import BadAnswer, Refused

Path = tuple[str | int, ...]
"""Where in an answer: names of fields, places in lists."""

TOO_MUCH = "too much"
"""The code of a refusal that a smaller query may not meet."""
QUERY = "query"
"""The code of a refusal of the query's form, which every other batch would meet as well."""
RATE_LIMIT = "rate limit"

WORDS = {
    "NOT_FOUND": "There is no such repository, or this token may not see it.",
    "FORBIDDEN": "This token may not read it.",
    "INSUFFICIENT_SCOPES": "This token lacks a scope for it.",
    "RESOURCE_LIMITS_EXCEEDED": "GitHub found it too much for one answer.",
    "MAX_NODE_LIMIT_EXCEEDED": "GitHub found it too much for one answer.",
    "RATE_LIMITED": "GitHub's rate limit was met before it could be asked.",
    "SERVICE_UNAVAILABLE": "GitHub could not answer it at that time.",
    "MISSING": "GitHub's answer does not mention it.",
    "MALFORMED": "GitHub's answer has something unexpected in its place.",
}
"""Kind → what it means, for a person. Other kinds are named."""

SIZE_KINDS = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT", "MISSING"})
"""Kinds that a smaller query may not meet."""
PASSING_KINDS = SIZE_KINDS | {"SERVICE_UNAVAILABLE", "INTERNAL", "UNKNOWN", "MALFORMED"}
"""Kinds that may be gone when it is asked again."""
LIMIT_KINDS = frozenset({"RATE_LIMITED", "RATE_LIMIT"})  # the second one since 2025


@dataclass(frozen=True)
class Problem:
    """Why something is not known.

    Attributes:
        kind: GitHub's type of error (`NOT_FOUND`, `FORBIDDEN`, …), or one of ours (`MISSING`, `LOST`, …).
        path: where below the alias it went wrong; () for the alias itself.
        what: a sentence of ours where there is more to say than the kind; never GitHub's own words.
    """

    kind: str
    path: Path = ()
    what: str = ""

    @property
    def reason(self) -> str:
        """A sentence for a person."""
        return self.what or WORDS.get(self.kind) or f"GitHub answered with an error ({self.kind})."


@dataclass(frozen=True)
class Part:
    """The answer to one alias. `unknown`: path below it → kind, of the fields that are null because of an error."""

    data: Mapping[str, Any]
    unknown: Mapping[Path, str] = field(default_factory=dict)

    def why_unknown(self, *path: str | int, below: bool = True) -> str:
        """The kind of an error at a place, above it or below it; "" where all that is there is GitHub's answer.

        `below=False`: where a part of it may be unknown, which is then asked for by itself.
        """
        return next(
            (
                kind
                for place, kind in self.unknown.items()
                if path[: len(place)] == place or (below and place[: len(path)] == path)
            ),
            "",
        )


@dataclass(frozen=True)
class Answered:
    """An answer, at least in part.

    Attributes:
        data: alias → what was answered; those that are null are not among them.
        errors: alias → why there is no answer.
        nested: path, with its alias first → kind, of what is null below an alias that was answered.
        cost: points, 1 where the query does not ask for `rateLimit { cost }`.
        remaining, reset_at: the points that are left, and when there are new ones (seconds since 1970, by this
            machine's clock); None where it is not told.
    """

    data: Mapping[str, Mapping[str, Any]]
    errors: Mapping[str, Problem] = field(default_factory=dict)
    nested: Mapping[Path, str] = field(default_factory=dict)
    cost: int = 1
    remaining: int | None = None
    reset_at: float | None = None

    def part(self, alias: str) -> Part | Problem:
        """What is known of one alias."""
        if alias not in self.data:
            return self.errors.get(alias) or Problem("MISSING")
        return Part(self.data[alias], {path[1:]: kind for path, kind in self.nested.items() if path[0] == alias})


def graphql_url(environ: Mapping[str, str]) -> str:
    """Where queries go: `GITHUB_GRAPHQL_URL`, else beside `GITHUB_API_URL`, else github.com's."""
    given = environ.get("GITHUB_GRAPHQL_URL", "").strip().rstrip("/")
    rest = (environ.get("GITHUB_API_URL", "").strip() or BASE_URL).rstrip("/")
    return given or rest.removesuffix("/v3") + "/graphql"


def limited(body: object) -> str:
    """How an answer with HTTP 200 says that a limit was met: `hourly`, `secondary`, or "" where it does not."""
    for error in _errors(body):
        if "secondary rate limit" in str(error.get("message", "")).lower():
            return "secondary"
        if _kind(error) in LIMIT_KINDS:
            return "hourly"
    return ""


def read(body: object, status: int) -> Answered:
    """What an answer says. Raises Refused where nothing was answered, BadAnswer where it is no answer of GraphQL."""
    errors = list(_errors(body))
    data = body.get("data") if isinstance(body, dict) else None
    placed = [(_path(error), _kind(error)) for error in errors]
    if not isinstance(data, dict):
        if data is None and errors:
            raise _refusal(errors, status)
        raise malformed(status)
    if any(not path for path, _ in placed):  # what it spoiled is not told, so nothing of it can be trusted
        raise _refusal([error for error in errors if not _path(error)], status)
    limit = data.get("rateLimit")
    failed: dict[str, Problem] = {}
    nested: dict[Path, str] = {}
    for path, kind in placed:
        place = _null(data, path)
        if len(place) == 1:
            failed.setdefault(str(path[0]), Problem(kind, path[1:]))
        else:
            nested[place] = kind
    for alias, value in data.items():
        if not isinstance(value, dict):
            failed.setdefault(alias, Problem("MISSING" if value is None else "MALFORMED"))
    return Answered(
        data={alias: value for alias, value in data.items() if alias not in failed and alias != "rateLimit"},
        errors=failed,
        nested=nested,
        cost=max(1, _number(limit, "cost") or 1),
        remaining=_number(limit, "remaining"),
        reset_at=_moment(limit),
    )


def malformed(status: int) -> BadAnswer:
    """An answer that is not GraphQL's."""
    failure = BadAnswer(
        f"{SERVICE} answered a query with something unexpected.",
        service=SERVICE,
        why="The answer is not one of GraphQL's.",
        fix="Check GITHUB_GRAPHQL_URL.",
    )
    failure.status = status
    return failure


def _refusal(errors: list[Mapping[str, Any]], status: int) -> Refused:
    kinds = [_kind(error) for error in errors]
    late = any(words in str(error.get("message", "")).lower() for error in errors for words in ("timeout", "timed out"))
    formal = all("type" not in error and (error.get("locations") or error.get("extensions")) for error in errors)
    if late or SIZE_KINDS & set(kinds):
        code, why = TOO_MUCH, "The query asks for more than GitHub gives at once, or GitHub is slow at this time."
    elif formal:
        code, why = QUERY, "It does not know a field or an argument of the query."
    else:
        code, why = kinds[0].lower().replace("_", " "), f"Its error is {kinds[0]}."
    return Refused(
        f"{SERVICE} did not answer a query.",
        service=SERVICE,
        status=status,
        code=code,
        why=why,
        fix="GitHub Enterprise Server: update it. Else report this."
        if code == QUERY
        else "Run again when GitHub is well, with a token that may read what is asked.",
    )


def _errors(body: object) -> Iterator[Mapping[str, Any]]:
    """The errors of an answer. One that is none is an error without a type."""
    found = body.get("errors") if isinstance(body, dict) else None
    for error in found if isinstance(found, list) else [found] if found else []:
        yield error if isinstance(error, dict) else {}


def _kind(error: Mapping[str, Any]) -> str:
    kind = error.get("type")
    return kind if isinstance(kind, str) and re.fullmatch(r"[A-Z][A-Z_]{1,60}", kind) else "UNKNOWN"


def _path(error: Mapping[str, Any]) -> Path:
    """Where an error is; () where it does not say."""
    path = error.get("path")
    if not isinstance(path, list) or not path or not isinstance(path[0], str):
        return ()
    return tuple(path) if all(isinstance(step, (str, int)) for step in path) else ()


def _null(data: Mapping[str, Any], path: Path) -> Path:
    """The beginning of `path` that leads to null: an error where null is not allowed makes null of what is above."""
    value: Any = data
    for depth, step in enumerate(path):
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            break
        if value is None:
            return path[: depth + 1]
    return path


def _number(limit: object, name: str) -> int | None:
    value = limit.get(name) if isinstance(limit, dict) else None
    return value if type(value) is int and value >= 0 else None


def _moment(limit: object) -> float | None:
    value = limit.get("resetAt") if isinstance(limit, dict) else None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
