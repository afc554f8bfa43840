"""What GitHub's REST API says of how a repository is guarded: its default branch, rules, and workflows that are off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import Field, RootModel

from chittyactions.ecosystem.github_wire import BASE_URL, Answer, Wire
from chittyactions.errors import Refused
from chittyactions.http import Client

PER_PAGE = 100
MOST_PAGES = 50

NO_RULES = "plan"
"""The code of GitHub's refusal where the owner's plan has no rules for private repositories: there are none."""


@dataclass(frozen=True)
class Guard:
    """What guards a branch, by one kind of rule or by several together."""

    reviews: bool = False
    status_checks: bool = False
    no_force_pushes: bool = False

    def __or__(self, other: Guard) -> Guard:
        return Guard(
            self.reviews or other.reviews,
            self.status_checks or other.status_checks,
            self.no_force_pushes or other.no_force_pushes,
        )

    @property
    def whole(self) -> bool:
        """Whether nothing is lacking."""
        return self.reviews and self.status_checks and self.no_force_pushes


@dataclass(frozen=True)
class Switches:
    """The workflows that are switched off, by a person or by GitHub.

    Attributes:
        off: their paths.
        etag: GitHub's name of that answer, of which the token is a part: another token's is another one. "" for none.
        asked: when it was given, in seconds since 1970; 0 where nobody noted it.
    """

    off: tuple[str, ...]
    etag: str = ""
    asked: int = 0


class _Repository(Answer):
    default_branch: str


class _Checks(Answer):
    enforcement_level: str = ""
    contexts: tuple[str, ...] = ()
    checks: tuple[dict[str, Any], ...] = ()

    @property
    def some(self) -> bool:
        return bool(self.contexts or self.checks) and self.enforcement_level != "off"


class _Shown(Answer):
    required_status_checks: _Checks | None = None


class _Branch(Answer):
    protected: bool
    protection: _Shown | None = None


class _Rule(Answer):
    type: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class _Rules(RootModel[tuple[_Rule, ...]]):
    pass


class _Reviews(Answer):
    required_approving_review_count: int = 1
    require_code_owner_reviews: bool = False


class _Switch(Answer):
    enabled: bool = False


class _Classic(Answer):
    required_pull_request_reviews: _Reviews | None = None
    required_status_checks: _Checks | None = None
    allow_force_pushes: _Switch = _Switch()


class _Workflow(Answer):
    path: str
    state: str


class _Workflows(Answer):
    workflows: tuple[_Workflow, ...] = ()


class RepositoryGuard:
    """One repository (`owner/name`), with a token that may be empty.

    Methods raise Refused (with the HTTP status and a code), Unreachable, AnswerLost or BadAnswer.
    """

    def __init__(self, client: Client, *, repository: str, token: str, base_url: str = BASE_URL) -> None:
        fix = "Give the token read access to the repository's administration, or look into its settings."
        self._wire = Wire(client, token=token, base_url=f"{base_url.rstrip('/')}/repos/{repository}", fix=fix)

    def default_branch(self) -> str:
        """Whatever it is called."""
        return self._wire.call("GET", "", _Repository).default_branch

    def shown(self, branch: str) -> tuple[bool, Guard]:
        """Whether a classic rule or a ruleset protects a branch, and what everybody may see of the classic rule."""
        answer = self._wire.call("GET", f"/branches/{quote(branch, safe='')}", _Branch)
        checks = answer.protection.required_status_checks if answer.protection else None
        return answer.protected, Guard(status_checks=checks is not None and checks.some)

    def rules(self, branch: str) -> Guard:
        """What the active rulesets of the repository and of its organisation ask for."""
        try:
            return self._rules(branch)
        except Refused as refused:
            if refused.code == NO_RULES:
                return Guard()
            raise

    def _rules(self, branch: str) -> Guard:
        guard = Guard()
        for page in range(1, MOST_PAGES + 1):
            path = f"/rules/branches/{quote(branch, safe='')}?per_page={PER_PAGE}&page={page}"
            rules = self._wire.call("GET", path, _Rules).root
            for rule in rules:
                guard |= _of(rule)
            if len(rules) < PER_PAGE:
                break
        return guard

    def classic(self, branch: str) -> Guard:
        """What the classic rule asks for, if there is one. Refused to a token without admin rights, as 403 or 404."""
        try:
            rule = self._wire.call("GET", f"/branches/{quote(branch, safe='')}/protection", _Classic)
        except Refused as refused:
            if refused.code in ("not protected", NO_RULES):
                return Guard()
            raise
        reviews, checks = rule.required_pull_request_reviews, rule.required_status_checks
        wanted = reviews is not None and (
            reviews.required_approving_review_count > 0 or reviews.require_code_owner_reviews
        )
        return Guard(wanted, checks is not None and checks.some, not rule.allow_force_pushes.enabled)

    def disabled_workflows(self) -> tuple[str, ...]:
        """Paths of the workflows that are switched off, by a person or by GitHub."""
        return self.switches().off

    def switches(self, held: Switches | None = None) -> Switches:
        """The same with what it takes to ask again for nothing, by `held` of an earlier time.

        An answer of several pages has no such name: each page has its own.
        """
        found: list[str] = []
        etag = ""
        for page in range(1, MOST_PAGES + 1):
            path = f"/actions/workflows?per_page={PER_PAGE}&page={page}"
            response = self._wire.send("GET", path, etag=held.etag if held and page == 1 else "")
            if held and response.status == 304:
                return Switches(held.off, held.etag)
            listed = self._wire.shaped(response, "GET", _Workflows).workflows
            found += [one.path for one in listed if one.state.startswith("disabled")]
            if len(listed) < PER_PAGE:
                etag = response.headers.get("etag", "") if page == 1 else ""
                break
        return Switches(tuple(sorted(found)), etag)


def _of(rule: _Rule) -> Guard:
    """What one rule of a ruleset asks for."""
    parameters = rule.parameters
    if rule.type == "pull_request":
        approvals = parameters.get("required_approving_review_count")
        owners = parameters.get("require_code_owner_review")
        return Guard(reviews=(isinstance(approvals, int) and approvals > 0) or owners is True)
    if rule.type == "required_status_checks":
        return Guard(status_checks=bool(parameters.get("required_status_checks")))
    if rule.type == "workflows":
        return Guard(status_checks=bool(parameters.get("workflows")))
    return Guard(no_force_pushes=rule.type == "non_fast_forward")
