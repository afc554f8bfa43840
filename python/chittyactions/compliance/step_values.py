"""What the expressions and environment variables of a step hold, as far as the files of the repository say.

What no file says stays as its name in braces: `{secrets.KEY}` is set somewhere else, `{KEY}` nowhere at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chittyactions.compliance.expressions import EVERY_OTHER, evaluated, holds, said
from chittyactions.compliance.shell_words import Budget
from chittyactions.compliance.workflows import Step

DEEPEST = 4
"""Expressions that name each other."""

BRANCH = "&&"
"""Among the values of a run: how many times `a && b || c` is not b. No variable of a matrix has this name."""

# An expression that never ends is taken to the end, so that no pattern begins there again and again.
_EXPRESSION = re.compile(r"\$\{\{((?:'[^']*(?:'|\Z)|\}(?!\})|[^'}])*)(?:\}\}|\Z)")
_PARTS = re.compile(r"(?:'[^']*(?:'|\Z)|[^'|]|(?<!\|)\|(?!\|))+")
_CHOSEN = re.compile(r"((?:'[^']*(?:'|\Z)|[^'])*)&&(.*)", re.DOTALL)
_QUOTED = re.compile(r"'(.*)'", re.DOTALL)
_NAMED = re.compile(r"(env|inputs|vars|secrets|matrix|github\.event\.inputs|steps\.[\w-]+\.outputs)\.([\w.-]+)")
_INDEXED = re.compile(r"\['([\w-]+)'\]")


class Values:
    """The values of one step."""

    def __init__(
        self,
        step: Step,
        named: Mapping[str, str],
        *,
        matrix: Mapping[str, Any] | None = None,
        handed: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> None:
        """
        Args:
            step: whose they are.
            named: the usual values of variables that no file sets.
            matrix: the values of one run of the job.
            handed: what earlier steps of the job hand on: `env.NAME` and `steps.ID.outputs.NAME`.
            budget: how much may be written.
        """
        self.step = step
        self.named = named
        self.matrix = matrix or {}
        self.handed = handed or {}
        self.budget = budget or Budget()
        self._variables: dict[str, str | None] = {}

    def filled(self, text: str, depth: int = 0) -> str:
        """A text with its expressions filled in."""
        return _EXPRESSION.sub(lambda found: self._expressed(found[1], depth), text)

    def variable(self, name: str) -> str | None:
        """An environment variable of the step; None where no file sets it and it is none of the usual ones."""
        if name not in self._variables:
            self._variables[name] = self._variable(name)
        return self._variables[name]

    def _variable(self, name: str) -> str | None:
        if name not in self.step.env:
            return self.handed.get(f"env.{name}", self.named.get(name))
        filled = self.filled(said(self.step.env[name]))
        # What a step puts out may be the address of a mock; a variable of the usual name is set to the usual value.
        return self.named.get(name, filled) if re.fullmatch(r"\{(?!steps\.)[^{}]*\}", filled) else filled

    def _expressed(self, expression: str, depth: int) -> str:
        unseen = _named_last(expression)
        known = {**self.step.known, "matrix": self.matrix}
        if not self.budget.take(len(unseen) + 20):
            return unseen
        others = self.matrix.get(BRANCH, 0)
        empty = "matrix" in expression
        for part in (one.strip(" ()") for one in _PARTS.findall(expression)):
            chosen = _CHOSEN.fullmatch(part)
            truth = holds(evaluated(chosen[1], known)) if chosen else True
            if truth is None:
                truth = others <= 0
                others -= 1
            value = self._operand(chosen[2].strip() if chosen else part, depth) if truth else ""
            if value is None and chosen:
                return _named_last(chosen[2])
            if value in (None, ""):
                empty = empty and value == "" and (chosen is not None or part.startswith("matrix"))
                continue
            filled = self.filled(str(value), depth + 1)
            return filled if self.budget.take(len(filled)) else unseen
        if empty:
            return ""
        nowhere = depth < DEEPEST and re.fullmatch(r"\s*env\.[\w-]+\s*", expression)
        return "{" + unseen.removeprefix("{env.") if nowhere else unseen

    def _operand(self, part: str, depth: int) -> Any:
        if quoted := _QUOTED.fullmatch(part):
            return quoted[1]
        found = _NAMED.fullmatch(_INDEXED.sub(r".\1", part))
        if not found or depth >= DEEPEST:
            return None
        if found[1] == "matrix" and (found[2] in self.matrix or EVERY_OTHER in self.matrix):
            value = self.matrix.get(found[2], "")
            return None if isinstance(value, (dict, list)) else said(value)
        inputs = found[1] in ("inputs", "github.event.inputs")
        tables = {"env": self.step.env}
        value = (self.step.given if inputs else tables.get(found[1], {})).get(found[2])
        return self.handed.get(found[0], self.named.get(found[2])) if value is None else value


def _named_last(expression: str) -> str:
    """What stands for an expression that nobody can tell: the last name in it."""
    names: list[str] = re.findall(r"[\w-]+(?:\.[\w-]+)*", expression[:200])
    return "{" + (names[-1] if names else "") + "}"
