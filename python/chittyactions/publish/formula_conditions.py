"""On which machines a condition of a formula holds: `on_arm do`, `if OS.mac? && !Hardware::CPU.arm?`."""

from __future__ import annotations

import re

from tree_sitter import Node

from chittyactions.publish.formula import MACHINES, FormulaError

Machines = frozenset[str]

ALL: Machines = frozenset(MACHINES)
MAC: Machines = frozenset(machine for machine in MACHINES if machine.startswith("darwin"))
LINUX: Machines = ALL - MAC
ARM: Machines = frozenset(machine for machine in MACHINES if machine.endswith("arm64"))
INTEL: Machines = ALL - ARM

BLOCKS = {"on_macos": MAC, "on_linux": LINUX, "on_arm": ARM, "on_intel": INTEL}
"""Blocks without arguments that Homebrew runs on some machines only."""

_ASKED = {
    "OS.mac?": MAC,
    "OS.linux?": LINUX,
    "Hardware::CPU.arm?": ARM,
    "Hardware::CPU.intel?": INTEL,
    "Hardware::CPU.physical_cpu_arm64?": ARM,
    "Hardware::CPU.is_64_bit?": ALL,
    "Hardware::CPU.is_32_bit?": frozenset(),
    "Hardware::CPU.arch==:arm64": ARM,
    "Hardware::CPU.arch==:x86_64": INTEL,
    "Hardware::CPU.type==:arm": ARM,
    "Hardware::CPU.type==:intel": INTEL,
    "true": ALL,
    "false": frozenset(),
}


def holds_on(node: Node, source: bytes) -> Machines:
    """The machines on which the expression at `node` is true. Raises FormulaError when that can't be told."""
    text = re.sub(r"\s", "", source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    if text in _ASKED:
        return _ASKED[text]
    if node.type == "parenthesized_statements" and node.named_child_count == 1:
        return holds_on(node.named_children[0], source)
    operand = node.child_by_field_name("operand")
    if node.type == "unary" and operand and text.startswith(("!", "not")):
        return ALL - holds_on(operand, source)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if node.type == "binary" and left and right and operator:
        if operator.type in ("&&", "and"):
            return holds_on(left, source) & holds_on(right, source)
        if operator.type in ("||", "or"):
            return holds_on(left, source) | holds_on(right, source)
        if operator.type == "!=" and (equal := text.replace("!=", "==", 1)) in _ASKED:
            return ALL - _ASKED[equal]
    raise FormulaError(f"the condition {text[:60]}: only OS and Hardware::CPU are known", line=node.start_point[0] + 1)
