"""A branch and what guards it in GraphQL: its classic rule, what it asks of a push, the rules of rulesets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chittylocal.services.github_graphql_asked import Asked, Connection, id_of
from chittylocal.services.github_graphql_objects import CommitNode, Tree
from chittylocal.services.github_graphql_schema import Unanswered
from chittylocal.services.github_rules import in_force

NOT_SAID: dict[str, dict[str, Any]] = {
    "pull_request": {
        "dismiss_stale_reviews_on_push": False, "require_code_owner_review": False,
        "require_last_push_approval": False, "required_approving_review_count": 0,
        "required_review_thread_resolution": False,
    },
    "required_status_checks": {
        "do_not_enforce_on_create": False, "strict_required_status_checks_policy": False, "required_status_checks": [],
    },
}  # fmt: skip
"""What a rule asks where its parameters don't say it."""


class RefNode:
    """`Ref`: a branch."""

    typename = "Ref"
    prefix = "refs/heads/"

    def __init__(self, asked: Asked, tree: Tree, branch: str) -> None:
        self._asked = asked
        self._tree = tree
        self.name = branch
        self.id = id_of("Ref", f"{tree.name}:{branch}")

    @property
    def target(self) -> CommitNode:
        """The commit that it is at."""
        return CommitNode(self._tree)

    def branch_protection_rule(self) -> Any:
        """Its classic rule, for admins; null where the plan has none."""
        if self._asked.admin == "forbidden":
            raise Unanswered("FORBIDDEN", "Resource not accessible by integration")
        found = self._classic()
        return _classic(found, self.name) if found is not None and self._asked.admin == "yes" else None

    def ref_update_rule(self) -> Any:
        """What the classic rule asks of a push; null for who may not push."""
        found, rules = self._classic(), self._asked.data.rules
        if found is None or not (self._asked.admin == "yes" or rules.writer):
            return None
        shown = _classic(found, self.name)
        shown.viewer_can_push, shown.viewer_allowed_to_dismiss_reviews = True, self._asked.admin == "yes"
        return shown

    def rules(self, order_by: dict[str, str] | None = None, **page: Any) -> Connection | None:
        """Those of active rulesets, in their own order; null where the plan has none."""
        if not self._asked.data.rules.plan:
            return None
        return Connection(in_force(self._asked.data, self._tree.name, self.name), _rule, **page)

    def _classic(self) -> dict[str, Any] | None:
        rules = self._asked.data.rules
        return rules.classic(self._tree.name, self.name) if rules.plan else None


def _classic(rule: dict[str, Any], branch: str) -> SimpleNamespace:
    """REST's classic rule under GraphQL's names."""
    reviews = rule.get("required_pull_request_reviews")
    checks = rule.get("required_status_checks")

    def on(name: str) -> bool:
        return bool(rule.get(name, {}).get("enabled"))

    return SimpleNamespace(
        id=id_of("BranchProtectionRule", branch),
        pattern=branch,
        requires_approving_reviews=reviews is not None,
        required_approving_review_count=reviews.get("required_approving_review_count") if reviews else None,
        requires_code_owner_reviews=bool(reviews and reviews.get("require_code_owner_reviews")),
        dismisses_stale_reviews=bool(reviews and reviews.get("dismiss_stale_reviews")),
        requires_status_checks=checks is not None,
        requires_strict_status_checks=bool(checks and checks["strict"]),
        required_status_check_contexts=checks["contexts"] if checks else [],
        allows_force_pushes=on("allow_force_pushes"),
        allows_deletions=on("allow_deletions"),
        is_admin_enforced=on("enforce_admins"),
        requires_linear_history=on("required_linear_history"),
        requires_commit_signatures=on("required_signatures"),
        requires_signatures=on("required_signatures"),
        requires_conversation_resolution=on("required_conversation_resolution"),
        blocks_creations=on("block_creations"),
        lock_branch=on("lock_branch"),
    )


def _rule(rule: dict[str, Any]) -> SimpleNamespace:
    ruleset = {"name": "main", "enforcement": "ACTIVE", **rule.get("ruleset", {})}
    return SimpleNamespace(
        id=id_of("RepositoryRule", f"{ruleset['name']}:{rule['type']}"),
        type=rule["type"].upper(),
        parameters=_parameters(rule),
        repository_ruleset=SimpleNamespace(
            id=id_of("RepositoryRuleset", ruleset["name"]),
            name=ruleset["name"],
            enforcement=str(ruleset["enforcement"]).upper(),
        ),
    )


def _parameters(rule: dict[str, Any]) -> SimpleNamespace | None:
    kind = rule["type"]
    values = NOT_SAID.get(kind, {}) | (rule.get("parameters") or {})
    if not values:
        return None
    shown = {key: _nested(value) for key, value in values.items()}
    return SimpleNamespace(typename="".join(word.title() for word in kind.split("_")) + "Parameters", **shown)


def _nested(value: Any) -> Any:
    if isinstance(value, list):
        return [_nested(one) for one in value]
    return SimpleNamespace(**{"integration_id": None, **value}) if isinstance(value, dict) else value
