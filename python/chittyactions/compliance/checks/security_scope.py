"""Whose words a text of a workflow has in it, as far as the files hand them on: by `env`, and by a call's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chittyactions.compliance.expression_tree import Source, sources
from chittyactions.compliance.expressions import EXPRESSION

LONGEST = 100_000
"""Signs of a text that is searched."""


@dataclass(frozen=True)
class Scope:
    """What `env` and `inputs` hold at one place. What a step puts out while it runs is not in it."""

    env: Mapping[str, Any] = field(default_factory=dict)
    """Of the step, the job or the workflow itself."""
    outer: Scope | None = None
    """The job around a step, the workflow around a job; around an action the step that uses it."""
    inputs: Mapping[str, Any] | None = None
    """What the file is called with, by names in lower case; None of what is no file's beginning."""
    above: Scope | None = None
    """Where those inputs are written."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Of the inputs that the call leaves out."""

    known: dict[str, tuple[Source, ...]] = field(default_factory=dict, init=False, repr=False)
    """What was asked already."""

    def expressions(self, text: str) -> Iterator[tuple[str, tuple[Source, ...]]]:
        """Each expression of a text once, as it is written, with whatever it may come from."""
        found = dict.fromkeys((one[0], one[1]) for one in EXPRESSION.finditer(text[:LONGEST]) if one[0].endswith("}}"))
        for whole, inside in found:
            yield whole, tuple(dict.fromkeys(self._resolved(inside)))

    def sources(self, text: Any) -> tuple[Source, ...]:
        """What the expressions of a text come from, all of them."""
        if not isinstance(text, str):
            return ()
        return tuple(dict.fromkeys(one for _, found in self.expressions(text) for one in found))

    def variable(self, name: str) -> tuple[Source, ...]:
        """What an environment variable comes from, in any case of its name; "*" for all of them."""
        if name not in self.known:
            own = [value for one, value in self.env.items() if name in ("*", one.lower())]
            within = replace(self, env={})  # a value sees what is around it
            found = [one for value in own for one in within.sources(value)]
            if self.outer and (name == "*" or not own):
                found += self.outer.variable(name)
            self.known[name] = tuple(dict.fromkeys(found))
        return self.known[name]

    def given(self, name: str) -> tuple[Source, ...]:
        """What an input comes from; "*" for all of them."""
        if self.inputs is None:
            return self.outer.given(name) if self.outer else ()
        key = f"inputs.{name}"
        if key not in self.known:
            own = [self.inputs[one] for one in self.inputs if name in ("*", one)]
            left = [
                value
                for one, value in self.defaults.items()
                if name in ("*", one.lower()) and one.lower() not in self.inputs
            ]
            found = [one for value in own for one in (self.above or Scope()).sources(value)]
            self.known[key] = (*found, *(one for value in left for one in Scope().sources(value)))
        return self.known[key]

    def _resolved(self, expression: str) -> Iterator[Source]:
        for source in sources(expression):
            context, name = source.parts[0], source.parts[1] if len(source.parts) > 1 else "*"
            if context == "env":
                yield from self.variable(name)
            elif context == "inputs":
                yield from self.given(name)
            else:
                yield source
