"""Which paths a module or an asset may have: judged where they are packed, and again where they are extracted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from chittyactions.tarball import refused


def judge_collisions(paths: Iterable[str], *, fold: bool) -> None:
    """No two names for one file, and no file where a folder has to be. Assets may differ in case, as URLs do."""
    seen: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        name = unicodedata.normalize("NFC", path)
        name = name.casefold() if fold else name
        if name in seen:
            raise refused(f"{path[:120]!r} is in it twice, or in two spellings")
        seen.add(name)
        parts = name.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    if seen & folders:
        raise refused(f"{min(seen & folders)[:120]!r} is a file and a folder in it")


_STEERING = {"package.json", "package-lock.json", "node_modules", "tsconfig.json", "jsconfig.json"}
_PRIVATE = (".env", ".dev.vars", ".npmrc", ".git", ".wrangler", ".ssh", ".yarnrc", ".netrc")


def module_problem(path: str) -> str:
    """Why `path` can't be a module's, or ""."""
    for part in path.casefold().split("/"):
        if part.startswith(".") and part not in (".", ".."):
            return "is a hidden file, which may steer wrangler"
        if part in _STEERING or part in ("wrangler.json", "wrangler.jsonc", "wrangler.toml"):
            return "may steer wrangler or Node"
    return _path_problem(path)


def asset_problem(path: str) -> str:
    """Why `path` can't be an asset's, or "". Dotfiles that the web knows (`.well-known`) are assets."""
    for part in path.casefold().split("/"):
        if any(part == private or part.startswith(private + ".") for private in _PRIVATE):
            return "would publish what is private: list it in .assetsignore, or remove it"
    return _path_problem(path)


def _path_problem(path: str) -> str:
    try:
        parts = path.encode("utf-8").split(b"/")
    except UnicodeEncodeError:
        return "is not UTF-8"
    if any(part in (b"", b".", b"..") or len(part) > 255 for part in parts):
        return "is not a plain relative path"
    if "\\" in path or any(unicodedata.category(char) in ("Cc", "Cs") for char in path):
        return "has a character that no file name should have"
    return ""
