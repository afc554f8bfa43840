"""Files from templates/: `%NAME%` stands for what is known of the service; a line with one that is not is left out.

`%IF NAME%` … `%END%` on lines of their own hold what is there only where NAME is known, `%UNLESS NAME%` … `%END%` what
is there only where it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chittyactions.compliance.yaml_text import plain

NAMES = frozenset(
    {
        "SERVICE",
        "TYPE",
        "TIER",
        "ORGANIZATION",
        "ORG_LOWER",
        "DOMAIN",
        "TERRITORY",
        "DESCRIPTION",
        "DATE",
        "BRANCH",
        "FOLDER",
        "JOB",
        "CONFIG",
        "WORKER",
        "WORKER_FOLDER",
        "OWNERS",
        "CODEOWNERS",
        "SETTLED",
        "TRUST",
    }
)
"""Every name that a template may use; values.py says what each stands for."""

_CONDITION = re.compile(r"%(IF|UNLESS) ([A-Z_]+)%")
_NAME = re.compile(r"%([A-Z][A-Z_]*)%")
_ALONE = re.compile(r"(?P<before>\s*(?:- )?(?:[\w-]+: +)?\[?)%(?P<name>[A-Z][A-Z_]*)%(?P<after>\]?)")
_PLAIN = re.compile(r"(?:https://)?[A-Za-z_][\w./-]*")
_AS_IT_IS = frozenset({"TIER", "DATE"})


def render(text: str, values: Mapping[str, str], *, yaml: bool = False) -> str:
    """A template filled in. In YAML, and in Markdown's front matter, a value by itself is quoted where it has to be.

    Raises ValueError for a template that names what there is not, or whose `%IF%` and `%END%` do not match.
    """
    kept: list[str] = []
    inside = ""
    shown = True
    for number, line in enumerate(text.splitlines(), 1):
        condition = _CONDITION.fullmatch(line)
        named = {condition[2]} if condition else {*_NAME.findall(line)} - {"END"}
        if unknown := named - NAMES:
            raise ValueError(f"line {number}: there is no value named {', '.join(sorted(unknown))}")
        yaml = _in_yaml(line, number, yaml=yaml)
        if condition or line == "%END%":
            if bool(condition) == bool(inside):
                raise ValueError(f"line {number}: {line} has no partner")
            inside = line if condition else ""
            shown = condition is None or (condition[2] in values) == (condition[1] == "IF")
        elif shown and named <= values.keys():
            kept.append(_filled(line, values, yaml=yaml))
    if inside:
        raise ValueError(f"{inside} has no %END%")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n") + "\n"


def _in_yaml(line: str, number: int, *, yaml: bool) -> bool:
    """Whether what follows is YAML: a template that begins with three dashes has front matter up to the next three."""
    return number == 1 if line == "---" else yaml


def _filled(line: str, values: Mapping[str, str], *, yaml: bool) -> str:
    alone = _ALONE.fullmatch(line) if yaml else None
    if alone and alone["name"] not in _AS_IT_IS:
        return f"{alone['before']}{scalar(values[alone['name']])}{alone['after']}"
    return _NAME.sub(lambda found: values[found[1]], line)


def scalar(value: Any) -> str:
    """A value as YAML writes it on one line: plain where that means the same, else in quotes."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return str(value)
    text = str(value)
    is_plain = text.isascii() and plain(text) == text and _PLAIN.fullmatch(text)
    return text if is_plain else json.dumps(text)
