"""The base facts of many repositories by one GraphQL query: settings, guards, the upper folders, the files of the base.

Two queries: `settings` asks who a repository is, where its default branch stands and what guards it; `content` asks
the files beside that. Schema: https://docs.github.com/public/fpt/schema.docs.graphql
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.audit.listing import FRAGMENT, NOTHING, PLACES, Listing, listed
from chittyactions.compliance.audit.record import Standing
from chittyactions.ecosystem.github_graphql_answers import Part, Problem
from chittyactions.ecosystem.github_guard import Guard

PER_QUERY = 20
"""Repositories of a query for content, and of one for settings alone."""
SETTINGS_PER_QUERY = 80
ITSELF = ("nameWithOwner", "isArchived", "isDisabled", "isEmpty")
"""What has to be told of a repository before anything else of it counts."""
NOT_ALLOWED = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
"""Errors that are the token's. Any other may be gone the next time."""

_SETTINGS = """
fragment Settings on Repository {
  nameWithOwner isArchived isDisabled isEmpty isPrivate viewerCanAdminister
  defaultBranchRef {
    name
    target { oid }
    branchProtectionRule {
      requiresApprovingReviews requiredApprovingReviewCount requiresCodeOwnerReviews
      requiresStatusChecks requiredStatusCheckContexts allowsForcePushes
    }
    refUpdateRule {
      requiredApprovingReviewCount requiresCodeOwnerReviews requiredStatusCheckContexts allowsForcePushes
    }
    rules(first: 100) {
      pageInfo { hasNextPage }
      nodes {
        type
        parameters {
          ... on PullRequestParameters { requiredApprovingReviewCount requireCodeOwnerReview }
          ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
          ... on WorkflowsParameters { workflows { path } }
        }
      }
    }
  }
}
"""


def query(repositories: Sequence[str], *, content: bool) -> tuple[str, dict[str, str]]:
    """The query for some repositories (owner/name) with its variables; the i-th one answers at `r<i>`."""
    parts, declared = [], []
    variables: dict[str, str] = {}
    fields = "...Settings ...Content" if content else "...Settings"
    for number, repository in enumerate(repositories):
        owner, _, name = repository.partition("/")
        declared.append(f"$o{number}: String!, $n{number}: String!")
        variables |= {f"o{number}": owner, f"n{number}": name}
        parts.append(f"  r{number}: repository(owner: $o{number}, name: $n{number}) {{ {fields} }}\n")
    text = f"query({', '.join(declared)}) {{\n{''.join(parts)}  rateLimit {{ cost remaining resetAt }}\n}}\n"
    return text + _SETTINGS + (FRAGMENT if content else ""), variables


@dataclass(frozen=True)
class Base:
    """What GitHub says of one repository.

    Attributes:
        name: owner/name as GitHub has it now.
        guard: what guards the default branch, by all that is visible. `told`: whether that is all there is.
        listing: None where content was not asked for.
    """

    standing: Standing
    name: str = ""
    reason: str = ""
    private: bool = False
    branch: str = ""
    commit: str = ""
    guard: Guard = field(default_factory=Guard)
    told: bool = False
    listing: Listing | None = None


def read(asked: str, answer: Part | Problem, *, content: bool) -> Base:
    """The answer for one repository, which was asked for by `asked`. What is malformed in it is unknown."""
    if isinstance(answer, Problem):
        standing = Standing.MISSING if answer.kind == "NOT_FOUND" else _standing(answer.kind)
        return Base(standing, asked, answer.reason)
    try:
        return _read(answer, content=content)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Base(Standing.UNKNOWN, asked, "GitHub's answer has something unexpected in its place.")


def _standing(kind: str) -> Standing:
    """What an error says of a repository that is there."""
    return Standing.NO_ACCESS if kind in NOT_ALLOWED else Standing.UNKNOWN


def _read(answer: Part, *, content: bool) -> Base:
    data = answer.data
    name = str(data["nameWithOwner"])
    private = data["isPrivate"] is not False or bool(answer.why_unknown("isPrivate"))
    if kind := next(filter(None, map(answer.why_unknown, ITSELF)), ""):
        return Base(_standing(kind), name, Problem(kind).reason, private)
    branch = data["defaultBranchRef"]
    if data["isArchived"]:
        return Base(Standing.ARCHIVED, name, "The repository is archived: nothing in it can be changed.", private)
    if data["isDisabled"]:
        return Base(Standing.NO_ACCESS, name, "GitHub has disabled the repository.", private)
    at = "defaultBranchRef"
    if kind := answer.why_unknown(at, "name") or answer.why_unknown(at, "target"):
        return Base(_standing(kind), name, Problem(kind).reason, private)
    if branch is None and not data["isEmpty"]:
        return Base(Standing.NO_ACCESS, name, "This token may not read the repository's contents.", private)
    if branch is None:
        return Base(Standing.EMPTY, name, "There is no commit in the repository.", private)
    commit = str(branch["target"]["oid"])
    guard, told = _guard(answer)
    listing = None
    if content:
        kinds = [kind for path, kind in answer.unknown.items() if path[0] in PLACES]
        if refused := next((kind for kind in kinds if kind in NOT_ALLOWED), ""):
            reason = Problem(refused).reason
            return Base(Standing.NO_ACCESS, name, reason, private, str(branch["name"]), commit)
        listing = NOTHING if kinds else listed(data)  # what did not come is read with the whole commit
    return Base(Standing.JUDGED, name, "", private, str(branch["name"]), commit, guard, told, listing)


def _guard(answer: Part) -> tuple[Guard, bool]:
    """What guards the default branch, and whether everything that might was to be seen.

    An error below a rule takes all of it away: the part that is null would read as one that asks for nothing.
    """
    at = "defaultBranchRef"
    branch = answer.data[at]
    classic, rules = branch["branchProtectionRule"], branch["rules"]
    guard = Guard()
    for name in ("branchProtectionRule", "refUpdateRule"):
        one = branch[name]
        if one and not answer.why_unknown(at, name):
            guard |= Guard(
                reviews=(one["requiredApprovingReviewCount"] or 0) > 0 or one["requiresCodeOwnerReviews"] is True,
                status_checks=bool(one["requiredStatusCheckContexts"]),
                no_force_pushes=one["allowsForcePushes"] is False,
            )
    nodes = rules["nodes"] if rules else None
    for number, rule in enumerate(nodes or ()):
        if rule and not answer.why_unknown(at, "rules", "nodes", number):
            guard |= _of(rule["type"], rule["parameters"] or {})
    hidden = answer.why_unknown(at, "branchProtectionRule") or answer.why_unknown(at, "rules")
    admin = answer.data["viewerCanAdminister"] is True and not answer.why_unknown("viewerCanAdminister")
    seen = (classic is not None or admin) and nodes is not None and all(nodes)
    return guard, guard.whole or bool(seen and not hidden and not rules["pageInfo"]["hasNextPage"])


def _of(kind: str, parameters: Mapping[str, Any]) -> Guard:
    if kind == "PULL_REQUEST":
        count, owners = parameters["requiredApprovingReviewCount"], parameters["requireCodeOwnerReview"]
        return Guard(reviews=count > 0 or owners is True)
    if kind == "REQUIRED_STATUS_CHECKS":
        return Guard(status_checks=bool(parameters["requiredStatusChecks"]))
    if kind == "WORKFLOWS":
        return Guard(status_checks=bool(parameters["workflows"]))
    return Guard(no_force_pushes=kind == "NON_FAST_FORWARD")
