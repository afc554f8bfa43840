"""Makefiles as the recipes that a target runs, as shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DEEPEST = 10
"""Variables that name each other."""

LONGEST = 100_000
"""Signs of all that variables are filled in with."""

_VARIABLE = re.compile(r"(?:export\s+)?([\w.]+)\s*(\?|::?)?=\s*([^#]*)")
_RULE = re.compile(r"([^\s:#=][^:#=]*):(?!=)([^#;]*)(?:;(.*))?")
_USED = re.compile(r"\$(?:\((\w+)\)|\{(\w+)\}|(\$))")


@dataclass
class _Rule:
    needs: list[str] = field(default_factory=list)
    recipe: list[str] = field(default_factory=list)


def recipes(text: str, stated: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The targets that `make` makes for what it is asked, `stated`, each with its recipe; where it is asked for none,
    the default goal or the first. Variables that are plainly set are filled in, and what the environment may set
    otherwise is `${NAME:-…}`.
    """
    rules, variables, usual = _read(text)
    for word in stated:
        name, sign, given = word.partition("=")
        if sign:
            variables[name] = given
            usual.discard(name)
    room = LONGEST

    def filled(text: str, depth: int = 0) -> str:
        return _USED.sub(lambda found: value(found, depth), text)

    def value(found: re.Match[str], depth: int) -> str:
        nonlocal room
        name = found[1] or found[2]
        if found[3]:
            return "$"
        room -= len(variables.get(name, "")) + 1
        if name not in variables or depth == DEEPEST or room < 0:
            return f"${{{name}}}"
        held = filled(variables[name], depth + 1)
        return f"${{{name}:-{held}}}" if name in usual else held

    goal = variables.get(".DEFAULT_GOAL")
    first = [goal] if goal else list(rules)[:1]
    for target in _needed([word for word in stated if "=" not in word] or first, rules):
        yield target, filled("\n".join(rules[target].recipe))


def _read(text: str) -> tuple[dict[str, _Rule], dict[str, str], set[str]]:
    """The rules, the variables, and which of these give way to the environment."""
    rules: dict[str, _Rule] = {}
    variables: dict[str, str] = {}
    usual: set[str] = set()
    targets: list[str] = []
    for line in re.sub(r"\\\r?\n\t?", "\0", text).splitlines():
        joined = line.replace("\0", " ")
        if line.startswith("\t"):
            for target in targets:
                rules[target].recipe.append(re.sub(r"^[@+ -]+", "", line[1:]).replace("\0", "\\\n"))
        elif found := _VARIABLE.match(joined):
            if found[2] != "?":
                usual.discard(found[1])
            elif found[1] in variables:
                continue
            else:
                usual.add(found[1])
            variables[found[1]] = found[3].strip()
        elif found := _RULE.match(joined):
            targets = found[1].split()
            for target in targets:
                rule = rules.setdefault(target, _Rule())
                rule.needs += found[2].split()
                rule.recipe += [found[3].strip()] if found[3] else []
    rules.pop(".PHONY", None)
    return rules, variables, usual


def _needed(targets: list[str], rules: dict[str, _Rule]) -> list[str]:
    """The rules that are run for targets, each once."""
    found = dict.fromkeys(target for target in targets if target in rules)
    waiting = list(found)
    for target in waiting:  # it grows while it is gone through
        more = [one for one in dict.fromkeys(rules[target].needs) if one in rules and one not in found]
        found.update(dict.fromkeys(more))
        waiting += more
    return waiting
