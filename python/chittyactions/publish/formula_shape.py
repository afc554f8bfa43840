"""What a formula or cask says, as far as a release changes it: its stanzas, each with the machines that it is for."""

from __future__ import annotations

from dataclasses import dataclass, field

from semver import Version
from tree_sitter import Node

from chittyactions.publish.formula import MACHINES, FormulaError, guessed_version
from chittyactions.publish.formula_conditions import ALL, Machines
from chittyactions.publish.formula_text import Literal


@dataclass(frozen=True)
class Stanza:
    """`url "…"`, `sha256 "…"` or `version "…"`, and the machines that it is for. Positions are in bytes."""

    name: str
    literal: Literal
    machines: Machines
    node: Node
    verified: str = ""

    @property
    def line(self) -> int:
        """Where it stands, from 1."""
        return self.literal.line


@dataclass
class Formula:
    """What a formula or cask says. `kind` is formula or cask; `offered` are the machines that it serves."""

    kind: str
    source: bytes
    stanzas: list[Stanza] = field(default_factory=list)
    dropped: list[Node] = field(default_factory=list)
    """`revision` and `bottle`: they belong to the version that is there now."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """By machine, what a cask's `arch` and `os` stand for."""
    body: tuple[Node, ...] = ()
    offered: Machines = ALL

    def on(self, name: str, machine: str) -> Stanza | None:
        """The stanza that counts on a machine: the last that is for it, as in Ruby."""
        found = [stanza for stanza in self.stanzas if stanza.name == name and machine in stanza.machines]
        return found[-1] if found else None

    @property
    def served(self) -> tuple[str, ...]:
        """The machines for which there is a url."""
        return tuple(machine for machine in MACHINES if machine in self.offered and self.on("url", machine))

    def stated_version(self, machine: str) -> str:
        """The version that is stated for a machine, or ""."""
        stanza = self.on("version", machine)
        return stanza.literal.value({}) if stanza else ""

    def text(self, stanza: Stanza, machine: str, version: str = "") -> str:
        """What a stanza says on a machine, at `version` or at the stated one."""
        return stanza.literal.value(self.names(machine, version or self.stated_version(machine)))

    def names(self, machine: str, version: str) -> dict[str, str]:
        """What a string may interpolate."""
        known = {name: by[machine] for name, by in self.values.items() if machine in by}
        return known | ({"version": version} if version else {})

    @property
    def version(self) -> Version:
        """The highest version that it stands for. Raises FormulaError when there is none that can be compared."""
        found = []
        for machine in self.served:
            url = self.on("url", machine)
            assert url is not None
            text = self.stated_version(machine) or guessed_version(self.text(url, machine))
            try:
                found.append(Version.parse(text.removeprefix("v"), optional_minor_and_patch=True))
            except ValueError:
                raise FormulaError(
                    f"its present version {text!r} can't be compared" if text else "its present version is not stated",
                    line=url.line,
                    fix='State it (version "1.2.3"), so that a lower version never replaces a higher one.',
                ) from None
        if not found:
            raise FormulaError("it has no url")
        return max(found)
