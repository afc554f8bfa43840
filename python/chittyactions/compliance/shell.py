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

    def read(choice: int) -> Scanner:
        scanner = Scanner(script, lookup, parameters, budget)
        scanner.sourced, scanner.branches = sourced, Branches(choice)
        scanner.scan()
        return scanner

    if not budget.take(0):
        return
    first = read(-1)
    yield from first.found
    most = min(first.branches.most, MOST_BRANCHES)
    if not most:
        return
    told = set(map(_key, first.found))
    for choice in range(most):
        if not budget.take(len(script)):
            return
        for one in read(choice).found:
            if (key := _key(one)) not in told:
                told.add(key)
                yield one


def _key(one: Command) -> tuple[object, ...]:
    """What a command has to differ in to be another one."""
    return one.words, one.stdin, one.directory, one.to, *sorted(one.env.items())
