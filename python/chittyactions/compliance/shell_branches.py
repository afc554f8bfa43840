"""The variables of a shell script that sets them in branches: `if`, `case`, `&&` and `||`.

A script is read once as if each branch ran, and again for each branch: then what other branches set is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_BRANCHES = 20
"""Branches, and words of a `for`, that are gone by in turn."""

DEEPEST = 50
"""Blocks within each other."""


@dataclass
class _Block:
    kind: str
    mark: int
    """How much was set before the branch."""
    branch: int = 0
    one_runs: bool = False
    """Whether one of its branches runs in any case."""
    sets: bool = False


class Branches:
    """What one reading of a script sets. `choice` is the branch of each block that it goes by; -1 stands for all."""

    def __init__(self, choice: int = -1) -> None:
        self.choice = choice
        self.most = 0
        """Into how many branches a variable is set at most."""
        self.assigned: dict[str, str] = {}
        self.exported: Mapping[str, str] = {}
        self.blocks: list[_Block] = []
        self._set: list[tuple[str, str | None, Mapping[str, str]]] = []
        """The variables that are set, with what they and the exported ones were before."""

    @property
    def innermost(self) -> str:
        """The kind of the block that began last."""
        return self.blocks[-1].kind if self.blocks else ""

    def assign(self, name: str, value: str) -> None:
        """Keep what a variable is from here on."""
        self._set.append((name, self.assigned.get(name), self.exported))
        self.assigned[name] = value

    def among(self, words: list[str]) -> str:
        """The word of a loop that this reading goes by: the last one in the first reading, and where there is none."""
        self.most = max(self.most, len(words))
        return words[min(self.choice, len(words) - 1)]

    def opens(self, kind: str) -> None:
        """A block begins; each branch of a `case` begins behind its pattern."""
        if len(self.blocks) < DEEPEST:
            self.blocks.append(_Block(kind, len(self._set), -1 if kind == "case" else 0))

    def turns(self, kind: str, *, one_runs: bool) -> None:
        """The next branch of a block begins, if the innermost is of this kind. `one_runs` where none comes behind it
        and no condition is left.
        """
        if self.innermost != kind:
            return
        block = self.blocks[-1]
        self._ends(block, block.branch == self.choice)
        block.branch += 1
        block.one_runs |= one_runs

    def closes(self, kind: str) -> None:
        """The innermost block of a kind ends, with those in it."""
        if all(block.kind != kind for block in self.blocks):
            return
        while self.blocks:
            block = self.blocks.pop()
            self._ends(block, block.branch <= self.choice if block.one_runs else block.branch == self.choice)
            if block.sets:
                self.most = max(self.most, block.branch + 2 - block.one_runs)
            if block.kind == kind:
                return

    def _ends(self, block: _Block, keeps: bool) -> None:
        block.sets |= len(self._set) > block.mark
        while not keeps and self.choice >= 0 and len(self._set) > block.mark:
            name, before, self.exported = self._set.pop()
            if before is None:
                del self.assigned[name]
            else:
                self.assigned[name] = before
        block.mark = len(self._set)
