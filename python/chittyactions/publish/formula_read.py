"""Read a formula or cask by its syntax tree: which url, sha256 and version it states for which machine, and where.

Stanzas of others (`resource`, `livecheck`, `head`, `patch`, methods, `test`) are not looked into: their url and sha256
are not the formula's. A form in which the formula's own could hide is refused, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_ruby
from tree_sitter import Language, Node, Parser

from chittyactions.publish.formula import MACHINES, FormulaError
from chittyactions.publish.formula_conditions import ALL, ARM, BLOCKS, INTEL, LINUX, MAC, Machines, holds_on
from chittyactions.publish.formula_shape import Formula, Stanza
from chittyactions.publish.formula_text import read_literal

MOST_BYTES = 1024 * 1024
"""Of a formula; the largest in the wild have a tenth of it."""

OURS = ("url", "sha256", "version")
OTHERS = frozenset(
    {"resource", "go_resource", "livecheck", "head", "patch", "bottle", "test", "service", "caveats", "fails_with"}
)
"""Blocks that hold addresses, hashes and versions of their own."""

_KEYED = {
    "arm": ARM,
    "intel": INTEL,
    "x86_64": INTEL,
    "arm64_linux": ARM & LINUX,
    "x86_64_linux": INTEL & LINUX,
    "macos": MAC,
    "linux": LINUX,
}
"""What `sha256 arm: …`, `arch intel: …` and `os linux: …` of a cask are for."""

_REQUIRED = {":macos": MAC, ":linux": LINUX, "arch::arm64": ARM, "arch::x86_64": INTEL, "arch::intel": INTEL}
"""What `depends_on` asks for."""

_REPOSITORIES = frozenset({"tag", "branch", "revision", "revisions", "trust_cert", "only_path"})
"""Options of a url that make it a checkout, which has no SHA-256."""
_PLAIN = (":curl", ":homebrew_curl", ":nounzip")
"""Values of `using:` with which a url is still a plain download."""


def read(text: str) -> Formula:
    """What the formula or cask in `text` says. Raises FormulaError, with the line, for what can't be edited safely."""
    source = text.encode("utf-8", "surrogateescape")
    if len(source) > MOST_BYTES:
        raise FormulaError(f"it has {len(source)} bytes, and {MOST_BYTES} are the most")
    tree = Parser(Language(tree_sitter_ruby.language())).parse(source)
    if tree.root_node.has_error:
        broken = next(_broken(tree.root_node))
        raise FormulaError("it can't be read as Ruby", line=broken.start_point[0] + 1)
    found = [item for child in tree.root_node.named_children for item in _formula(child, source)]
    if len(found) != 1:
        raise FormulaError(f"{len(found) or 'no'} classes of Formula or casks where one is expected")
    kind, body = found[0]
    formula = Formula(kind, source, body=tuple(body.named_children))
    try:
        _Reader(formula).read(body, ALL)
    except RecursionError:
        raise FormulaError("it is nested too deeply") from None
    if kind == "cask" and "os" not in formula.values and not any(map(_tells_systems_apart, formula.stanzas)):
        formula.offered &= MAC
    return formula


def _tells_systems_apart(stanza: Stanza) -> bool:
    """Whether a stanza is for macOS or Linux alone: a cask in which none is was written for macOS."""
    processors = [{machine.partition("-")[2] for machine in stanza.machines & system} for system in (MAC, LINUX)]
    return processors[0] != processors[1]


def _broken(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from _broken(child)


def _formula(node: Node, source: bytes) -> Iterator[tuple[str, Node]]:
    if node.type == "class":
        above, body = node.child_by_field_name("superclass"), node.child_by_field_name("body")
        if above and body and source[above.start_byte : above.end_byte].split()[-1] in (b"Formula", b"::Formula"):
            yield "formula", body
    elif node.type == "call" and name_of(node, source) == "cask":
        block = node.child_by_field_name("block")
        body = block.child_by_field_name("body") if block else None
        if body:
            yield "cask", body


def name_of(node: Node, source: bytes) -> str:
    """The name of a method that is called without a receiver, or ""."""
    method = node.child_by_field_name("method") if node.type == "call" else node
    if method is None or method.type != "identifier" or node.child_by_field_name("receiver"):
        return ""
    return source[method.start_byte : method.end_byte].decode("utf-8", "replace")


class _Reader:
    """Walks a formula's body and notes what it states, with the machines of the conditions around it."""

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self._source = formula.source

    def read(self, node: Node, machines: Machines) -> None:
        for child in node.named_children:
            self._statement(child, machines)

    def _statement(self, node: Node, machines: Machines) -> None:
        if node.type in ("if", "unless", "elsif", "if_modifier", "unless_modifier"):
            self._condition(node, machines)
        elif node.type in ("call", "identifier"):
            self._call(node, machines)
        else:
            self._refuse_ours_in(node)

    def _condition(self, node: Node, machines: Machines) -> None:
        if not self._ours_in(node):
            self._drop_in(node)
            return
        asked = node.child_by_field_name("condition")
        assert asked is not None
        true = holds_on(asked, self._source)
        if node.type.startswith("unless"):
            true = ALL - true
        body = node.child_by_field_name("body")
        if body:
            self._statement(body, machines & true)
        then, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        if then:
            self.read(then, machines & true)
        if other and other.type == "elsif":
            self._condition(other, machines - true)
        elif other:
            self.read(other, machines - true)

    def _drop_in(self, node: Node) -> None:
        """Note every `revision` and `bottle` under a condition, of which it then does not matter when it holds."""
        body = node.child_by_field_name("body") if node.type in ("if_modifier", "unless_modifier") else node
        if body and self._dropped(body):
            self._formula.dropped.append(node)
        elif node.type not in ("method", "singleton_method") and name_of(node, self._source) not in OTHERS:
            for child in node.named_children:
                self._drop_in(child)

    def _dropped(self, node: Node) -> bool:
        """Whether a call belongs to the version that is there now."""
        name = name_of(node, self._source) if node.type == "call" else ""
        return name == "revision" or (name == "bottle" and node.child_by_field_name("block") is not None)

    def _call(self, node: Node, machines: Machines) -> None:
        name = name_of(node, self._source)
        block = node.child_by_field_name("block")
        if name in OURS:
            self._stanza(name, node, machines)
        elif name in ("arch", "os") and self._formula.kind == "cask":
            self._values(name, node, machines)
        elif name == "mirror":
            raise FormulaError("a mirror: what it serves is not checked", line=_line(node), fix="Remove the mirror.")
        elif self._dropped(node):
            self._formula.dropped.append(node)
        elif name == "depends_on":
            self._requirement(node, machines)
        elif block and (name in BLOCKS or name == "stable") and not node.child_by_field_name("arguments"):
            body = block.child_by_field_name("body")
            if body:
                self.read(body, machines & BLOCKS.get(name, ALL))
        elif block:
            self._refuse_ours_in(node)

    def _stanza(self, name: str, node: Node, machines: Machines) -> None:
        arguments = node.child_by_field_name("arguments")
        given = list(arguments.named_children) if arguments else []
        if node.child_by_field_name("block") or not given:
            raise FormulaError(f"a {name} that is computed by a block", line=_line(node))
        options = {self._key(pair): pair for pair in given if pair.type == "pair"}
        plain = [item for item in given if item.type not in ("pair", "comment")]
        if name == "sha256" and not plain:
            for key, value in self._pairs(node):
                self._add(Stanza(name, read_literal(value, self._source), machines & self._keyed(key, options), node))
            return
        if len(plain) != 1 or (name != "url" and options):
            raise FormulaError(f"a {name} with arguments that are not known", line=_line(node))
        if plain[0].type == "simple_symbol":
            symbol = self._text(plain[0])
            raise FormulaError(f"{name} {symbol}: there is nothing to hold to", line=_line(node))
        literal = read_literal(plain[0], self._source)
        if name != "url" and not literal.plain:
            raise FormulaError(f"a {name} that is put together by interpolation", line=_line(node))
        self._add(Stanza(name, literal, machines, node, self._checked_options(options)))

    def _checked_options(self, options: dict[str, Node]) -> str:
        """What a url's `verified:` says. Raises FormulaError for a url that is no plain download."""
        for key, pair in options.items():
            value = pair.child_by_field_name("value")
            text = self._text(value) if value else ""
            if key in _REPOSITORIES or (key == "using" and text not in _PLAIN):
                raise FormulaError(f"a url with {key}: {text} is no plain download", line=_line(pair))
        verified = options["verified"].child_by_field_name("value") if "verified" in options else None
        return read_literal(verified, self._source).value({}) if verified else ""

    def _add(self, stanza: Stanza) -> None:
        for other in self._formula.stanzas:
            if other.name == stanza.name and stanza.machines & other.machines and not stanza.machines < other.machines:
                raise FormulaError(
                    f"a second {stanza.name} for the same platform (the other is on line {other.line})",
                    line=stanza.line,
                    fix="Tell them apart by on_macos, on_linux, on_arm and on_intel.",
                )
        self._formula.stanzas.append(stanza)

    def _values(self, name: str, node: Node, machines: Machines) -> None:
        """Note what `arch arm: "arm64", intel: "x64"` stands for; a cask that leaves one out means ""."""
        by = self._formula.values.setdefault(name, dict.fromkeys(MACHINES, ""))
        for key, value in self._pairs(node):
            literal = read_literal(value, self._source)
            for machine in machines & self._keyed(key, {}):
                by[machine] = literal.value({})

    def _pairs(self, node: Node) -> Iterator[tuple[str, Node]]:
        arguments = node.child_by_field_name("arguments")
        for pair in arguments.named_children if arguments else ():
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value:
                yield self._key(pair), value

    def _keyed(self, key: str, keys: dict[str, Node]) -> Machines:
        if key not in _KEYED:
            raise FormulaError(f"{key}: is no platform that is known")
        mac_only = {"arm64_linux", "x86_64_linux"} & keys.keys() and not key.endswith("_linux")
        return _KEYED[key] & MAC if mac_only else _KEYED[key]

    def _requirement(self, node: Node, machines: Machines) -> None:
        """`depends_on :macos`, `depends_on arch: :arm64`: what a formula does not serve needs no file."""
        arguments = node.child_by_field_name("arguments")
        for item in arguments.named_children if arguments else ():
            served = _REQUIRED.get(self._text(item).replace(" ", ""))
            if served is not None:
                self._formula.offered -= machines - served

    def _key(self, pair: Node) -> str:
        key = pair.child_by_field_name("key")
        return self._text(key).strip(":\"'") if key else ""

    def _text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _ours_in(self, node: Node) -> Node | None:
        """The first call of url, sha256, version or mirror anywhere in `node` that may be the formula's."""
        if node.type in ("method", "singleton_method"):
            return None
        if node.type == "call":
            name = name_of(node, self._source)
            if name in (*OURS, "mirror") and node.child_by_field_name("arguments"):
                return node
            if name in OTHERS:
                return None
        return next((found for child in node.named_children if (found := self._ours_in(child))), None)

    def _refuse_ours_in(self, node: Node) -> None:
        found = self._ours_in(node)
        if found:
            first = self._text(node).partition("\n")[0].strip()[:60]
            raise FormulaError(
                f"{name_of(found, self._source)} within `{first}`, which is not a known form", line=_line(found)
            )


def _line(node: Node) -> int:
    return node.start_point[0] + 1
