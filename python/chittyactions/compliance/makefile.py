"""Makefiles as the recipes that a target runs, as shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_VARIABLE = re.compile(r"(?:export\s+)?(\w+)\s*(?:\?|::?)?=\s*([^#]*)")
_RULE = re.compile(r"([^\s:#=][^:#=]*):(?!=)([^#;]*)(?:;(.*))?")
_USED = re.compile(r"\$(?:\((\w+)\)|\{(\w+)\}|(\$))")


@dataclass
class _Rule:
    needs: list[str] = field(default_factory=list)
    recipe: list[str] = field(default_factory=list)


def recipes(text: str, stated: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The targets that `make` makes for what it is asked, `stated`, each with its recipe; the first where it is asked
    for none. Variables that are plainly set are filled in.
    """
    rules, variables = _read(text)
    for word in stated:
        name, sign, given = word.partition("=")
        if sign:
            variables[name] = given

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return "$" if found[3] else variables.get(name, f"${{{name}}}")

    for target in _needed([word for word in stated if "=" not in word] or list(rules)[:1], rules):
        yield target, _USED.sub(value, "\n".join(rules[target].recipe))


def _read(text: str) -> tuple[dict[str, _Rule], dict[str, str]]:
    rules: dict[str, _Rule] = {}
    variables: dict[str, str] = {}
    targets: list[str] = []
    for line in text.splitlines():
        if line.startswith("\t"):
            for target in targets:
                rules[target].recipe.append(re.sub(r"^[@+ -]+", "", line[1:]))
        elif found := _VARIABLE.match(line):
            variables[found[1]] = found[2].strip()
        elif found := _RULE.match(line):
            targets = found[1].split()
            for target in targets:
                rule = rules.setdefault(target, _Rule())
                rule.needs += found[2].split()
                rule.recipe += [found[3].strip()] if found[3] else []
    rules.pop(".PHONY", None)
    return rules, variables


def _needed(targets: list[str], rules: dict[str, _Rule]) -> list[str]:
    """The rules that are run for targets, each once."""
    found = dict.fromkeys(target for target in targets if target in rules)
    waiting = list(found)
    for target in waiting:  # it grows while it is gone through
        more = [one for one in dict.fromkeys(rules[target].needs) if one in rules and one not in found]
        found.update(dict.fromkeys(more))
        waiting += more
    return waiting
