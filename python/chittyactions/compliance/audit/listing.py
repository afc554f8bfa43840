"""The upper folders of a commit and the files of its base, held to the commit's own names for them.

GitHub looks up `HEAD:` and the default branch one after the other, and changes a text that is not UTF-8. Neither
matters here: the folders count where they are those of the commit that is judged, and a text where git gives its bytes
the name that stands in the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chittyactions.compliance.files import Kind

FILES = (
    ".chittyconnect.yml",
    ".chittyops.yml",
    "CHARTER.md",
    "CLAUDE.md",
    "CODEOWNERS",
    ".github/CODEOWNERS",
    "docs/CODEOWNERS",
    "package.json",
    "pyproject.toml",
    "wrangler.json",
    "wrangler.jsonc",
    "wrangler.toml",
    # for what is reported apart; a file that is only there or not is in the folders
    "SECURITY.md",
    ".github/SECURITY.md",
    "docs/SECURITY.md",
    ".github/dependabot.yml",
    ".github/dependabot.yaml",
    "renovate.json",
    ".github/renovate.json",
    ".renovaterc.json",
    ".pre-commit-config.yaml",
    "lefthook.yml",
)
"""What the checks of most services read, beside the workflows."""
WORKFLOWS = ".github/workflows"
LEVELS = 3
"""Of folders whose entries are listed."""

PLACES = frozenset({"tree", "workflows", *(f"f{number}" for number in range(len(FILES)))})
"""Where in an answer the content is."""

_KINDS = {0o120000: Kind.LINK, 0o160000: Kind.SUBMODULE}


def _entries(levels: int) -> str:
    below = f" object {{ ... on Tree {{ {_entries(levels - 1)} }} }}" if levels > 1 else ""
    return f"entries {{ name mode type oid{below} }}"


FRAGMENT = (
    "\nfragment Content on Repository {\n"
    "  defaultBranchRef { target { ... on Commit { tree { oid } } } }\n"
    f'  tree: object(expression: "HEAD:") {{ ... on Tree {{ oid {_entries(LEVELS)} }} }}\n'
    f'  workflows: object(expression: "HEAD:{WORKFLOWS}") {{\n'
    "    ... on Tree { entries { name object { ... on Blob { text } } } }\n  }\n"
    + "".join(
        f'  f{number}: object(expression: "HEAD:{path}") {{ ... on Blob {{ text }} }}\n'
        for number, path in enumerate(FILES)
    )
    + "}\n"
)


@dataclass(frozen=True)
class Listing:
    """The upper folders of a commit, and texts of it.

    Attributes:
        kinds: what lies at each path that is listed.
        folders: every folder that is listed. `unlisted`: those whose entries are not.
        texts: by path, of the files that came whole.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    texts: Mapping[str, bytes] = field(default_factory=dict)


NOTHING = Listing(unlisted=frozenset({""}))
"""Of a commit of which nothing is known yet."""


def listed(data: Mapping[str, Any]) -> Listing:
    """What an answer shows of the default branch's commit; nothing where a push came between."""
    if data["tree"] is None or data["tree"]["oid"] != data["defaultBranchRef"]["target"]["tree"]["oid"]:
        return NOTHING
    kinds: dict[str, Kind] = {}
    names: dict[str, str] = {}
    folders, unlisted = {""}, set()
    waiting = [("", data["tree"]["entries"])]
    for folder, entries in waiting:  # it grows while it is gone through
        for entry in entries:
            path = f"{folder}/{entry['name']}" if folder else str(entry["name"])
            if entry["type"] != "tree":
                kinds[path] = _KINDS.get(entry["mode"], Kind.FILE)
                names[path] = entry["oid"]
            elif within := (entry.get("object") or {}).get("entries"):
                folders.add(path)
                waiting.append((path, within))
            else:
                unlisted.add(path)
    texts = {
        path: text
        for path, text in _texts(data)
        if kinds.get(path) is Kind.FILE  # of a link it is what it leads to
        and _name(text, len(names[path])) == names[path]
    }
    return Listing(kinds, frozenset(folders), frozenset(unlisted), texts)


def _texts(data: Mapping[str, Any]) -> Iterable[tuple[str, bytes]]:
    found = [(path, data[f"f{number}"]) for number, path in enumerate(FILES)]
    workflows = (data["workflows"] or {}).get("entries") or ()
    found += [(f"{WORKFLOWS}/{entry['name']}", entry["object"]) for entry in workflows]
    for path, blob in found:
        if blob and isinstance(blob.get("text"), str):
            yield path, blob["text"].encode("utf-8", "surrogatepass")


def _name(content: bytes, digits: int) -> str:
    """What git calls a file's content, by SHA-1 or by SHA-256."""
    whole = b"blob %d\0" % len(content) + content
    made = hashlib.sha1(whole, usedforsecurity=False) if digits == 40 else hashlib.sha256(whole)
    return made.hexdigest()
