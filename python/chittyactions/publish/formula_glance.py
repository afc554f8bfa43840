"""What can be told of any formula, whatever its form: for a tap that edits it itself."""

from __future__ import annotations

from dataclasses import dataclass

import tree_sitter_ruby
from semver import Version
from tree_sitter import Language, Node, Parser

from chittyactions.publish.formula import guessed_version
from chittyactions.publish.formula_read import MOST_BYTES, OTHERS, OURS, name_of


@dataclass(frozen=True)
class Glance:
    """The highest version that a formula names, None where none can be told, and its hashes in small letters."""

    version: Version | None
    sha256: frozenset[str]


def glance(text: str) -> Glance:
    """What is plain to see in a formula. Nothing is refused, and nothing that is computed is known."""
    source = text.encode("utf-8", "surrogateescape")[:MOST_BYTES]
    said: dict[str, list[str]] = {name: [] for name in OURS}
    nodes = [Parser(Language(tree_sitter_ruby.language())).parse(source).root_node]
    while nodes:
        node = nodes.pop()
        name = name_of(node, source) if node.type == "call" else ""
        if name in OURS:
            said[name] += _plain(node, source)
        elif name not in OTHERS and node.type not in ("method", "singleton_method"):
            nodes += node.named_children
    stated = said["version"] or list(filter(None, map(guessed_version, said["url"])))
    try:
        versions = [Version.parse(word.removeprefix("v"), optional_minor_and_patch=True) for word in stated]
    except ValueError:
        versions = []
    return Glance(max(versions, default=None), frozenset(word.lower() for word in said["sha256"]))


def _plain(call: Node, source: bytes) -> list[str]:
    """The strings that a call is given, alone or by a key, as far as they say the same always."""
    arguments = call.child_by_field_name("arguments")
    given = [item.child_by_field_name("value") or item for item in arguments.named_children] if arguments else []
    strings = [item.named_children for item in given if item.type == "string"]
    plain = [parts[0] for parts in strings if [part.type for part in parts] == ["string_content"]]
    return [source[part.start_byte : part.end_byte].decode("utf-8", "replace") for part in plain]
