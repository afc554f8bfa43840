"""Writes the JSON schemas of our own files, from the models that read them. Editors complete and check YAML by them.

    python tools/schemas.py --check     say which are not up to date; exit code 1 when there are any
    python tools/schemas.py --write     bring them up to date

schemas/chittyconnect.schema.json and schemas/compliance-report.schema.json have no model and are written by hand.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import itertools
import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

from chittyactions.compliance import catalogue, declared, registry, settings, waivers  # noqa: E402
from chittyactions.compliance.audit import record  # noqa: E402

MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "chittyops": (settings.Settings, ".chittyops.yml"),
    "service-registry": (registry.Registry, "compliance/service-registry.yml"),
    "checks": (catalogue.Catalogue, "compliance/checks.yml"),
    "audit": (record.Audit, "What `chittyops audit` writes, and `chittyops report --format json`"),
}
"""What each generated schema is of: the model, and the file."""

ROOMS = (settings, registry, catalogue, waivers, declared, record)
BASE = "https://raw.githubusercontent.com/chittyos/chittyops/main/schemas"


def schema(name: str) -> dict[str, Any]:
    """The schema of one file."""
    model, file = MODELS[name]
    made = model.model_json_schema(by_alias=True)
    definitions = made.pop("$defs", {})
    holder = {"OwnCheck", "CheckSpec"} & definitions.keys()
    for check in holder:
        kinds = declared.PARAMETERS if check == "OwnCheck" else {**declared.PARAMETERS, **declared.OURS}
        definitions[check]["allOf"] = [_parameters(kind, one, definitions) for kind, one in kinds.items()]
        if check == "OwnCheck":
            definitions[check]["properties"]["evaluate"]["enum"] = list(kinds)
    if holder:
        definitions["Applies"]["properties"]["types"]["items"]["enum"] = _types()
    if "ServiceSettings" in definitions:
        definitions["ServiceSettings"]["properties"]["type"]["enum"] = _types()
    for title, definition in [("", made), *definitions.items()]:
        _describe(definition, model if not title else _class(title))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}/{name}.schema.json",
        "title": file,
        **{key: value for key, value in made.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }


def _types() -> list[str]:
    """The types of services that have a profile."""
    path = ROOT / "compliance/service-registry.yml"
    return list(registry.read_registry(path.read_text("utf-8"), path.name).compliance_profiles)


def _parameters(kind: str, model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """What `with` takes where `evaluate` is one of the kinds that need no Python."""
    inner = model.model_json_schema(by_alias=True)
    definitions.update(inner.pop("$defs", {}))
    definitions[model.__name__] = inner
    reference = {"$ref": f"#/$defs/{model.__name__}"}
    return {
        "if": {"properties": {"evaluate": {"const": kind}}, "required": ["evaluate"]},
        "then": {"properties": {"with": reference}, "required": ["with"]},
    }


def _class(name: str) -> Any:
    return next((getattr(room, name) for room in ROOMS if hasattr(room, name)), None)


def _describe(definition: dict[str, Any], model: Any) -> None:
    """Give each field the docstring below it, and drop the titles that only repeat a field's name."""
    definition.pop("title", None)
    said = dict(_docstrings(model)) if model else {}
    for name, field in definition.get("properties", {}).items():
        field.pop("title", None)
        if text := said.get("parameters" if name == "with" else name):
            field["description"] = text


def _docstrings(model: type) -> Iterator[tuple[str, str]]:
    """The fields of a class and of those that it is made of, with the text that stands below each."""
    for one in reversed(model.__mro__):
        if not one.__module__.startswith("chittyactions."):
            continue
        made = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        body = made.body if isinstance(made, ast.ClassDef) else []
        for above, below in itertools.pairwise(body):
            if isinstance(above, ast.AnnAssign) and isinstance(above.target, ast.Name):
                text = (
                    below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else ""
                )
                if isinstance(text, str) and text:
                    yield above.target.id, " ".join(text.split())


def rendered(name: str) -> str:
    """The text of a schema's file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def stale(root: Path = ROOT) -> list[str]:
    """Names of the schemas that differ from their models."""
    paths = {name: root / f"schemas/{name}.schema.json" for name in MODELS}
    return [name for name, path in paths.items() if not path.is_file() or path.read_text("utf-8") != rendered(name)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or write; the exit code."""
    parser = argparse.ArgumentParser(prog="tools/schemas.py", description="JSON schemas of our own YAML files")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--check", action="store_true", help="exit with 1 when a schema is not up to date")
    how.add_argument("--write", action="store_true", help="bring every schema up to date")
    chosen = parser.parse_args(arguments)
    behind = stale()
    for name in behind:
        path = ROOT / f"schemas/{name}.schema.json"
        if chosen.write:
            path.write_text(rendered(name), "utf-8")
        done = "written" if chosen.write else "not up to date; run tools/schemas.py --write"
        print(f"{path.relative_to(ROOT)}: {done}")
    return 1 if behind and chosen.check else 0


if __name__ == "__main__":
    sys.exit(main())
