"""What GitHub says of an organisation's repositories: a query for each hundred, and one for those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chittyactions.ecosystem.github_graphql_answers import TOO_MUCH, Answered, Part, Problem
from chittyactions.errors import CredentialError, Refused, ServiceError

CONNECT = ".chittyconnect.yml"
PAGE = 100
SMALLEST_PAGE = 10
"""Repositories of a page: fewer are asked for where that is too much for GitHub, but not fewer than this."""
BATCH = 20
"""Missing repositories that are asked for in one query."""

FACTS = """
fragment Facts on Repository {
  nameWithOwner isArchived isFork isTemplate isEmpty isPrivate primaryLanguage { name }
  connect: object(expression: "HEAD:.chittyconnect.yml") { __typename ... on Blob { text isTruncated } }
}"""

QUERY = f"""query Listing($login: String!, $first: Int!, $after: String) {{
  rateLimit {{ limit cost remaining resetAt }}
  organization(login: $login) {{
    repositories(first: $first, after: $after, ownerAffiliations: [OWNER], orderBy: {{field: NAME, direction: ASC}}) {{
      totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ ...Facts }}
    }}
  }}
}}{FACTS}"""

Ask = Callable[[str, Mapping[str, Any]], Answered]
"""`GraphQL.ask`."""


@dataclass(frozen=True)
class Listed:
    """A repository as GitHub has it now.

    Attributes:
        repository: owner/name.
        language: the one that most of it is written in; "" where GitHub tells none.
        connect: the text of its `.chittyconnect.yml` at the default branch; None where there is none.
        unread: why that file could not be read, half a sentence; "" where it could, or there is none.
    """

    repository: str
    archived: bool = False
    fork: bool = False
    empty: bool = False
    private: bool = False
    template: bool = False
    language: str = ""
    connect: str | None = None
    unread: str = ""

    @property
    def name(self) -> str:
        """The name without its owner."""
        return self.repository.partition("/")[2]


@dataclass(frozen=True)
class Listing:
    """An organisation's repositories.

    Attributes:
        followed: owner/name in lower case, of those that are not among them → what GitHub has by that name now, None
            where it has nothing, or nothing that the token may see.
        incomplete: why something is not known, a sentence each. What is missing means nothing then.
    """

    organization: str
    repositories: tuple[Listed, ...] = ()
    followed: Mapping[str, Listed | None] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()


def listed(ask: Ask, organization: str, registered: Iterable[str]) -> Listing:
    """The repositories of an organisation, and what became of the `registered` ones (owner/name) that it has not."""
    found: dict[str, Listed] = {}
    try:
        problems = _pages(ask, organization, found)
        missing = [] if problems else [one for one in registered if one.lower() not in found]
        followed = _follow(ask, missing, problems)
    except (CredentialError, ServiceError) as failure:
        problems, followed = [" ".join(part for part in (failure.what, failure.why, failure.fix) if part)], {}
    return Listing(organization, tuple(found.values()), followed, tuple(f"{organization}: {one}" for one in problems))


def _pages(ask: Ask, organization: str, found: dict[str, Listed]) -> list[str]:
    """Fill `found`, by owner/name in lower case; what went wrong. Raises ServiceError."""
    first, after, total = PAGE, None, 0
    problems: list[str] = []
    while True:
        try:
            answered = ask(QUERY, {"login": organization, "first": first, "after": after})
        except Refused as refused:
            if refused.code != TOO_MUCH or first // 2 < SMALLEST_PAGE:
                raise
            first //= 2
            continue
        part = answered.part("organization")
        if isinstance(part, Problem):
            known = part.kind == "NOT_FOUND"
            return [*problems, "GitHub knows no organisation of that name." if known else part.reason]
        connection = part.data.get("repositories")
        if not isinstance(connection, dict):
            return [*problems, "GitHub does not tell this token which repositories there are."]
        for number, node in enumerate(connection.get("nodes") or ()):
            one = _facts(part, node, "repositories", "nodes", number)
            if one is None:
                problems.append("GitHub lists a repository that this token may not see.")
            else:
                found[one.repository.lower()] = one
                problems += [one.unread] if one.unread.startswith("GitHub") else []
        total, page = connection.get("totalCount", 0), connection.get("pageInfo") or {}
        if not page.get("hasNextPage"):
            break
        if page.get("endCursor") in (None, after):
            return [*problems, "GitHub tells no next page, and says that there is one."]
        after = page["endCursor"]
    if not problems and len(found) < total:
        problems.append(f"GitHub says that there are {total} repositories, and lists {len(found)}.")
    return problems


def _follow(ask: Ask, names: list[str], problems: list[str]) -> dict[str, Listed | None]:
    """What GitHub has by these names now; `problems` gets what it does not say. Raises ServiceError."""
    followed: dict[str, Listed | None] = {}
    for at in range(0, len(names), BATCH):
        batch = names[at : at + BATCH]
        declared = ", ".join(f"$o{number}: String!, $n{number}: String!" for number in range(len(batch)))
        aliases = "\n".join(
            f"  r{number}: repository(owner: $o{number}, name: $n{number}, followRenames: true) {{ ...Facts }}"
            for number in range(len(batch))
        )
        variables = {}
        for number, name in enumerate(batch):
            variables[f"o{number}"], _, variables[f"n{number}"] = name.partition("/")
        query = f"query Missing({declared}) {{\n  rateLimit {{ limit cost remaining resetAt }}\n{aliases}\n}}{FACTS}"
        answered = ask(query, variables)
        for number, name in enumerate(batch):
            part = answered.part(f"r{number}")
            one = None if isinstance(part, Problem) else _facts(part, part.data)
            if one or (isinstance(part, Problem) and part.kind == "NOT_FOUND"):
                followed[name.lower()] = one
            else:
                problems.append(f"{name} is not listed. {part.reason if isinstance(part, Problem) else ''}".strip())
    return followed


def _facts(part: Part, node: Any, *place: str | int) -> Listed | None:
    """One repository of an answer, that stands at `place` below the alias; None where it is not told."""
    if not isinstance(node, dict) or not isinstance(node.get("nameWithOwner"), str):
        return None
    name: str = node["nameWithOwner"]
    text, unread = _connect(node.get("connect"), f"{CONNECT} of {name}")
    if kind := part.why_unknown(*place, "connect"):
        unread = f"GitHub did not answer what is in {CONNECT} of {name} ({kind})."
    language = node.get("primaryLanguage")
    return Listed(
        name,
        archived=node.get("isArchived") is True,
        fork=node.get("isFork") is True,
        empty=node.get("isEmpty") is True,
        private=node.get("isPrivate") is not False,
        template=node.get("isTemplate") is True,
        language=str(language.get("name", "")) if isinstance(language, dict) else "",
        connect=text,
        unread=unread,
    )


def _connect(blob: Any, said: str) -> tuple[str | None, str]:
    """The text of the file, and why there is none where there is a file."""
    if not isinstance(blob, dict):
        return None, ""
    if blob.get("__typename") != "Blob":
        return None, f"{said} is no file"
    if blob.get("isTruncated"):
        return None, f"{said} is larger than GitHub shows"
    text = blob.get("text")
    return (text, "") if isinstance(text, str) else (None, f"{said} is no text")
