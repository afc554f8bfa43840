"""What tools/docs.py writes of the compliance checks: the dimensions, the profiles, and each check, from their YAML."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))

from chittyactions.compliance.fixing.templates import render

CHECKS = "compliance/checks.yml"
REGISTRY = "compliance/service-registry.yml"

NEEDS = {"required": "required", "optional": "optional", "not_applicable": "-"}
EXAMPLES = {"{name}": "hello", "{organization}": "chittyos"}
"""What stands in the examples for what is filled in from the service."""
TEMPLATES = {
    "SERVICE": "hello",
    "WORKER": "hello",
    "TYPE": "cloudflare-worker",
    "TIER": "3",
    "ORGANIZATION": "CHITTYOS",
    "DOMAIN": "hello.chitty.cc",
    "BRANCH": "main",
    "TRUST": "yes",
}
"""The same for templates."""

KNOWN = {"SERVICE": "hello", "WORKER": "hello", "BRANCH": "main", "TRUST": "yes"}
"""The same in the files that --fix writes from templates."""


@cache
def catalogue(root: Path) -> dict[str, Any]:
    """checks.yml as data."""
    read: dict[str, Any] = yaml.safe_load((root / CHECKS).read_text("utf-8"))
    return read


def dimensions(root: Path) -> str:
    """A table of the dimensions with their checks, each linked to its section. For a page in docs/compliance/."""
    known = catalogue(root)
    rows = ["| Dimension | What it asks | Checks |", "| --- | --- | --- |"]
    for name, spec in known["dimensions"].items():
        links = [
            f"[`{one['id']}`]({name}.md#{anchor(one['id'])}) {one['severity']}"
            for one in known["checks"]
            if one["dimension"] == name
        ]
        told = spec["description"] + (" Advisory." if spec.get("advisory") else "")
        rows.append(f"| [{spec['title']}]({name}.md) | {_cell(told)} | {'<br>'.join(links)} |")
    return "\n".join(rows) + "\n"


def profiles(root: Path) -> str:
    """A table of what each type of service has to fulfil."""
    found: dict[str, dict[str, str]] = yaml.safe_load((root / REGISTRY).read_text("utf-8"))["compliance_profiles"]
    titles = {name: spec["title"] for name, spec in catalogue(root)["dimensions"].items()}
    rows = ["| | " + " | ".join(f"`{kind}`" for kind in found) + " |", "| --- " * (len(found) + 1) + "|"]
    for name, title in titles.items():
        if any(name in profile for profile in found.values()):
            needs = [NEEDS[profile.get(name, "not_applicable")] for profile in found.values()]
            rows.append(f"| {title} | " + " | ".join(needs) + " |")
    return "\n".join(rows) + "\n"


def about(name: str, root: Path) -> str:
    """What a dimension asks and why."""
    spec = catalogue(root)["dimensions"][name]
    return f"{spec['description']} {spec['why']}\n"


def check(name: str, root: Path) -> str:
    """One check: title, severity, description, why, and what to do, with what to paste."""
    spec = next(one for one in catalogue(root)["checks"] if one["id"] == name)
    given = spec.get("with", {})
    advisory = spec.get("advisory") or catalogue(root)["dimensions"][spec["dimension"]].get("advisory")
    weight = f"Severity: {spec['severity']}{', advisory: it is shown, and fails nothing' if advisory else ''}."
    parts = [f"**{spec['title']}.** {weight}{_whom(spec)}", spec["description"]]
    if "why" in given:
        parts.append(f"Why: {given['why']}")
    if "remediation" in given:
        words = [*given["remediation"].split(), *given.get("offer", "").split()]
        parts.append(f"What to do: {' '.join(words)}")
    if "fix" in given:
        parts.append(_fenced(given["fix"]))
    if "template" in given:
        text = render((root / "templates" / given["template"]).read_text("utf-8"), KNOWN, yaml=True)
        parts.append(_fenced(text, "yaml"))
    if "ruleset" in given:
        parts.append(_fenced(json.dumps(given["ruleset"], indent=2)))
    for secret, one in given.get("instead", {}).items():
        parts.append(f"`{secret}`: {one['remediation']}")
    return "\n\n".join(parts) + "\n"


def anchor(check_id: str) -> str:
    """The anchor of a check's section, as GitHub makes it of its heading, which is the id."""
    return check_id.replace(".", "")


def _whom(spec: dict[str, Any]) -> str:
    applies = spec.get("applies", {})
    told = []
    if "types" in applies:
        told.append(f"services of the type {', '.join(applies['types'])}")
    if "tiers" in applies:
        told.append(f"tiers {', '.join(map(str, applies['tiers']))}")
    if applies.get("domain"):
        told.append("services with a domain")
    return f" For {' and '.join(told)} only." if told else ""


def _fenced(text: str, language: str = "") -> str:
    for word, value in EXAMPLES.items():
        text = text.replace(word, value)
    signs = {"{": "json", "#": "markdown", "*": "", "if ": "ts", "const ": "ts"}
    language = language or next((kind for sign, kind in signs.items() if text.startswith(sign)), "yaml")
    return f"```{language}\n{text.rstrip()}\n```"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
