"""Where a file that is missing goes, and what keeps it from being written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from chittyactions.compliance.checkout import is_ignored
from chittyactions.compliance.files import Kind
from chittyactions.compliance.repository import Repository


def own_place(repository: Repository, path: str) -> str:
    """`path`, or where another service of the repository has that: the same with the name of this one's folder.

    The last one to try, where all are taken.
    """
    at = PurePosixPath(path)
    parts = [re.sub(r"[^\w-]", "-", one) for one in repository.folder.split("/") if one]
    names = [at.stem, *(f"{at.stem}-{'-'.join(some)}" for some in (parts[-1:], parts) if some)]
    places = [str(at.with_name(f"{name}{at.suffix}")) for name in names]
    return next((one for one in places if one not in repository.checkout.paths), places[-1])


def hindrance(repository: Repository, path: str) -> str:
    """Why nothing can be written at a path that git knows nothing of, half a sentence; "" where it can."""
    return next(_hindrances(repository, path), "")


def _hindrances(repository: Repository, path: str) -> Iterator[str]:
    held, root = repository.checkout.paths, repository.checkout.root
    above = path.split("/")[:-1]
    for depth in range(1, len(above) + 1):
        folder = "/".join(above[:depth])
        if kind := held.get(folder):
            what = {Kind.SUBMODULE: "a submodule", Kind.LINK: "a link", Kind.FILE: "a file"}[kind]
            yield f"{folder} is {what}, and nothing is written there"
    if same := next((one for one in held if one.lower() == path.lower()), ""):
        yield f"{same} is there, which some systems cannot tell from it; rename it"
    if (root / path).is_dir() and not (root / path).is_symlink():
        yield "there is a folder of that name; rename it"
    if os.path.lexists(root / path):
        yield "it is there already, and git ignores it"
    if is_ignored(root, path):
        yield "git ignores it, so that neither the check nor anybody else would see it; take it out of .gitignore first"
