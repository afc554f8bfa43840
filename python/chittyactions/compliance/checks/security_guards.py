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
    vouched: tuple[str, ...]
    """Names that are true only of what somebody of the repository has taken in."""
    payloads: Mapping[str, str]
    """Events, and how the names begin that only such an event has. Of others they are null, which is like false."""
    events: frozenset[str]
    """The events of the workflow that strangers may cause, and that run with the repository's rights."""

    def stand(self, conditions: Iterable[str]) -> bool:
        """Whether one of some conditions, each of which has to hold, holds for no stranger, whatever the event."""
        trees = [tree for one in conditions if (tree := condition_of(one)) is not None]
        return all(any(self._rules_out(tree, event, truth=True) for tree in trees) for event in self.events)

    def _rules_out(self, tree: Node, event: str, *, truth: bool) -> bool:
        """Whether no stranger's event can have the condition come to `truth`."""
        if isinstance(tree, Negated):
            return self._rules_out(tree.inner, event, truth=not truth)
        if isinstance(tree, Literal):
            return tree.value in (True, False) and bool(tree.value) is not truth
        if isinstance(tree, Name):
            return self._never(tree, event, truth=truth)
        if isinstance(tree, Joined) and tree.sign in ("&&", "||"):
            sides = (self._rules_out(one, event, truth=truth) for one in alternatives(tree, tree.sign))
            return any(sides) if (tree.sign == "&&") is truth else all(sides)
        if isinstance(tree, Joined) and tree.sign in ("==", "!="):
            alike = (tree.sign == "==") is truth
            pairs = ((tree.left, tree.right), (tree.right, tree.left))
            return any(self._told_apart(one, other, event, alike=alike) for one, other in pairs)
        return False

    def _never(self, name: Name, event: str, *, truth: bool) -> bool:
        """Whether no stranger's event has this name true, or none has it untrue."""
        if truth:
            return _is_one(name, self.vouched)
        return _is_one(name, self.untrue) and not self._is_null(name, event)

    def _told_apart(self, name: Node, value: Node, event: str, *, alike: bool) -> bool:
        """Whether no stranger's event has this name with this value, or without it where they are not `alike`."""
        if not isinstance(name, Name):
            return False
        if isinstance(value, Literal) and not value.quoted:
            return value.value in (True, False) and self._never(name, event, truth=bool(value.value) is alike)
        if name.parts == EVENT and isinstance(value, Literal):
            return (str(value.value).lower() == event) is not alike
        if isinstance(value, Name) and self._is_null(name, event) and self._is_null(value, event):
            return False  # null is null
        return alike and any(_is_one(name, one["names"]) and _is_equal(value, one) for one in self.equal)

    def _is_null(self, name: Name, event: str) -> bool:
        """Whether an event has no such name, since it is another's."""
        said = ".".join(name.parts)
        return any(of != event and said.startswith(begin) for of, begin in self.payloads.items())


def guards(parameters: Mapping[str, Any], triggers: Collection[str]) -> Guards:
    """Those of checks.yml, for a workflow that these events start."""
    stated = parameters["guards"]
    events = frozenset(parameters["triggers"]).intersection(triggers)
    equal, untrue, vouched = (tuple(stated[one]) for one in ("equal", "untrue", "vouched"))
    return Guards(equal, untrue, vouched, stated["payloads"], events)


def _is_one(name: Name, of: Iterable[str]) -> bool:
    return ".".join(name.parts) in of


def _is_equal(value: Node, guard: Mapping[str, Any]) -> bool:
    if isinstance(value, Name):
        return _is_one(value, guard.get("to", ()))
    text = guard.get("text")
    return isinstance(value, Literal) and text is not None and bool(re.fullmatch(text, str(value.value)))
