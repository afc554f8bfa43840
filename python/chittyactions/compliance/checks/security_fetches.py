"""What of a step fetches a stranger's commit: a checkout, or a command of its script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chittyactions.compliance.checks.security_workflows import Part, text
from chittyactions.compliance.expression_tree import Source
from chittyactions.compliance.expressions import EXPRESSION
from chittyactions.compliance.passive import is_passive

CHECKOUT = "actions/checkout"

LONGEST = 100_000
"""Signs of a script that is searched."""

_NO_COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\b[^}]{0,200}\}|env:(\w+)|(\w+))")
"""`$NAME`, `${NAME}` and `$env:NAME`."""
_PIECE = re.compile(
    r"""(?:"(?:[^"\\]|\\.)*(?:(?P<double>")|\\?\Z)|'[^']*(?:(?P<single>')|\Z))"""
    r"""|(?P<end>&&|\|\|?|;|(?<![<>&])&(?![>&\d]))|[^"'\\;|&]+|\\[\\"']|."""
)
"""A text in quotes, what ends a command, or what stands between them."""
_SUBSTITUTION = re.compile(r"\$\(|`|[<>]\(")
_BEFORE = re.compile(r"\s*(?:(?:then|do|else|if|while|!|\{|\(|[A-Za-z_]\w{0,99}=\S*)\s+)*")
"""What a command may have before its program."""
_TO_SHELL = re.compile(r"\|\s{0,9}(?:sudo )?(?:/\S{0,50}/)?(?:(?:ba|da|z|k)?sh|xargs)\b|\beval\b")
_TALKS = frozenset({"git", "gh"})
"""Programs that do fetch, and run no text of several words."""
_RUNS = frozenset({"eval", "command", "case", "for", "}", "fi", "done", "esac"})
"""Passive by themselves; what stands behind them is not."""
_NEW_BRANCH = re.compile(r"(?:^|\s)(?:-[bBcC]|--orphan|--create|--force-create)[\s=]+\S+")
_BRANCHING = ("checkout", "switch")
_HELD = re.compile(r"\0(\d+)\0")


class Fetches:
    """What fetches a stranger's commit."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._heads: tuple[str, ...] = tuple(parameters["heads"])
        self._numbers: tuple[str, ...] = tuple(parameters["numbers"])
        self._ref = str(parameters["ref"])
        self._commands = re.compile("|".join(parameters["commands"]))
        self._takes = re.compile("|".join(parameters["takes"]))

    def by(self, part: Part) -> str:
        """The key of a step by which it does: "uses", "run", or ""."""
        if part.action == CHECKOUT:
            for name in ("ref", "repository"):
                said = text(part.inputs.get(name))
                if self._ref in said or self._is_head(part.scope.sources(said), *self._numbers):
                    return "uses"
        script = _NO_COMMENT.sub("", text(part.said.get("run"))[:LONGEST].replace("\\\n", " "))
        held: list[str] = []

        def hold(found: re.Match[str]) -> str:
            held.append(found[0])
            return f"\0{len(held) - 1}\0"

        lines = EXPRESSION.sub(hold, script.replace("\0", "")).split("\n")
        commands = (one for line in lines for one in _commands(line))
        return "run" if any(self._fetched(part, one, held) for one in commands) else ""

    def _fetched(self, part: Part, command: str, held: list[str]) -> bool:
        if self._commands.search(command):
            return True
        taken = self._takes.search(command)
        if not taken:
            return False
        words = command[taken.end() :]
        if taken[0].endswith(_BRANCHING):
            words = _NEW_BRANCH.sub("", words)  # only a name
        if self._is_head(part.scope.sources(_HELD.sub(lambda one: held[int(one[1])], words))):
            return True
        names = ("".join(one).lower() for one in _VARIABLE.findall(words))
        return any(self._is_head(part.scope.variable(name)) for name in names)

    def _is_head(self, sources: Iterable[Source], *also: str) -> bool:
        return any(one.fits(pattern) for one in sources for pattern in (*self._heads, *also))


def _commands(line: str) -> Iterator[str]:
    """The commands of a line that may fetch something, without the texts that they only print or send.

    Where nobody can tell, such as what a shell is handed, a command is whole.
    """
    whole = bool(_TO_SHELL.search(line))
    command: list[tuple[str, bool]] = []
    for piece in [*_PIECE.finditer(line), None]:
        if piece is not None and not piece["end"]:
            command.append((piece[0], bool(piece["double"] or piece["single"])))
            continue
        said = "".join(one for one, _ in command)
        before = _BEFORE.match(said)
        program = said[before.end() if before else 0 :].partition(" ")[0]
        if whole or _SUBSTITUTION.search(said) or not program:
            yield said
        elif program in _TALKS:
            yield "".join(one for one, quoted in command if not quoted or not re.search(r"\s", one))
        elif program in _RUNS or not is_passive((program,)):
            yield said
        command = []
