"""Where links of a repository lead to, by what git lists of it: a link into what no commit holds leads to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from chittyactions.compliance.files import OUTSIDE, Kind, Unreadable

MOST_LINKS = 40
"""Links on the way to a file, as on a disk."""

CIRCLE = "it is a link that leads in a circle"
NOWHERE = "it is a link to nothing"


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """The folders that some paths lie in."""
    return frozenset(path[:at] for path in paths for at, sign in enumerate(path) if sign == "/")


def led_to(path: str, paths: Mapping[str, Kind], folders: AbstractSet[str], target_of: Callable[[str], bytes]) -> str:
    """Where a path leads to, part by part. Raises Unreadable where that is no file of the repository.

    Args:
        path: a path of the repository.
        paths: what git lists.
        folders: the folders that those lie in.
        target_of: what the link at a path says.
    """
    rest = path.split("/")
    real: list[str] = []
    links = 0
    while rest:
        part = rest.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not real:
                raise Unreadable(OUTSIDE, ours=True)
            real.pop()
            continue
        here = "/".join((*real, part))
        kind = paths.get(here)
        if kind is Kind.LINK:
            links += 1
            if links > MOST_LINKS:
                raise Unreadable(CIRCLE, ours=True)
            target = target_of(here)
            if target.startswith(b"/"):
                raise Unreadable(OUTSIDE, ours=True)
            rest = [*target.decode("utf-8", "surrogateescape").split("/"), *rest]
        elif here in folders or (kind is Kind.FILE and not rest):
            real.append(part)
        else:
            raise Unreadable(OUTSIDE if part == ".git" else NOWHERE, ours=True)
    found = "/".join(real)
    if paths.get(found) is not Kind.FILE:
        raise Unreadable("it is no plain file", ours=True)
    return found
