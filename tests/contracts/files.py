"""The YAML of this repository as data, for tests that hold it to its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OWN = re.compile(r"chittyos/chittyops/(?P<path>[\w./-]+)@(?P<ref>[\w.-]+)")


@dataclass(frozen=True)
class YamlFile:
    """A workflow or an action: its path from the root, its data (`on` restored), its text."""

    name: str
    data: dict[str, Any]
    text: str


def load(path: Path) -> YamlFile:
    """Read one file."""
    text = path.read_text("utf-8")
    data = {("on" if key is True else key): value for key, value in yaml.safe_load(text).items()}
    return YamlFile(str(path.relative_to(ROOT)), data, text)


def workflows() -> list[YamlFile]:
    """This repository's workflows."""
    return [load(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


def reusable() -> list[YamlFile]:
    """Those that other repositories call."""
    return [file for file in workflows() if "workflow_call" in file.data["on"]]


def actions() -> list[YamlFile]:
    """Every action that callers can reach, nested ones too."""
    found = [*(ROOT / "actions").rglob("action.yml"), *(ROOT / ".github" / "actions").rglob("action.yml")]
    return [load(path) for path in sorted(found) if "node_modules" not in path.parts]


def steps(file: YamlFile) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each step with a name to tell it by."""
    if "jobs" in file.data:
        for job, body in file.data["jobs"].items():
            for number, step in enumerate(body.get("steps", [])):
                yield f"{file.name}: {job}: {step.get('name', number)}", step
    else:
        for number, step in enumerate(file.data["runs"].get("steps", [])):
            yield f"{file.name}: {step.get('name', number)}", step


def own_action(uses: str) -> YamlFile | None:
    """The action of this repository that a `uses:` names, at whatever ref."""
    match = OWN.fullmatch(uses)
    return load(ROOT / match["path"] / "action.yml") if match and not match["path"].endswith(".yml") else None
