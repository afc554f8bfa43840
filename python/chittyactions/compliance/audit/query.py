"""The base facts of many repositories by one GraphQL query: settings, guards, the upper folders, the files of the base.

Two queries: `settings` asks who a repository is, where its default branch stands and what guards it; `content` asks
the files beside that. Schema: https://docs.github.com/public/fpt/schema.docs.graphql
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.audit.record import Standing
from chittyactions.compliance.files import Kind
from chittyactions.ecosystem.github_graphql_answers import Part, Problem
from chittyactions.ecosystem.github_guard import Guard

FILES = (
    ".chittyconnect.yml",
    ".chittyops.yml",
    "CHARTER.md",
    "CLAUDE.md",
    "CODEOWNERS",
    ".github/CODEOWNERS",
    "docs/CODEOWNERS",
    "package.json",
    "pyproject.toml",
    "wrangler.json",
    "wrangler.jsonc",
    "wrangler.toml",
)
"""What the checks of most services read, beside the workflows."""
WORKFLOWS = ".github/workflows"
LEVELS = 3
"""Of folders whose entries are listed."""
PER_QUERY = 20
"""Repositories of a query for content, and of one for settings alone."""
SETTINGS_PER_QUERY = 80

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
_TEXT = "... on Blob { oid byteSize isBinary isTruncated text }"


def _listing(levels: int) -> str:
    below = f" object {{ {_listing(levels - 1)} }}" if levels > 1 else ""
    return f"... on Tree {{ entries {{ name mode type{below} }} }}"


_CONTENT = (
    "\nfragment Content on Repository {\n"
    f'  tree: object(expression: "HEAD:") {{ {_listing(LEVELS)} }}\n'
    f'  workflows: object(expression: "HEAD:{WORKFLOWS}") {{\n'
    f"    ... on Tree {{ entries {{ name object {{ {_TEXT} }} }} }}\n  }}\n"
    + "".join(f'  f{number}: object(expression: "HEAD:{path}") {{ {_TEXT} }}\n' for number, path in enumerate(FILES))
    + "}\n"
)


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
    return text + _SETTINGS + (_CONTENT if content else ""), variables


@dataclass(frozen=True)
class Listing:
    """The upper folders of a commit, and texts of it.

    Attributes:
        kinds: what lies at each path that is listed.
        folders: every folder that is listed. `unlisted`: those whose entries are not.
        texts: by path, of the files that came whole.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    texts: Mapping[str, bytes] = field(default_factory=dict)


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
        standing = {"NOT_FOUND": Standing.MISSING, "FORBIDDEN": Standing.NO_ACCESS}.get(answer.kind, Standing.UNKNOWN)
        return Base(standing, asked, answer.reason)
    try:
        return _read(answer, content=content)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Base(Standing.UNKNOWN, asked, "GitHub's answer has something unexpected in its place.")


def _read(answer: Part, *, content: bool) -> Base:
    data = answer.data
    name, private = str(data["nameWithOwner"]), data["isPrivate"] is True
    branch = data["defaultBranchRef"]
    if data["isArchived"]:
        return Base(Standing.ARCHIVED, name, "The repository is archived: nothing in it can be changed.", private)
    if data["isDisabled"]:
        return Base(Standing.NO_ACCESS, name, "GitHub has disabled the repository.", private)
    if answer.why_unknown("defaultBranchRef") or (branch is None and not data["isEmpty"]):
        return Base(Standing.NO_ACCESS, name, "This token may not read the repository's contents.", private)
    if branch is None:
        return Base(Standing.EMPTY, name, "There is no commit in the repository.", private)
    commit = str(branch["target"]["oid"])
    guard, told = _guard(answer)
    listing = None
    if content:
        kind = next((k for path, k in answer.unknown.items() if path[0] in _PLACES), "")
        if kind or data["tree"] is None:
            reason = Problem(kind or "MISSING").reason
            standing = Standing.NO_ACCESS if kind == "FORBIDDEN" else Standing.UNKNOWN
            return Base(standing, name, reason, private, str(branch["name"]), commit)
        listing = _listed(data)
    return Base(Standing.JUDGED, name, "", private, str(branch["name"]), commit, guard, told, listing)


_PLACES = frozenset({"tree", "workflows", *(f"f{number}" for number in range(len(FILES)))})


def _guard(answer: Part) -> tuple[Guard, bool]:
    """What guards the default branch, and whether everything that might was to be seen."""
    branch = answer.data["defaultBranchRef"]
    classic, rules = branch["branchProtectionRule"], branch["rules"]
    guard = Guard()
    for one in (classic, branch["refUpdateRule"]):
        if one:
            guard |= Guard(
                reviews=(one["requiredApprovingReviewCount"] or 0) > 0 or one["requiresCodeOwnerReviews"] is True,
                status_checks=bool(one["requiredStatusCheckContexts"]),
                no_force_pushes=one["allowsForcePushes"] is False,
            )
    for rule in rules["nodes"] if rules else ():
        guard |= _of(rule["type"], rule["parameters"] or {})
    at = "defaultBranchRef"
    hidden = answer.why_unknown(at, "branchProtectionRule") or answer.why_unknown(at, "rules")
    seen = (classic is not None or answer.data["viewerCanAdminister"] is True) and rules is not None
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


_KINDS = {0o120000: Kind.LINK, 0o160000: Kind.SUBMODULE}


def _listed(data: Mapping[str, Any]) -> Listing:
    kinds: dict[str, Kind] = {}
    folders, unlisted = {""}, set()
    waiting = [("", data["tree"]["entries"])]
    for folder, entries in waiting:  # it grows while it is gone through
        for entry in entries:
            path = f"{folder}/{entry['name']}" if folder else str(entry["name"])
            if entry["type"] != "tree":
                kinds[path] = _KINDS.get(entry["mode"], Kind.FILE)
            elif within := (entry.get("object") or {}).get("entries"):
                folders.add(path)
                waiting.append((path, within))
            else:
                unlisted.add(path)
    texts = {
        path: text for path, text in _texts(data) if kinds.get(path) is Kind.FILE
    }  # of a link it is what it leads to
    return Listing(kinds, frozenset(folders), frozenset(unlisted), texts)


def _texts(data: Mapping[str, Any]) -> Iterable[tuple[str, bytes]]:
    found = [(path, data[f"f{number}"]) for number, path in enumerate(FILES)]
    workflows = (data["workflows"] or {}).get("entries") or ()
    found += [(f"{WORKFLOWS}/{entry['name']}", entry["object"]) for entry in workflows]
    for path, blob in found:
        if blob and isinstance(blob.get("text"), str) and not blob["isTruncated"]:
            text = blob["text"].encode("utf-8", "surrogatepass")
            if len(text) == blob["byteSize"]:  # else GitHub changed it to have a text at all
                yield path, text
