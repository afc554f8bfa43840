"""Shell scripts as the commands in them, their words with quotes taken off and variables filled in.

No shell is run. What only running would tell is kept as `{name}`, or `{}` where it has no name. Comments, the bodies of
here-documents, functions that nobody calls and the texts that are merely printed are no commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from chittyactions.compliance.command import Command
from chittyactions.compliance.shell_branches import MOST_BRANCHES, Branches
from chittyactions.compliance.shell_scanner import Scanner, Sourced
from chittyactions.compliance.shell_words import Budget, Lookup


def commands(
    script: str,
    lookup: Lookup,
    *,
    parameters: tuple[str, ...] | None = None,
    sourced: Sourced = lambda _file, _directory: None,
    budget: Budget | None = None,
) -> Iterator[Command]:
    """The commands of a script in the order of their ends. Each variable has the value that was assigned last; behind
    them come those that differ where another branch assigns it, or by another word of a loop.
    """
    budget = budget or Budget()
    told: set[tuple[object, ...]] = set()
    choice, most = -1, 0
    while choice < most and budget.take(len(script) if most else 0):
        scanner = Scanner(script, lookup, parameters, budget)
        scanner.sourced, scanner.branches = sourced, Branches(choice)
        scanner.scan()
        most = min(scanner.branches.most, MOST_BRANCHES) if choice < 0 else most
        for one in scanner.found:
            key: tuple[object, ...] = (
                (one.words, one.stdin, one.directory, one.to, *sorted(one.env.items())) if most else ()
            )
            if choice < 0 or key not in told:
                yield one
            told.add(key)
        choice += 1
