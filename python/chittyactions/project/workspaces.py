"""A package of a workspace, by its name or its folder: npm's, yarn's and bun's `workspaces`, and pnpm's own file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from chittyactions.errors import ConfigError
from chittyactions.project.documents import json_of, line, shown, text_of

FOLDERS = 20_000
"""How many folders are looked through; a monorepo has some hundreds beside node_modules."""


def find_package(checkout: Path, root: Path, wanted: str) -> Path:
    """The folder of the package that `wanted` names, among the workspaces of `root`. Raises ConfigError.

    A folder is given relative to `root`; a name counts before a folder of the same name.
    """
    patterns = workspace_patterns(checkout, root)
    if not patterns:
        raise ConfigError(
            f"package asks for {wanted[:100]}, and {shown(root, checkout)} has no workspaces.",
            why="Neither package.json nor pnpm-workspace.yaml there lists any.",
            fix="Leave package out and set working_directory to the package's folder, or correct working_directory.",
            docs="package-build.md#workspaces",
        )
    members = {
        folder: line(json_of(folder / "package.json", checkout), "name")
        for folder in _members(root.resolve(), patterns)
    }
    named = [folder for folder, name in members.items() if name == wanted]
    inside = (root / wanted).resolve()
    if len(named) == 1 or (not named and inside in members):
        return named[0] if named else inside
    if named:
        places = " and ".join(shown(folder, checkout) for folder in sorted(named)[:3])
        raise ConfigError(
            f"Two workspaces are called {wanted}: {places}.",
            fix="Give package the folder of the one that is meant.",
            docs="package-build.md#workspaces",
        )
    known = ", ".join(sorted(name or shown(folder, checkout) for folder, name in members.items())[:12]) or "none"
    raise ConfigError(
        f"No workspace is called {wanted[:100]}, nor lies in a folder of that name.",
        why=f"The workspaces of {shown(root, checkout)} are: {known}.",
        fix="Give package the name or the folder of one of them.",
        docs="package-build.md#workspaces",
    )


def workspace_patterns(checkout: Path, root: Path) -> tuple[str, ...]:
    """The globs of the workspaces of `root`, in order; those that begin with `!` take away. () without any."""
    listed: object = ()
    if (root / "package.json").is_file():
        listed = json_of(root / "package.json", checkout).get("workspaces")
        if isinstance(listed, dict):  # yarn's longer form
            listed = listed.get("packages")
    if not isinstance(listed, list) or not listed:
        listed = _pnpm(checkout, root)
    return tuple(item.strip() for item in listed if isinstance(item, str) and item.strip())


def _pnpm(checkout: Path, root: Path) -> list[str]:
    """`packages` of pnpm-workspace.yaml: a list of strings, in either of YAML's two ways to write one."""
    path = root / "pnpm-workspace.yaml"
    if not path.is_file():
        return []
    found: list[str] = []
    within = False
    for raw in text_of(path, checkout).splitlines():
        text = re.sub(r"(^|\s)#.*", "", raw).rstrip()
        head = re.fullmatch(r"""["']?packages["']?\s*:\s*(?:\[(.*)\])?""", text)
        item = re.fullmatch(r"\s*-\s+(.+)", text)
        if head:
            within = True
            found += [part.strip().strip("\"'") for part in (head[1] or "").split(",")]
        elif within and item:
            found.append(item[1].strip().strip("\"'"))
        elif text:
            within = False
    return found


def _members(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    rules = [(not pattern.startswith("!"), _glob(pattern.lstrip("!"))) for pattern in patterns]
    for folder in _folders(root):
        name = folder.relative_to(root).as_posix()
        taken = False
        for adds, rule in rules:
            if rule.fullmatch(name):
                taken = adds
        if taken and (folder / "package.json").is_file():
            yield folder


def _folders(root: Path) -> Iterator[Path]:
    """Every folder below `root` but hidden ones and node_modules; no link is followed."""
    seen = 0
    for place, names, _ in os.walk(root):
        names[:] = sorted(name for name in names if name != "node_modules" and not name.startswith("."))
        seen += len(names)
        if seen > FOLDERS:
            raise ConfigError(
                f"The workspaces were not found among the first {FOLDERS} folders of the repository.",
                fix="Set working_directory to the package's own folder, and leave package out.",
                docs="package-build.md#workspaces",
            )
        yield from (Path(place, name) for name in names)


def _glob(pattern: str) -> re.Pattern[str]:
    """`apps/*` and `packages/**` as an expression for a relative path with forward slashes."""
    parts = []
    for part in pattern.removeprefix("./").strip("/").split("/"):
        if part == "**":
            parts.append(r"(?:[^/]+(?:/(?=.)|$))*")
        else:
            parts.append(re.sub(r"\\\*", "[^/]*", re.escape(part)) + "/")
    return re.compile("".join(parts).rstrip("/") + "/?" if parts else "")
