"""MCP manifests and OpenAPI documents: valid where there are any, and nothing is fetched to know it."""

from __future__ import annotations

import inspect
import json
import re
import socket
import sys
import time
from typing import Any

import pytest
from jsonschema import ValidationError

from chittyactions.compliance.checks.openapi_document import said
from chittyactions.compliance.checks.openapi_files import LONGEST
from chittyactions.compliance.facts import NotApplicable, NotKnown, Undecided
from compliance.repositories import Content, Link, findings, repository

MCP, OPENAPI = "artifacts.mcp", "artifacts.openapi"

PATHS: dict[str, Any] = {
    "/items/{id}": {
        "get": {
            "operationId": "item",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "ok"}},
        }
    }
}


def spec(version: str = "3.0.3", paths: Any = None, **more: Any) -> str:
    """An OpenAPI document as JSON, a line for each value."""
    info = {"title": "Hello", "version": "1"}
    return json.dumps({"openapi": version, "info": info, "paths": PATHS if paths is None else paths, **more}, indent=1)


@pytest.mark.parametrize("check", [MCP, OPENAPI])
def test_without_artifacts_it_does_not_apply(check: str) -> None:
    """They are validated only where they exist."""
    with pytest.raises(NotApplicable):
        findings(
            check, {"package.json": "{}", "server.json": '{"port": 80}', "manifest.json": '{"manifest_version": 3}'}
        )


# -- OpenAPI -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize("path", ["openapi.json", "public/openapi.json", "docs/openapi-v1.json", "api/x.openapi.json"])
def test_a_valid_document_passes(version: str, path: str) -> None:
    """Wherever it lies."""
    assert findings(OPENAPI, {path: spec(version)}) == ()


def test_valid_documents_of_other_forms_pass() -> None:
    """YAML, Swagger 2.0, and a byte order mark with CRLF."""
    yaml = "openapi: 3.1.0\ninfo: {title: Hello, version: '1'}\npaths: {}\n"
    swagger = '{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {}}'
    files: dict[str, Content] = {
        "openapi.yaml": yaml,
        "swagger.json": swagger,
        "a/openapi.yml": "\ufeff" + yaml.replace("\n", "\r\n"),
    }
    assert findings(OPENAPI, files) == ()


@pytest.mark.parametrize(
    "text, words, line",
    [
        (spec(paths={"/a": {"get": {}}}), "paths./a.get: 'responses' is a required property.", 9),
        (spec(paths={"/a": {"fetch": {}}}), "'fetch' does not match", 8),
        (
            '{\n"openapi": "3.0.0",\n"info": {"title": 3, "version": "1"}, "paths": {}}',
            "info.title: 3 is not of type 'string'.",
            3,
        ),
        (spec("9.0.0"), "openapi 9.0.0 is no version that is known", 2),
        ('{"swagger": "3.0"}', "swagger 3.0 is no version that is known", 1),
        ('{"openapi": 3.1}', "put 3.1 in quotes", 1),
        ('{"hello": 1}', "it says neither `openapi` nor `swagger`", 1),
        ('{"openapi": "3.0.0",\n "info": }', "is no valid JSON", 2),
        ("[]", "it says neither", 1),
    ],
)
def test_an_invalid_document_is_told_with_its_place(text: str, words: str, line: int) -> None:
    """The validator's own words, at the value that is wrong."""
    (finding,) = findings(OPENAPI, {"openapi.json": text})
    assert words in finding.message
    assert (finding.path, finding.line) == ("openapi.json", line)
    assert finding.why
    assert not finding.absent


def test_rules_that_no_schema_can_say() -> None:
    """Path parameters that nobody declares, and operation ids that stand twice."""
    other = {"/other": {"get": {"operationId": "item", "responses": {"200": {"description": "ok"}}}}}
    told = findings(OPENAPI, {"openapi.json": spec(paths={**PATHS, **other})})
    assert ["not unique" in one.message for one in told] == [True]
    lost = json.loads(json.dumps(PATHS))
    lost["/items/{id}"]["get"]["parameters"] = []
    told = findings(OPENAPI, {"openapi.json": spec(paths=lost)})
    assert ["Path parameter 'id'" in one.message for one in told] == [True]


def test_references_are_followed_within_the_repository() -> None:
    """In the document and to other files, in JSON and YAML; one that leads nowhere has its place."""
    paths = json.loads(json.dumps(PATHS))
    at = paths["/items/{id}"]["get"]["parameters"][0]["schema"] = {"$ref": "#/components/schemas/Id"}
    parts = {"schemas": {"Id": {"$ref": "../shared/types.yaml#/Id"}}}
    files = {"api/openapi.json": spec(paths=paths, components=parts), "shared/types.yaml": "Id: {type: string}\n"}
    assert findings(OPENAPI, files) == ()
    at["$ref"] = "#/components/schemas/Missing"
    (finding,) = findings(OPENAPI, {**files, "api/openapi.json": spec(paths=paths, components=parts)})
    assert "there is no #/components/schemas/Missing" in finding.message
    assert finding.line > 10
    at["$ref"] = "../shared/none.yaml"
    (finding,) = findings(OPENAPI, {**files, "api/openapi.json": spec(paths=paths, components=parts)})
    assert "there is no ../shared/none.yaml" in finding.message
    at["$ref"] = "../shared/none.yaml#/Id"
    (finding,) = findings(OPENAPI, {**files, "api/openapi.json": spec(paths=paths, components=parts)})
    assert "there is no ../shared/none.yaml#/Id" in finding.message


def test_a_reference_in_an_example_is_data() -> None:
    """`$ref` in a payload refers to nothing; a property may be called example."""
    schema = {"type": "object", "properties": {"example": {"type": "string"}}, "example": {"$ref": "#/nowhere"}}
    assert findings(OPENAPI, {"openapi.json": spec(components={"schemas": {"A": schema}})}) == ()
    schema = {"type": "object", "properties": {"example": {"$ref": "#/nowhere"}}}
    (finding,) = findings(OPENAPI, {"openapi.json": spec(components={"schemas": {"A": schema}})})
    assert "properties.example.$ref: there is no #/nowhere." in finding.message


@pytest.mark.parametrize(
    "address", ["https://example.com/a.json#/A", "//example.com/a.json", "file:///etc/passwd", "x:a"]
)
def test_nothing_outside_the_repository_is_read(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference to elsewhere is unknown, and no connection is made for it."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(NotKnown, match="not fetched"):
        findings(OPENAPI, {"openapi.json": spec(components={"schemas": {"A": {"$ref": address}}})})


def test_a_file_that_refers_to_elsewhere_is_not_fetched_either() -> None:
    """Also not by way of another file of the repository."""
    schema = {"$ref": "types.json#/A"}
    files = {
        "openapi.json": spec(components={"schemas": {"A": schema}}),
        "types.json": '{"A": {"$ref": "file:///etc/passwd"}}',
    }
    with pytest.raises(NotKnown, match="not fetched"):
        findings(OPENAPI, files)


def test_a_folder_that_is_called_like_an_address_does_not_stand_for_it() -> None:
    """What lies at the address is not known, whatever the repository holds under its letters."""
    files = {
        "openapi.json": spec(components={"schemas": {"A": {"$ref": "types.json#/A"}}}),
        "types.json": '{"A": {"$ref": "https://example.com/a.json"}}',
        "https:/example.com/a.json": '{"type": "string"}',
    }
    with pytest.raises(NotKnown, match=r"https://example\.com/a\.json"):
        findings(OPENAPI, files)


def test_a_slash_and_a_tilde_in_a_reference_are_escaped() -> None:
    """As JSON pointers have it: ~1 and ~0."""
    schema = {"type": "object", "properties": {"a/b": {"type": "string"}, "c~d": {"type": "string"}}}
    at = "#/components/schemas/A/properties"
    refers = {"slash": {"$ref": f"{at}/a~1b"}, "tilde": {"$ref": f"{at}/c~0d"}}
    assert findings(OPENAPI, {"openapi.json": spec(components={"schemas": {"A": schema, **refers}})}) == ()


def test_a_reference_by_an_anchor_is_the_validators_to_find() -> None:
    """OpenAPI 3.1 has the anchors of JSON Schema: `#name` is no path into the document."""
    schemas = {"A": {"$anchor": "name", "type": "string"}, "B": {"patternProperties": {"^x-": {"$ref": "#name"}}}}
    assert findings(OPENAPI, {"openapi.json": spec("3.1.0", components={"schemas": schemas})}) == ()


def test_a_json_file_that_is_referred_to_is_read_as_json() -> None:
    """It may be so where it would be no YAML: of a key that stands twice, JSON takes the last."""
    document = spec(components={"schemas": {"A": {"$ref": "types.json#/A"}}})
    assert findings(OPENAPI, {"openapi.json": document, "types.json": '{"A": {}, "A": {"type": "string"}}'}) == ()


def test_a_file_of_another_form_than_its_reference_wants_is_told() -> None:
    """What the validator can't even look at: a list in the place of a parameter."""
    get = {"parameters": [{"$ref": "parameter.json"}], "responses": {"200": {"description": "ok"}}}
    files = {"openapi.json": spec(paths={"/a": {"get": get}}), "parameter.json": "[]"}
    (finding,) = findings(OPENAPI, files)
    assert finding.message == "openapi.json: a file that it refers to is not of the form that OpenAPI gives it."


def test_a_document_above_the_repository_is_not_there() -> None:
    """`..` leads no further than the root, and a link out is not followed."""
    files: dict[str, Content] = {
        "openapi.json": spec(components={"schemas": {"A": {"$ref": "../../../etc/passwd"}, "B": {"$ref": "out.json"}}}),
        "out.json": Link("/etc/passwd"),
    }
    assert len(findings(OPENAPI, files)) == 2


def test_a_document_that_refers_to_itself_in_powers_of_two_ends() -> None:
    """Thirty levels of two references each are a billion ways; circles are fine."""
    levels = {
        f"L{n}": {"allOf": [{"$ref": f"#/components/schemas/L{n + 1}"}, {"$ref": f"#/components/schemas/L{n + 1}"}]}
        for n in range(30)
    }
    circle = {
        "L30": {
            "type": "object",
            "properties": {"again": {"$ref": "#/components/schemas/L30"}},
            "items": {"$ref": "#/components/schemas/L30"},
        }
    }
    started = time.monotonic()
    assert findings(OPENAPI, {"openapi.json": spec(components={"schemas": {**levels, **circle}})}) == ()
    assert time.monotonic() - started < 20


def test_deep_nesting_ends() -> None:
    """A thousand levels in a document: told, or passed, and no crash."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(300):
        schema = {"type": "array", "items": schema}
    told = findings(OPENAPI, {"openapi.json": spec(components={"schemas": {"A": schema}})})
    assert [one.message for one in told] == ["openapi.json is no valid JSON: it is nested more than 100 levels deep."]


def test_a_document_that_is_nested_too_deeply_for_the_validator_is_told() -> None:
    """How deep it can go is Python's to say."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(90):
        schema = {"items": schema, "type": "array"}
    held = repository({"openapi.json": spec(components={"schemas": {"A": schema}})})
    assert findings(OPENAPI, held) == ()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 300)
    try:
        told = findings(OPENAPI, held)
    finally:
        sys.setrecursionlimit(limit)
    assert [one.message for one in told] == ["openapi.json: it is nested too deeply."]


def test_findings_of_a_file_are_bounded() -> None:
    """A hundred wrong paths are twenty findings."""
    assert len(findings(OPENAPI, {"openapi.json": spec(paths={f"/{n}": {"get": {}} for n in range(100)})})) == 20


@pytest.mark.parametrize(
    "path", ["openapi.template.yaml", "node_modules/a/openapi.json", "tests/openapi.json", "a/fixtures/openapi.json"]
)
def test_templates_and_what_is_not_the_services_own_are_no_documents(path: str) -> None:
    """What is installed, or there to be wrong."""
    with pytest.raises(NotApplicable):
        findings(OPENAPI, {path: "{"})


def test_the_settings_of_a_generator_are_no_document() -> None:
    """openapi-config.json is named like one and says that it is none."""
    with pytest.raises(NotApplicable):
        findings(OPENAPI, {"openapi-config.json": '{"output": "x"}'})
    (finding,) = findings(OPENAPI, {"openapi-config.json": '{"output": "x"}', "openapi.json": "{}"})
    assert finding.path == "openapi.json"


def test_a_broken_document_hides_no_other() -> None:
    """Each file is looked at by itself."""
    told = findings(OPENAPI, {"a/openapi.json": "{", "b/openapi.json": spec("9"), "c/openapi.json": spec()})
    assert [one.path for one in told] == ["a/openapi.json", "b/openapi.json"]
    told = findings(OPENAPI, {"a/openapi.json": spec("9"), "b/openapi.json": "{"})
    assert [one.path for one in told] == ["a/openapi.json", "b/openapi.json"]


def test_a_long_message_keeps_its_end() -> None:
    """The validator begins with the whole value, and says at the end what is wrong with it."""
    assert said(ValidationError("m" * LONGEST)) == (f"{'m' * LONGEST}.", ())
    assert said(ValidationError("x" + "m" * LONGEST, path=["a", 0])) == (f"a.0: …{'m' * LONGEST}.", ("a", 0))


def test_of_many_choices_three_are_told() -> None:
    """Each once; what all of them miss is told by the first."""
    choices = [ValidationError(f"it is no {kind}") for kind in ("cat", "dog", "cat", "bird", "fish")]
    error = ValidationError("none fits", validator="anyOf", context=choices)
    assert said(error) == ("it is no cat or it is no dog or it is no bird.", ())


# -- documents of several files ------------------------------------------------------------------------------------

PARTS = "openapi: {}\ninfo: {{title: a, version: '1'}}\npaths:\n  /a: {{$ref: paths/a.yaml{}}}\n"
GOOD_ITEM = "get:\n  responses:\n    '200': {description: ok}\n"


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@pytest.mark.parametrize("pointer, above", [("", ()), ("#/items/x", ("items", "x"))])
def test_a_path_item_of_another_file_is_held_to_its_form(version: str, pointer: str, above: tuple[str, ...]) -> None:
    """The finding is in that file, where the value is."""
    bad = "get:\n  respones: 3\n"
    files = {"openapi.yaml": PARTS.format(version, pointer), "paths/a.yaml": bad}
    if above:
        files["paths/a.yaml"] = "items:\n  x:\n    " + bad.replace("\n", "\n    ")
    told = findings(OPENAPI, files)
    assert {(one.path, one.line) for one in told} == {("paths/a.yaml", 3 if above else 1)}
    place = ".".join((*above, "get"))
    assert any(one.message.startswith(f"paths/a.yaml: {place}: ") and "respones" in one.message for one in told)
    assert (
        findings(
            OPENAPI,
            {
                **files,
                "paths/a.yaml": files["paths/a.yaml"].replace("respones: 3", "responses: {'200': {description: ok}}"),
            },
        )
        == ()
    )


def test_a_path_item_of_another_file_is_told_once() -> None:
    """However many paths, and documents, have it."""
    text = PARTS.format("3.0.3", "") + "  /b: {$ref: paths/a.yaml}\n"
    swagger = "swagger: '2.0'\ninfo: {title: a, version: '1'}\npaths:\n  /a: {$ref: paths/a.yaml}\n"
    broken = {"paths/a.yaml": "get:\n  responses: 3\n"}
    (one,) = findings(OPENAPI, {"openapi.yaml": text, "b.openapi.yaml": text, **broken})
    assert (one.path, one.line) == ("paths/a.yaml", 2)
    (one,) = findings(OPENAPI, {"swagger.yaml": swagger, **broken})
    assert (one.path, one.line) == ("paths/a.yaml", 2)


def test_a_path_item_of_a_webhook_is_held_to_its_form() -> None:
    """As one of a path is."""
    text = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nwebhooks:\n  a: {$ref: paths/a.yaml}\n"
    (one,) = findings(OPENAPI, {"openapi.yaml": text, "paths/a.yaml": "get:\n  responses: 3\n"})
    assert one.message == "paths/a.yaml: get.responses: 3 is not of type 'object'."
    assert (one.path, one.line) == ("paths/a.yaml", 2)


def test_what_another_file_refers_to_has_to_be_there() -> None:
    """A file of the repository that is not there is missing, and not unknown; its place is in the file that says it."""
    refers = GOOD_ITEM + "    '201': {$ref: ../r.yaml#/A}\n    default: {$ref: ../r.yaml#/B}\n"
    files = {"openapi.yaml": PARTS.format("3.0.3", ""), "paths/a.yaml": refers, "r.yaml": "A: {description: ok}\n"}
    (one,) = findings(OPENAPI, files)
    assert one.message == "paths/a.yaml: get.responses.default.$ref: there is no ../r.yaml#/B."
    assert (one.path, one.line) == ("paths/a.yaml", 5)
    files["r.yaml"] += "B: {description: ok, headers: {X: {$ref: nope.yaml}}}\n"
    (one,) = findings(OPENAPI, files)
    assert one.message == "r.yaml: B.headers.X.$ref: there is no nope.yaml."
    assert findings(OPENAPI, {**files, "nope.yaml": "schema: {type: string}\n"}) == ()


def test_a_schema_with_an_address_of_its_own_may_refer_from_there() -> None:
    """What `$id` makes of a reference is not fetched."""
    schema = '{"$id": "https://chitty.cc/a.json", "$ref": "b.json"}'
    files = {"openapi.json": spec(components={"schemas": {"A": {"$ref": "a.json"}}}), "a.json": schema}
    with pytest.raises(NotKnown) as caught:
        findings(OPENAPI, files)
    assert str(caught.value) == "a.json refers to b.json, which is not fetched"
    files["b.json"] = '{"type": "string"}'
    assert findings(OPENAPI, files) == ()
    with pytest.raises(NotKnown) as caught:
        findings(OPENAPI, {**files, "a.json": schema.replace("b.json", "b.json#/X")})
    assert str(caught.value) == "a.json refers to b.json#/X, which is not fetched"


def test_what_is_not_fetched_hides_no_rule() -> None:
    """Path parameters and operation ids are told whatever a schema elsewhere says; what it may say itself is not."""
    elsewhere = {"$ref": "https://example.com/a.json"}
    lost = {"/items/{id}": {"get": {"responses": {"200": {"description": "ok"}}}}}
    user = {"/a": {"get": {"responses": {"200": {"description": "a", "content": {"a/b": {"schema": elsewhere}}}}}}}
    (one,) = findings(OPENAPI, {"openapi.json": spec(paths={**user, **lost})})
    assert one.message == ("openapi.json: Path parameter 'id' for 'get' operation in '/items/{id}' was not resolved.")
    item = "get:\n  responses:\n    '200': {description: a, content: {a/b: {schema: {$ref: 'https://example.com/a.json'}}}}\n"
    parts = PARTS.format("3.0.3", "").replace("/a:", "/a/{b}:")
    (one,) = findings(OPENAPI, {"openapi.yaml": parts, "paths/a.yaml": item})
    assert "Path parameter 'b'" in one.message
    named = {"/b/{id}": {"parameters": PATHS["/items/{id}"]["get"]["parameters"], **user["/a"]}}
    (one,) = findings(OPENAPI, {"openapi.json": spec(paths={**named, **lost})})
    assert "operation in '/items/{id}' was not resolved" in one.message
    given = {"/items/{id}": {"get": {"parameters": [elsewhere], "responses": {"200": {"description": "ok"}}}}}
    heals = {"schemas": {"A": {"allOf": [elsewhere], "required": ["a"]}, "B": {"not": elsewhere, "default": 3}}}
    for text in (spec(paths=given), spec(components=heals), spec(paths={"/{id}": elsewhere})):
        with pytest.raises(NotKnown) as caught:
            findings(OPENAPI, {"openapi.json": text})
        assert str(caught.value) == "openapi.json refers to https://example.com/a.json, which is not fetched"


def test_merge_keys_are_resolved() -> None:
    """As every reader of YAML 1.1 does; what stands there itself comes first, and what is no table is no merge."""
    above = (
        "openapi: 3.0.3\ninfo: {title: a, version: '1'}\nx-a: &a {description: a, x-b: b}\nx-b: &b {<<: *a, x-b: c}\n"
    )
    item = "paths:\n  /a:\n    get:\n      responses:\n        '200': {<<: "
    assert findings(OPENAPI, {"openapi.yaml": f"{above}{item}*a}}\n"}) == ()
    assert findings(OPENAPI, {"openapi.yaml": f"{above}{item}[*b, *a]}}\n"}) == ()
    (one,) = findings(OPENAPI, {"openapi.yaml": f"{above}{item}*b, description: 3}}\n"})
    assert one.message == "openapi.yaml: paths./a.get.responses.200.description: 3 is not of type 'string'."
    assert (one.line, one.column) == (9, 25)
    listed = above.replace("x-a:", "tags: [{<<: *n}]\nx-a:").replace("info:", "x-n: &n {name: n}\ninfo:")
    assert findings(OPENAPI, {"openapi.yaml": f"{listed}{item}*a}}\n"}) == ()
    assert findings(OPENAPI, {"openapi.yaml": f"{above}{item}3, description: a}}\n"}) != ()
    assert (
        findings(
            OPENAPI,
            {"openapi.yaml": PARTS.format("3.0.3", ""), "paths/a.yaml": f"x-a: &a {{x-b: c}}\n<<: *a\n{GOOD_ITEM}"},
        )
        == ()
    )


@pytest.mark.parametrize("large", ["openapi.json", "types.json"])
def test_a_document_too_large_to_read_is_an_error(large: str) -> None:
    """It may well be valid. Of the others is told what is wrong with them."""
    types = {"schemas": {"A": {"$ref": "types.json"}}}
    files: dict[str, Content] = {"openapi.json": spec(components=types), "types.json": "{}"}
    files[large] = b" " * (2 * 1024 * 1024)
    with pytest.raises(Undecided) as caught:
        findings(OPENAPI, files)
    assert caught.value.finding.path == large
    assert len(findings(OPENAPI, {**files, "b/openapi.json": "{}"})) == 1
    elsewhere = spec(components={"schemas": {"A": {"$ref": "https://example.com/a.json"}}})
    with pytest.raises(Undecided):
        findings(OPENAPI, {**files, "a/openapi.json": elsewhere})


def test_a_template_of_helm_is_no_document() -> None:
    """What lies in `templates` is filled in before anybody reads it."""
    text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  {{ .Files.Get }}\n"
    with pytest.raises(NotApplicable):
        findings(OPENAPI, {"chart/templates/openapi-configmap.yaml": text, "templates/openapi.yaml": "{"})


def test_a_broken_manifest_is_told_by_what_it_says() -> None:
    """Where the text names one of the keys that tell a manifest from other files of that name."""
    files: dict[str, Content] = {
        ".vscode/mcp.json": '{"servers": {,}}',
        "mcp.json": '{"mcpServers": {\n',
        "server.json": '{"$schema": "https://static.modelcontextprotocol.io/a.json",\n',
        "manifest.json": '{"manifest_version": "0.3" "name": "a"}',
    }
    assert [one.path for one in findings(MCP, files)] == [
        "server.json",
        "manifest.json",
        ".vscode/mcp.json",
        "mcp.json",
    ]
    with pytest.raises(NotApplicable):
        findings(
            MCP,
            {
                "mcp.json": '{"a": {',
                "server.json": b'{"packages": \xff}',
                "a/server.json": '{"$schema": "https://example.com/a.json",',
                "manifest.json": '{"manifest_version": 3,',
            },
        )


def test_a_broken_manifest_is_told_once() -> None:
    """Also where its text is that of two kinds."""
    (one,) = findings(MCP, {"mcp/manifest.json": '{"manifest_version": "0.3", "tools": [}'})
    assert one.path == "mcp/manifest.json"


def test_a_manifest_too_large_to_read_is_an_error() -> None:
    """Where the name alone says what it is. It hides nothing that is wrong."""
    large: dict[str, Content] = {".mcp.json": b" " * (2 * 1024 * 1024)}
    with pytest.raises(Undecided):
        findings(MCP, large)
    for other in ("mcp.json", "b/.mcp.json"):
        (one,) = findings(MCP, {**large, other: '{"mcpServers": []}'})
        assert one.path == other
    with pytest.raises(NotApplicable):
        findings(MCP, {"server.json": large[".mcp.json"]})


# -- MCP -----------------------------------------------------------------------------------------------------------

SERVER: dict[str, Any] = {
    "$schema": "https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json",
    "name": "cc.chitty/connect",
    "description": "Credentials for an hour",
    "version": "1.0.0",
    "remotes": [{"type": "streamable-http", "url": "https://connect.chitty.cc/mcp"}],
}
BUNDLE: dict[str, Any] = {
    "manifest_version": "0.3", "name": "chitty", "version": "1.0.0", "description": "Chitty on a desktop",
    "author": {"name": "ChittyOS"},
    "server": {"type": "node", "entry_point": "i.js", "mcp_config": {"command": "node", "args": ["i.js"]}},
}  # fmt: skip
TOOL: dict[str, Any] = {
    "name": "get_credentials",
    "inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}},
}
CLIENTS: dict[str, Any] = {
    "mcpServers": {"chitty": {"command": "npx", "args": ["-y", "x"]}, "b": {"url": "https://a.cc/mcp"}}
}

VALID = [
    ("server.json", SERVER),
    ("manifest.json", BUNDLE),
    ("mcp-manifest.json", {"tools": [TOOL]}),
    ("mcp/tools/creds/manifest.json", {**TOOL, "input_schema": TOOL["inputSchema"]}),
    (".mcp.json", CLIENTS),
    (".vscode/mcp.json", {"servers": CLIENTS["mcpServers"]}),
]


@pytest.mark.parametrize("path, manifest", VALID, ids=[path for path, _ in VALID])
def test_a_valid_manifest_passes(path: str, manifest: Any) -> None:
    """Of servers, bundles, tools and clients; editors' settings may hold comments and trailing commas."""
    assert findings(MCP, {path: json.dumps(manifest)}) == ()
    assert findings(MCP, {f"packages/a/{path}": "// why\n" + json.dumps(manifest)[:-1] + ",}"}) == ()


@pytest.mark.parametrize(
    "path, manifest, words",
    [
        ("server.json", {**SERVER, "name": "connect"}, "name: 'connect' does not match"),
        ("server.json", {**SERVER, "version": "^1.0.0"}, "version: "),
        ("server.json", {**SERVER, "remotes": [{"type": "sse"}]}, "remotes.0: 'url' is a required property"),
        ("server.json", {"packages": []}, "server.json: MCP server manifest: 'name' is a required property."),
        ("manifest.json", {**BUNDLE, "author": "me"}, "author: 'me' is not of type 'object'"),
        ("manifest.json", {**BUNDLE, "server": {"type": "node", "entry_point": "x"}}, "'mcp_config' is a required"),
        ("mcp-manifest.json", {"tools": [{**TOOL, "inputSchema": {"type": "array"}}]}, "'object' was expected"),
        ("mcp-manifest.json", {"tools": {"a": TOOL}}, "is not of type 'array'"),
        (".mcp.json", {"mcpServers": {"a": {"args": []}}}, "mcpServers.a: "),
        (".mcp.json", {}, "required property"),
        ("mcp.json", {"mcpServers": []}, "mcpServers: [] is not of type 'object'"),
    ],
)  # fmt: skip
def test_an_invalid_manifest_fails(path: str, manifest: Any, words: str) -> None:
    """With the manifest's kind, the value and its line."""
    told = findings(MCP, {path: json.dumps(manifest, indent=1)})
    assert any(words in one.message for one in told), told
    assert all(one.path == path and one.line for one in told)


def test_a_manifest_that_is_no_json_is_told() -> None:
    """Where the name alone says what it is; others may be anybody's files."""
    (finding,) = findings(MCP, {".mcp.json": '{\n "mcpServers": \n'})
    assert (finding.path, finding.line) == (".mcp.json", 3)
    with pytest.raises(NotApplicable):
        findings(MCP, {"manifest.json": "{", "server.json": "["})
    with pytest.raises(NotApplicable):
        findings(MCP, {"manifest.json": '["dxt_version"]', "server.json": "3"})


def test_a_service_in_a_folder_answers_for_its_own_artifacts() -> None:
    """Those of another service are that one's."""
    held = repository({"a/openapi.json": spec(), "b/openapi.json": "{", "b/.mcp.json": "{"}, "a")
    assert findings(OPENAPI, held) == ()
    with pytest.raises(NotApplicable):
        findings(MCP, held)


def test_what_is_passed_over_hides_no_manifest_after_it() -> None:
    """Broken, of another kind, or looked at before: the next file is looked at all the same."""
    broken = json.dumps({"mcpServers": {"a": {}}})
    files = {"a/mcp.json": "{", "b/mcp.json": "{}", "c/mcp.json": broken, "a/.mcp.json": "{", "b/.mcp.json": broken}
    assert [one.path for one in findings(MCP, files)] == ["a/.mcp.json", "b/.mcp.json", "c/mcp.json"]
    both = {"mcp/a/manifest.json": json.dumps({**BUNDLE, "tools": [TOOL]}), "mcp/b/manifest.json": '{"tools": {}}'}
    assert [one.path for one in findings(MCP, both)] == ["mcp/b/manifest.json"]
    kinds = {"manifest.json": json.dumps({**BUNDLE, "author": "me"}), ".mcp.json": "{"}
    assert [one.path for one in findings(MCP, kinds)] == ["manifest.json", ".mcp.json"]


def test_a_manifest_of_two_kinds_is_held_to_the_first() -> None:
    """A bundle names its tools without their input, and is no list of tools for it."""
    assert findings(MCP, {"mcp/manifest.json": json.dumps({**BUNDLE, "tools": [{"name": "get_credentials"}]})}) == ()


def test_a_document_that_is_unknown_hides_no_broken_one_after_it() -> None:
    """What is known to be wrong is told."""
    elsewhere = spec(components={"schemas": {"A": {"$ref": "https://example.com/a.json"}}})
    (finding,) = findings(OPENAPI, {"a/openapi.json": elsewhere, "b/openapi.json": "{}"})
    assert finding.path == "b/openapi.json"
    reasons = "; ".join(
        f"{name}/openapi.json refers to https://example.com/a.json, which is not fetched" for name in "ab"
    )
    with pytest.raises(NotKnown, match=f"^{re.escape(reasons)}$"):
        findings(OPENAPI, {"a/openapi.json": elsewhere, "b/openapi.json": elsewhere})


def test_a_reference_to_elsewhere_hides_no_broken_one_after_it() -> None:
    """Nor within a document."""
    schemas = {"A": {"$ref": "https://example.com/a.json"}, "B": {"$ref": "#/components/schemas/Missing"}}
    (finding,) = findings(OPENAPI, {"openapi.json": spec(components={"schemas": schemas})})
    assert finding.message == "openapi.json: components.schemas.B.$ref: there is no #/components/schemas/Missing."
