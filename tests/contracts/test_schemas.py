"""The JSON schemas of our YAML files: as the models have them, and as strict as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import schemas
from chittyactions.compliance.registry import read_registry
from chittyactions.compliance.settings import read_settings
from chittyactions.compliance.yaml_text import read_yaml
from chittyactions.errors import ConfigError
from contracts.files import ROOT

REGISTRY = ROOT / "compliance/service-registry.yml"
WRITTEN = ("chittyops", "chittyconnect", "service-registry", "checks")


def errors(name: str, text: str) -> list[str]:
    """What a schema has against a text of YAML."""
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text("utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(read_yaml(text).data)]


def test_the_schemas_are_up_to_date() -> None:
    """Each schema is what tools/schemas.py writes from the model."""
    assert schemas.stale() == []


def test_a_schema_that_is_behind_is_found(tmp_path: Any) -> None:
    """A schema that differs from its model, or is missing, is named."""
    (tmp_path / "schemas").mkdir()
    for name in schemas.MODELS:
        (tmp_path / f"schemas/{name}.schema.json").write_text(schemas.rendered(name), "utf-8")
    assert schemas.stale(tmp_path) == []
    (tmp_path / "schemas/checks.schema.json").write_text("{}", "utf-8")
    assert schemas.stale(tmp_path) == ["checks"]
    (tmp_path / "schemas/chittyops.schema.json").unlink()
    assert schemas.stale(tmp_path) == ["chittyops", "checks"]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_schema_is_one_and_says_what_it_is_of(name: str) -> None:
    """Every schema is a valid one, with its own address and the file that it describes."""
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/schemas/{name}.schema.json")
    assert schema["title"].endswith(".yml")


def test_our_own_files_fit_their_schemas() -> None:
    """The registry and checks.yml are what editors are told that they are."""
    assert errors("service-registry", REGISTRY.read_text("utf-8")) == []
    assert errors("checks", (ROOT / "compliance/checks.yml").read_text("utf-8")) == []


SETTINGS = {
    "{}": True,
    "service: {name: x, type: tool, tier: 3, domain: x.cc}": True,
    "fail_on: required": True,
    "waivers: [{check: a.b, reason: r, owner: o, expires: 2031-01-01}]": True,
    "checks: [{id: a.b, title: t, evaluate: regex, with: {paths: [x], pattern: y}}]": True,
    "checks: [{id: a.b, title: t, evaluate: endpoint, with: {url: 'https://x.cc', field: a, equals: true}}]": True,
    "checks: [{id: a.b, title: t, evaluate: json_field, with: {path: x, field: a, contains: [1, b]}}]": True,
    "servce: {}": False,
    "service: {tier: 6}": False,
    "fail_on: sometimes": False,
    "waivers: [{check: a.b, reason: r, owner: o}]": False,
    "checks: [{id: a.b, title: t, evaluate: regexp, with: {}}]": False,
    "checks: [{id: a.b, title: t, evaluate: regex}]": False,
    "checks: [{id: a.b, title: t, evaluate: regex, with: {paths: [x]}}]": False,
    "checks: [{id: a.b, title: t, evaluate: file_present, with: {path: x}}]": False,
    "checks: [{id: a.b, title: t, evaluate: endpoint, with: {url: 'http://x.cc'}}]": False,
}


@pytest.mark.parametrize("text", SETTINGS)
def test_an_editor_says_the_same_of_settings_as_the_check(text: str) -> None:
    """What the schema of .chittyops.yml allows is what is read, and what it refuses is refused."""
    assert (errors("chittyops", text) == []) is SETTINGS[text]
    if SETTINGS[text]:
        assert read_settings(text).schema_version == 1
    else:
        with pytest.raises(ConfigError):
            read_settings(text)


@pytest.mark.parametrize(
    "text",
    [
        "schema_version: 1\ncompliance_profiles: {}\norganizations: {A: {services: [x]}}",
        "schema_version: 1\ncompliance_profiles: {}\norganizations: {A: {services: {x: }}}",
        "schema_version: 1\ncompliance_profiles: {t: {d: maybe}}",
        "schema_version: 1",
    ],
)
def test_an_editor_refuses_what_the_registry_refuses(text: str) -> None:
    """A list of services, a null entry, an unknown need."""
    assert errors("service-registry", text)
    with pytest.raises(ConfigError):
        read_registry(text, "registry.yml")


CONNECT = """
service:
  name: chittyexample
  type: cloudflare-worker
  tier: 3
  domains: {production: example.chitty.cc, staging: "https://anything"}
onboarding:
  endpoint: https://get.chitty.cc/api/onboard
  provisions: [chitty_id, service_token, certificate, trust_chain]
auth: {provider: chittyauth}
other_tools_key: 1
"""


@pytest.mark.parametrize(
    "old, new, allowed",
    [
        ("", "", True),
        ("[chitty_id, service_token, certificate, trust_chain]", "{chitty_id: true}", True),
        ("chittyexample", "${X_SERVICE_ID}", True),
        ("chittyexample", "two words", False),
        ("type: cloudflare-worker", "type: worker", False),
        ("tier: 3", "tier: 6", False),
        ("production: example.chitty.cc", "production: 'https://example.chitty.cc'", False),
        ("  endpoint: https://get.chitty.cc/api/onboard\n", "", False),
        ("  name: chittyexample\n", "", False),
        ("[chitty_id, service_token, certificate, trust_chain]", "chitty_id", False),
    ],
)
def test_an_editor_knows_the_connect_file(old: str, new: str, *, allowed: bool) -> None:
    """.chittyconnect.yml: its own keys are checked, other tools' keys are left alone."""
    assert (errors("chittyconnect", CONNECT.replace(old, new, 1) if old else CONNECT) == []) is allowed


def test_service_as_a_string_is_marked_by_editors() -> None:
    """It is read, and still not what the file should say."""
    assert errors("chittyconnect", "service: chittyexample\nonboarding: {endpoint: x}")


def test_the_connect_file_knows_the_types_of_the_registry() -> None:
    """A type that is added to the profiles is added to the editors' list."""
    schema = json.loads((ROOT / "schemas/chittyconnect.schema.json").read_text("utf-8"))
    types = schema["properties"]["service"]["properties"]["type"]["enum"]
    assert types == list(read_registry(REGISTRY.read_text("utf-8"), "registry.yml").compliance_profiles)
