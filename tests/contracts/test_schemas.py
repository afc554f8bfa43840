"""The JSON schemas of our YAML files: as the models have them, and as strict as they are."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import schemas
from chittyactions.compliance.checks.chittyconnect import config
from chittyactions.compliance.checks.chittyrouter import declared
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.identity import identify
from chittyactions.compliance.model import Service
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.settings import hold_to_types, read_settings
from chittyactions.compliance.yaml_text import read_yaml
from chittyactions.errors import ConfigError
from compliance.repositories import laid_out_under, repository, spec_of
from contracts.files import ROOT

REGISTRY = ROOT / "compliance/service-registry.yml"
WRITTEN = ("chittyops", "chittyconnect", "service-registry", "checks")


def errors(name: str, text: str) -> list[str]:
    """What a schema has against a text of YAML."""
    return [error.message for error in validator(name).iter_errors(read_yaml(text).data)]


@cache
def validator(name: str) -> Draft202012Validator:
    """What judges by a schema as editors do."""
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def ours() -> Registry:
    """The registry of the ecosystem."""
    return read_registry(REGISTRY.read_text("utf-8"), "registry.yml")


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


SETTINGS = """
schema_version: 1
service: {name: x, type: tool, tier: 3, domain: x.cc}
fail_on: required
waivers: [{check: a.b, reason: r, owner: o, expires: 2031-01-01}]
checks:
  - {id: a.b, title: t, evaluate: file_present, required: true, with: {paths: [x], empty: true}}
  - {id: a.c, title: t, evaluate: regex, severity: low, with: {paths: [x], pattern: y},
     applies: {types: [tool], tiers: [0, 5]}}
  - {id: a.d, title: t, evaluate: json_field, with: {path: x, field: a, contains: [1, b]}}
  - {id: a.e, title: t, evaluate: endpoint, with: {url: "https://{domain}/{name}", status: 301, field: f, equals: true}}
"""

CHANGES = [
    ("schema_version: 1", "schema_version: 1.0", True),
    ("schema_version: 1", "schema_version: '1'", False),
    ("schema_version: 1", "schema_version: true", False),
    ("schema_version: 1", "schema_version: 2", False),
    ("schema_version: 1", "servce: {}", False),
    ("name: x", "name: ''", True),
    ("name: x", "name: two words", False),
    ("name: x", "name: '..'", False),
    ("name: x", "name: .github", True),
    ("name: x", "name: 5", False),
    ("name: x, type: tool", "name: x", True),
    ("type: tool, tier", "type: toool, tier", False),
    ("type: tool, tier", "type: '', tier", False),
    ("type: tool, tier", "type: , tier", False),
    ("tier: 3", "tier: ", True),
    ("tier: 3", "tier: 3.0", True),
    ("tier: 3", "tier: 3.5", False),
    ("tier: 3", "tier: -1", False),
    ("tier: 3", "tier: 6", False),
    ("tier: 3", "tier: true", False),
    ("tier: 3", "tier: '3'", False),
    ("domain: x.cc", "domain: ''", True),
    ("domain: x.cc", "domain: https://x.cc/", True),
    ("domain: x.cc", "domain: X.XN--p1AI", True),
    ("domain: x.cc", "domain: https://", False),
    ("fail_on: required", "fail_on: none", True),
    ("fail_on: required", "fail_on: ''", False),
    ("fail_on: required", "fail_on:", False),
    ("fail_on: required", "fail_on: sometimes", False),
    ("reason: r", "reason: ' r '", True),
    ("reason: r", "reason: ' '", False),
    ("reason: r", f"reason: {'r' * 300}", True),
    ("reason: r", f"reason: {'r' * 301}", False),
    ("reason: r, owner: o", "reason: r", False),
    ("owner: o", "owner: ''", False),
    ("expires: 2031-01-01", "expires: '2031-01-01'", True),
    ("expires: 2031-01-01", "expires: 2031-02-30", False),
    ("expires: 2031-01-01", "expires: 2031-1-1", False),
    ("expires: 2031-01-01", "expires: '20310101'", False),
    ("expires: 2031-01-01", "expires: 2031-01-01T00:00:00", False),
    ("expires: 2031-01-01", "expires: 0", False),
    ("expires: 2031-01-01", "expires: 1798675200", False),
    ("expires: 2031-01-01", "expires: 2031-01-01, service: x", False),
    ("id: a.b", "id: a", False),
    ("title: t", "title: ' '", False),
    ("required: true", "required: yes", False),
    ("required: true", "required: 1", False),
    ("required: true", "required: 'true'", False),
    ("severity: low", "severity: fatal", False),
    ("evaluate: regex", "evaluate: regexp", False),
    ("types: [tool]", "types: [toool]", False),
    ("types: [tool]", "types: tool", False),
    ("tiers: [0, 5]", "tiers: []", True),
    ("tiers: [0, 5]", "tiers: [0, 77]", False),
    ("tiers: [0, 5]", "tiers: [true]", False),
    ("paths: [x], empty", "paths: [], empty", False),
    ("paths: [x], empty", "path: x, empty", False),
    ("paths: [x], empty: true", "paths: [x], empty: no", False),
    (", with: {paths: [x], empty: true}", "", False),
    *(
        ("paths: [x], pattern", f"paths: ['{one}'], pattern", True)
        for one in ("./x", "**", "src/**/*.{ts,tsx}", "{a,b/c}/?.x")
    ),
    *(
        ("paths: [x], pattern", f"paths: ['{one}'], pattern", False)
        for one in (
            " ", "src/", "src/ ", "/x", "!x", "~/x", "../x", "a/../x", "a/./x", "././x", ".", "..", "a//x", "a\\x",
            "src/[ab].ts", "*.{ts,t?x}", "*.{ts,*}", "{a,{b,c}}", "{a,b", "a}b",
        )
    ),
    ("path: x, field", "path: src/, field", False),
    ("pattern: y", "pattern: ''", False),
    ("pattern: y", "pattern: y, expect: absent", True),
    ("pattern: y", "pattern: y, expect: never", False),
    ("pattern: y", "pattern: y, ignore_case: on", False),
    *(("field: a", f"field: {one}", True) for one in ("a.0.b", "'\"a.b\".c'", "a\"b")),
    *(("field: a", f"field: {one}", False) for one in ("a..b", ".a", "a.", "''", "'\"a'", "'\"a\"b'")),
    *(
        ("contains: [1, b]", one, True)
        for one in ("equals: null", "one_of: [1, null]", "matches: x", "only_if_present: true")
    ),
    *(
        ("contains: [1, b]", one, False)
        for one in (
            "contains: []", "contains: [[1]]", "one_of: []", "matches: ''", "matches: ", "equals: [1]",
            "equals: 1, one_of: [1]", "equals: 1, matches: x", "one_of: [1], contains: [1]",
            "matches: x, contains: [1]",
        )
    ),
    ("field: f, equals: true", "field: f", True),
    ("field: f, equals: true", "equals: true", False),
    ("field: f, equals: true", "field: , equals: true", False),
    ("status: 301", "status: '301'", False),
    ("status: 301", "status: 199", False),
    *(
        ('"https://{domain}/{name}"', f'"{one}"', False)
        for one in (
            "http://x.cc", "https://", "https:///x", "https://{nope}/x", "https://x.cc/{}", "https://x.cc/{name",
            "https://x.cc/a b", "https://x.cc/{ name }",
            "https://x.cc:0/", "https://x.cc:65536/", "https://x.cc:99999/", "https://x.cc:abc/", "https://x.cc:", "https://:80/",
            "https://[::1/", "https://[::1]/", "https://user:password@x.cc/", "https://user@x.cc", "https://{domain}:port/",
            "https://?x.cc",
        )
    ),
    *(
        ('"https://{domain}/{name}"', f'"{one}"', True)
        for one in (
            "https://x.cc:8443/?a=b", "https://x.cc:65535/", "https://x.cc:65529", "https://x.cc:65499", "https://x.cc:64999",
            "https://x.cc:1", "https://x.cc:59999", "https://{name}.x.cc:443?a@b:c", "https://x.cc/a@b:c/[d]", "https://{domain}#{name}",
        )
    ),
]  # fmt: skip


def allowed(text: str) -> bool:
    """Whether settings are read."""
    try:
        hold_to_types(read_settings(text), ours().compliance_profiles)
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("old, new, fits", [("", "", True), *CHANGES])
def test_an_editor_says_the_same_of_settings_as_the_check(old: str, new: str, *, fits: bool) -> None:
    """What the schema of .chittyops.yml allows is what is read, and what it refuses is refused."""
    text = SETTINGS.replace(old, new, 1)
    assert text != SETTINGS or not old
    assert ((errors("chittyops", text) == []), allowed(text)) == (fits, fits)


@pytest.mark.parametrize("text", ["", "{}", "# nothing yet\n"])
def test_settings_may_say_nothing(text: str) -> None:
    """An editor that is shown an empty file sees no document at all."""
    assert allowed(text)
    assert text != "{}" or not errors("chittyops", text)


ENTRY = """
schema_version: 1
compliance_profiles: {tool: {chittycanon: required}}
organizations: {A: {services: {x: {repo: a/x, type: tool, tier: 3, domain: x.cc, active: true, territory: t}}}}
waivers: [{service: x, check: a.b, reason: r, owner: o, expires: 2031-01-01}]
"""


@pytest.mark.parametrize(
    "old, new, fits",
    [
        ("", "", True),
        ("schema_version: 1\n", "", False),
        ("schema_version: 1", "schema_version: '1'", False),
        ("chittycanon: required", "chittycanon: maybe", False),
        ("{x: {repo: a/x, type: tool, tier: 3, domain: x.cc, active: true, territory: t}}", "[x]", False),
        ("{services: {x: {repo: a/x, type: tool, tier: 3, domain: x.cc, active: true, territory: t}}}", "", False),
        ("active: true", "active: no", False),
        ("active: true", "active: 1", False),
        ("tier: 3", "tier: '3'", False),
        ("tier: 3", "tier: null", True),
        ("domain: x.cc", "domain: X.cc", False),
        ("domain: x.cc", "domain: x.xn--p1ai", True),
        ("domain: x.cc", "domain: x.c1", False),
        ("repo: a/x", "repo: x", False),
        *(("repo: a/x", f"repo: {one}", False) for one in ("a/..", "a/.", "-/..", "a/x/y", "'a/x y'", f"{'a' * 40}/x")),
        *(("repo: a/x", f"repo: {one}", True) for one in ("a/.x", "a/...", "a/-x", "a--b-/x", "a/x.y_z")),
        *(("{x: {repo", f"{{? {one} : {{repo", False) for one in ("''", "a/b c", r'"x\ny"', "..", "'@a/b'")),
        *(("{x: {repo", f"{{? {one} : {{repo", True) for one in (".github", "-chittyos", "X_1")),
        *(("{A: {services", f"{{? {one} : {{services", False) for one in ("''", "'-'", "a b", "a.b", "a" * 40)),
        ("service: x, ", "", False),
        ("service: x", "service: ' '", False),
        ("expires: 2031-01-01", "expires: 0", False),
    ],
)
def test_an_editor_says_the_same_of_a_registry_as_the_check(old: str, new: str, *, fits: bool) -> None:
    """A list of services, a null entry, a value of another kind, a waiver for nobody."""
    text = ENTRY.replace(old, new, 1)
    assert text != ENTRY or not old
    try:
        read = bool(read_registry(text, "registry.yml"))
    except ConfigError:
        read = False
    assert ((errors("service-registry", text) == []), read) == (fits, fits)


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
    "old, new, fits",
    [
        ("", "", True),
        ("[chitty_id, service_token, certificate, trust_chain]", "{chitty_id: true}", True),
        ("chittyexample", "${X_SERVICE_ID}", False),
        ("chittyexample", "two words", False),
        ("chittyexample", "..", False),
        ("type: cloudflare-worker", "type:", True),
        ("type: cloudflare-worker", "type: worker", False),
        ("tier: 3", "tier: '3'", True),
        ("tier: 3", "tier:", True),
        ("tier: 3", "tier: 6", False),
        ("tier: 3", "tier: '6'", False),
        ("tier: 3", "tier: true", False),
        ("tier: 3", "tier: 3.0", True),
        ("tier: 3", "tier: 3.5", False),
        ("tier: 3", "organization: chittyos", True),
        ("tier: 3", "organization:", True),
        ("tier: 3", "organization: 5", False),
        ("tier: 3", "organization: [chittyos]", False),
        ("production: example.chitty.cc", "production: Example.chitty.cc", True),
        ("production: example.chitty.cc", "production: 'https://example.chitty.cc'", False),
        ("production: example.chitty.cc", "production: [example.chitty.cc]", False),
        ("production: example.chitty.cc", "production: '${DOMAIN}'", False),
        ("endpoint: https://get.chitty.cc/api/onboard", "endpoint: http://x.cc", False),
        ("endpoint: https://get.chitty.cc/api/onboard", "endpoint: x", False),
        ("  endpoint: https://get.chitty.cc/api/onboard\n", "", False),
        ("  name: chittyexample\n", "", False),
    ],
)
def test_an_editor_says_the_same_of_the_connect_file_as_the_checks(
    old: str, new: str, tmp_path: Path, *, fits: bool
) -> None:
    """What the schema marks in .chittyconnect.yml is what identity and the checks of it have something against."""
    text = CONNECT.replace(old, new, 1) if old else CONNECT
    assert (errors("chittyconnect", text) == []) is fits
    with laid_out_under(tmp_path):
        held = repository({".chittyconnect.yml": text, "wrangler.toml": 'name = "chittyexample"\nmain = "a"\n'})
        service = Service("chittyexample", "cloudflare-worker", domain="example.chitty.cc")
        judged = ((config, "chittyconnect.config"), (declared, "chittyrouter.declared"))
        said = [one for check, name in judged for one in check(Subject(held, service, spec_of(name).parameters))]
        try:
            said += [one for one in identify(held, ours()).disagreements if one.path == ".chittyconnect.yml"]
        except ConfigError:
            fits_too = False
        else:
            fits_too = not said
    assert fits_too is fits


def test_other_tools_keys_and_provisions_of_the_connect_file() -> None:
    """Provisions are a list or a table; a text is neither."""
    assert errors("chittyconnect", CONNECT.replace("[chitty_id, service_token, certificate, trust_chain]", "chitty_id"))


def test_service_as_a_string_is_marked_by_editors() -> None:
    """It is read, and still not what the file should say."""
    assert errors("chittyconnect", "service: chittyexample\nonboarding: {endpoint: x}")


def test_the_connect_file_knows_the_types_of_the_registry() -> None:
    """A type that is added to the profiles is added to the editors' list."""
    schema = json.loads((ROOT / "schemas/chittyconnect.schema.json").read_text("utf-8"))
    types = schema["properties"]["service"]["properties"]["type"]["enum"]
    assert [one for one in types if one] == list(ours().compliance_profiles)
