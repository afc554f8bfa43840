"""Whether a condition lets a run go on for a stranger: `head.repo.full_name == github.repository` and its like."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chittyactions.compliance.expression_tree import (
    Joined,
    Literal,
    Name,
    Negated,
    Node,
    alternatives,
    condition_of,
)

EVENT = ("github", "event_name")


@dataclass(frozen=True)
class Guards:
    """What rules a stranger out."""

    equal: tuple[Mapping[str, Any], ...]
    """Each with `names`, and what one of them has to be equal to: one of the names `to`, or a text that fits `text`."""
    untrue: tuple[str, ...]
    """Names that are true of strangers alone."""
    events: frozenset[str]
    """The events of the workflow that strangers may cause, and that run with the repository's rights."""

    def stand(self, conditions: Iterable[str]) -> bool:
        """Whether one of some conditions, each of which has to hold, holds for no stranger."""
        trees = (condition_of(one) for one in conditions)
        return any(tree is not None and self._rules_out(tree, truth=True) for tree in trees)

    def _rules_out(self, tree: Node, *, truth: bool) -> bool:
        """Whether no stranger can have the condition come to `truth`."""
        if isinstance(tree, Negated):
            return self._rules_out(tree.inner, truth=not truth)
        if isinstance(tree, Literal):
            return tree.value in (True, False) and bool(tree.value) is not truth
        if isinstance(tree, Name):
            return not truth and _is_one(tree, self.untrue)
        if isinstance(tree, Joined) and tree.sign in ("&&", "||"):
            sides = (self._rules_out(one, truth=truth) for one in alternatives(tree, tree.sign))
            return any(sides) if (tree.sign == "&&") is truth else all(sides)
        if isinstance(tree, Joined) and tree.sign in ("==", "!="):
            alike = (tree.sign == "==") is truth
            pairs = ((tree.left, tree.right), (tree.right, tree.left))
            return any(self._told_apart(one, other, alike=alike) for one, other in pairs)
        return False

    def _told_apart(self, name: Node, value: Node, *, alike: bool) -> bool:
        """Whether no stranger's run has this name with this value, or without it where they are not `alike`."""
        if not isinstance(name, Name):
            return False
        if isinstance(value, Literal) and not value.quoted:
            return _is_one(name, self.untrue) and value.value in (True, False) and bool(value.value) is not alike
        if name.parts == EVENT and isinstance(value, Literal):
            event = str(value.value).lower()
            return event not in self.events if alike else self.events == {event}
        return alike and any(_is_one(name, one["names"]) and _is_equal(value, one) for one in self.equal)


def guards(parameters: Mapping[str, Any], triggers: Collection[str]) -> Guards:
    """Those of checks.yml, for a workflow that these events start."""
    stated = parameters["guards"]
    events = frozenset(parameters["triggers"]).intersection(triggers)
    return Guards(tuple(stated["equal"]), tuple(stated["untrue"]), events)


def _is_one(name: Name, of: Iterable[str]) -> bool:
    return ".".join(name.parts) in of


def _is_equal(value: Node, guard: Mapping[str, Any]) -> bool:
    if isinstance(value, Name):
        return _is_one(value, guard.get("to", ()))
    text = guard.get("text")
    return isinstance(value, Literal) and text is not None and bool(re.fullmatch(text, str(value.value)))
