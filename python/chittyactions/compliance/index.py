"""A repository as it would be committed: what is staged, and nothing that is new or changed on the disk alone."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from chittyactions.compliance.checkout import Checkout, ask_git
from chittyactions.compliance.files import Kind
from chittyactions.errors import ConfigError

_KINDS = {"160000": Kind.SUBMODULE, "120000": Kind.LINK}


def staged(checkout: Checkout) -> Checkout:
    """The same repository by git's index. Raises ConfigError outside of git.

    What is on the disk as it is staged is read there, which is quicker; the rest is asked of git.
    """
    root = checkout.root
    index = _index_of(root)
    listed = ask_git(root, "ls-files", "-z", "--stage", index=index)
    differing = ask_git(root, "diff-files", "-z", "--name-status", "--ignore-submodules=all", index=index)
    if listed is None or differing is None:
        raise ConfigError(
            f"{root} is no git repository.",
            why="--staged looks at what is staged there.",
            fix="Leave it out, or run `git init` and `git add` first.",
            docs="compliance.md#command-line",
        )
    words = os.fsdecode(differing).split("\0")
    statuses = dict(zip(words[1::2], words[::2], strict=False))
    paths: dict[str, Kind] = {}
    left_out: dict[str, str] = {}
    for entry in os.fsdecode(listed).split("\0"):
        about, _, name = entry.partition("\t")
        if not name or statuses.get(name) == "A":  # `git add --intent-to-add` stages a name and no content
            continue
        mode, identity, _ = about.split(" ")
        paths[name] = _KINDS.get(mode, Kind.FILE)
        if name in statuses or name in checkout.left_out:
            left_out[name] = identity
    return replace(checkout, paths=paths, left_out=left_out)


def _index_of(root: Path) -> str:
    """The index that git commits, where it is another than usual: `git commit --all` tells its hooks."""
    told = os.environ.get("GIT_INDEX_FILE", "")
    own = ask_git(root, "rev-parse", "--absolute-git-dir")
    if not told or own is None:
        return ""
    index = (root / told).resolve()
    return str(index) if Path(os.fsdecode(own).strip()).resolve() in index.parents else ""
