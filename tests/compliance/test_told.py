"""Every finding word for word: a file of them that a person has read. CHITTY_UPDATE_SNAPSHOTS=1 writes it anew.

What a check decides is tested beside it; here is what it says, where it points, and what it offers to paste.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.checks.connect_file import kind_of
from chittyactions.compliance.checks.declared import KINDS
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.facts import Fact, NotApplicable, NotAsked, NotKnown, Undecided, Wrong
from chittyactions.compliance.identity import Claim, asked, identify
from chittyactions.compliance.model import Finding
from chittyactions.compliance.repository import Health, Observed, Protection, Repository
from chittyactions.errors import ConfigError, InputError
from compliance.repositories import Content, Link, findings, repository, service

TOLD = Path(__file__).parent / "findings.txt"

CONNECT = ".chittyconnect.yml"
FLOW = ".github/workflows/a.yml"
HEARTBEAT = "curl --request POST https://registry.chitty.cc/api/services/hello/heartbeat"
SYNC = "curl -d a=b https://connect.chitty.cc/api/github/sync"

Files = dict[str, Content]


def workflow(run: str, on: str = "push", job: str = "") -> str:
    return f"on: {on}\njobs:\n  a:\n{job}    runs-on: ubuntu-latest\n    steps:\n      - run: {run}\n"


def openapi(**more: Any) -> str:
    return json.dumps({"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": {}, **more}, indent=1)


def schemas(**named: Any) -> str:
    return openapi(components={"schemas": named})


def seen(**observed: Any) -> Callable[[], Repository]:
    return lambda: repository({"README.md": "x"}, observed=Observed(**observed))


def switched_off() -> Repository:
    return repository({FLOW: workflow(SYNC)}, observed=Observed(disabled_workflows=Fact.present((FLOW,))))


CASES: dict[str, list[Callable[[], Repository] | Files]] = {
    "chittyconnect.config": [
        {},
        {CONNECT: ""},
        {".chittyconnect.yaml": "service: {name: a}\n"},
        {CONNECT: "- a\n"},
        {CONNECT: "service:\n  name: [\n"},
        {CONNECT: "# of it\nservice:\n    name:  'no name'\nonboarding: [a]\n"},
        {CONNECT: "service: hello\nonboarding:\n  endpoint: http://get.chitty.cc\n"},
        {CONNECT: "service:\n  name: 3\nonboarding:\n  endpoint: 2026-01-01\n"},
        {CONNECT: "service:\n  name: 3.5\nonboarding:\n  endpoint: true\n"},
        {CONNECT: Link("/etc/hostname")},
    ],
    "chittyconnect.sync-workflow": [
        {},
        {FLOW: workflow(SYNC, "workflow_call")},
        switched_off,
        {FLOW: workflow(SYNC, job="    if: false\n")},
    ],
    "chittybeacon.installed": [
        {},
        {"package.json": "{"},
        {"package.json": '{"dependencies": {"@chittycorp/app-beacon-x": "1"}}'},
        {"chittybeacon.py": ""},
        {"chittybeacon.py": Link("/etc/hostname")},
        {"chittybeacon.py": b"\xff"},
        {"chittybeacon/__init__.py": "", "chittybeacon/a.py": "\n"},
    ],
    "chittycanon.claude-md": [{}, {"CLAUDE.md": " \n"}, {"CLAUDE.md": b"\xff"}],
    "chittycanon.charter": [
        {},
        {"CHARTER.md": "---\na: b\n---\n\n<!-- later -->\n"},
        {"CHARTER.md": "---\na: [\n---\n\ntext\n"},
    ],
    "chittycanon.codeowners": [{}, {"CODEOWNERS": "# nobody\n"}, {"CODEOWNERS copy": "* @a\n"}, {"CODEOWNERS": "*\n"}],
    "chittycanon.protection": [
        {},
        seen(default_branch="trunk", protection=Fact[Protection].absent("it said so")),
        seen(
            default_branch="trunk",
            protection=Fact.present(Protection(reviews=False, status_checks=False, force_pushes=True)),
        ),
        seen(protection=Fact[Protection].unknown("GitHub said 500.")),
    ],
    "chittyregister.heartbeat": [{}, {FLOW: workflow(HEARTBEAT, "workflow_call")}],
    "chittyregister.registered": [
        {},
        seen(registered=Fact[str].absent("the registry says that it does not know it")),
        seen(registered=Fact[str].unknown("It hung.")),
    ],
    "chittyrouter.declared": [
        {},
        {CONNECT: "service: {name: a}\n"},
        {CONNECT: "service: {domains: {production: 'not a host'}}\n"},
        {CONNECT: "service: {domains: {production: [a]}}\n"},
        {CONNECT: "service: {domains: {production: other.chitty.cc}}\n"},
    ],
    "chittyrouter.routed": [seen(routed=Fact[str].absent("the router says that it does not know it"))],
    "chittytrust.provisions": [
        {},
        {CONNECT: "onboarding:\n"},
        {CONNECT: "onboarding:\n  provisions: everything\n"},
        {CONNECT: "onboarding:\n  provisions: [chitty_id, 3]\n"},
        {CONNECT: "onboarding:\n  provisions: {chitty_id: true, certificate: false}\n"},
    ],
    "chittytrust.provider": [
        {},
        {CONNECT: "auth: {provider: NOT-chittyauth}\n"},
        {CONNECT: "auth: {provider: [a]}\n"},
    ],
    "health_endpoint.health": [
        {},
        seen(health=Fact.present(Health("https://hello.chitty.cc/health", "it answered 503"))),
        seen(health=Fact[Health].absent()),
    ],
    "channel-access-pattern.shared-token": [
        {},
        {"src/a.ts": "// CHITTY_AUTH_SERVICE_TOKEN\nlet a = env.CHITTY_AUTH_SERVICE_TOKEN;\n"},
        {"src/a.ts": "CHITTY_AUTH_SERVICE_TOKEN"},
        {"src/a.ts": "\nCHITTY_AUTH_SERVICE_TOKEN"},
        {"src/a.py": "'''CHITTY_AUTH_SERVICE_TOKEN\n'''\n  t = os.environ['CHITTY_AUTH_SERVICE_TOKEN']\n"},
        {"src/a.ts": "a\n/* b */ c = CHITTY_AUTH_SERVICE_TOKEN\n"},
    ],
    "channel-access-pattern.minted-tokens": [{"src/auth.ts": "\nexport const a = 1;\n"}, {"src/auth.ts": ""}],
    "secrets-model.deprecated": [
        {FLOW: workflow("a ${{ secrets.NPM_TOKEN }} ${{ secrets.VERCEL_TOKEN }} ${{ secrets.CLOUDFLARE_API_TOKEN }}")},
    ],
    "secrets-model.names": [
        {
            FLOW: workflow(
                "${{ secrets.CHITTYOS_API_KEY }} ${{ secrets.CHITTY_OTHER }} ${{ secrets['CHITTYID_TOKEN'] }}"
            )
        },
    ],
    "artifacts.mcp": [
        {},
        {".mcp.json": "{"},
        {".mcp.json": '{\n "mcpServers": {"b": {"command": 3}, "a": {"args": 3, "command": "x"}, "c": []}\n}'},
        {"mcp-manifest.json": '{"tools": [{}, {"name": 3}]}'},
    ],
    "artifacts.openapi": [
        {},
        {"openapi.json": "{"},
        {"openapi.yaml": "info: {}\n"},
        {"openapi.yaml": "openapi: 3.0\n"},
        {"openapi.json": openapi(openapi="4.0.0-an-odd-name-of-a-version")},
        {"openapi.json": openapi(info={"title": 3}, paths={"/a": {"get": {"responses": {"200": {}}}}})},
        {"openapi.json": schemas(A={"type": "x" * 300, "items": {"type": 3}})},
        {
            "openapi.json": schemas(
                A={"$ref": "#/components/schemas/No"},
                B={"$ref": "#/components/schemas/x~1y~0z"},
                C={"allOf": [{"type": "string"}, {"$ref": "#/components/schemas/C/allOf/0"}]},
                D={"allOf": [{"$ref": "#/components/schemas/D/allOf/1"}]},
                E={"$ref": "other.yml#/a"},
                F={"$ref": "other.yaml#/b"},
                G={"$ref": "none.json"},
                H={"$ref": "#/components/schemas/3"},
                **{"3": {"type": "string"}},
            ),
            "other.yml": "a: {type: string}\n",
            "other.yaml": "a: {type: string}\n",
        },
        {"openapi.json": schemas(A={"$ref": "https://example.com/a.json"})},
        {
            "openapi.json": openapi(
                paths={
                    "/a": {"get": {"parameters": [{"$ref": "b.json#/p"}], "responses": {"200": {"description": ""}}}}
                }
            ),
            "b.json": '{"p": {"$ref": "https://example.com/c.json"}}',
        },
    ],
    "repository.workflows": [{FLOW: "on: push\njobs: [\n"}, {FLOW: "on: push\njobs: a\n"}, {FLOW: ""}],
}

OWN: list[tuple[str, dict[str, Any], Files]] = [
    ("file_present", {"paths": ["A.md", "docs/A.md"]}, {}),
    ("file_present", {"paths": ["*.md"]}, {}),
    ("file_present", {"paths": ["a?.md"]}, {}),
    ("file_present", {"paths": ["{a,b}.md"]}, {}),
    ("file_present", {"paths": ["A.md"]}, {"A.md": "\n"}),
    ("file_present", {"paths": ["A.md"], "message": "m", "remediation": "r", "why": "w", "fix": "f"}, {}),
    ("yaml_field", {"path": "a.yml", "field": "b.c"}, {}),
    ("yaml_field", {"path": "*.yml", "field": "b.c"}, {}),
    ("yaml_field", {"path": "a.yml", "field": "b.c", "only_if_present": True}, {}),
    ("yaml_field", {"path": "a.yml", "field": "b.c"}, {"a.yml": "x: 1\nb:\n  d: 1\n"}),
    ("yaml_field", {"path": "a.yml", "field": "b.c", "equals": 3}, {"a.yml": "x: 1\nb:\n    d: 1\n"}),
    ("yaml_field", {"path": "a.yml", "field": "b.c", "one_of": [3, "d"]}, {"a.yml": "b: {c: 4}\n"}),
    ("yaml_field", {"path": "a.yml", "field": "b.c", "matches": "x+"}, {"a.yml": "b:\n  c:   y\n"}),
    ("yaml_field", {"path": "a.yml", "field": "b.c", "contains": ["x", 3]}, {"a.yml": "b: {c: [y]}\n"}),
    ("yaml_field", {"path": "a.yml", "field": "b.c"}, {"a.yml": "b: {c: }\n"}),
    ("json_field", {"path": "a.json", "field": "b"}, {"a.json": '{"b": ""}'}),
    ("json_field", {"path": "a.json", "field": "b"}, {"a.json": "// none\n{}"}),
    ("json_field", {"path": "a.jsonc", "field": "b"}, {"a.jsonc": "// none\n{}"}),
    ("regex", {"paths": ["a.txt", "*.md"], "pattern": "x+"}, {}),
    ("regex", {"paths": ["a.txt", "*.md"], "pattern": "x+"}, {"a.txt": "a\n"}),
    ("regex", {"paths": ["a.txt", "*.md"], "pattern": "x+|X"}, {"a.txt": "a\n", "b.md": ""}),
    ("regex", {"paths": ["a.txt", "*.md"], "pattern": "xx", "expect": "absent"}, {"a.txt": "a\n xx\n", "b.md": ""}),
    ("regex", {"paths": ["a.txt", "*.md"], "pattern": "x+", "expect": "absent"}, {}),
    ("endpoint", {"url": "https://{domain}/x"}, {}),
]


def told(title: str, made: Callable[[], Iterable[Finding]]) -> Iterator[str]:
    """What a check finds or says in its place, as text."""
    yield f"=== {title}"
    try:
        for one in made():
            yield f"{one.path}:{one.line}:{one.column}{' absent' if one.absent else ''}"
            yield f"  {one.message}"
            yield f"  Why: {one.why}"
            yield f"  Fix: {one.remediation}"
            yield from (f"    | {line}".rstrip() for line in one.fix.splitlines())
    except (Wrong, Undecided) as error:
        one = error.finding
        yield f"{type(error).__name__} {one.path}:{one.line}:{one.column} {one.message} {one.remediation}"
    except (NotApplicable, NotAsked, NotKnown, ConfigError, InputError) as error:
        yield f"{type(error).__name__} {error}"


def of_check(check: str, case: Callable[[], Repository] | Files) -> tuple[Finding, ...]:
    held = case() if callable(case) else repository({"README.md": "x", **case})
    return findings(check, held, service("hello", tier=3, domain="hello.chitty.cc"))


def of_kind(kind: str, parameters: dict[str, Any], files: Files) -> Iterable[Finding]:
    held = repository({"README.txt": "x", **files})
    return KINDS[kind](Subject(held, service("hello", domain=""), parameters))


CLAIMS: list[tuple[Claim, Files]] = [
    (asked(kind="cloudflare-workr"), {}),
    (asked(kind="x" * 101), {}),
    (asked(), {CONNECT: "service:\n  name: a\n  type: tol\n"}),
    (asked(), {CONNECT: "service:\n  type: tool\n  tier: seven\n  domains: {production: a b}\n"}),
    (asked(name="a", tier=3), {CONNECT: "service:\n  name: b\n  type: tool\n  tier: 2\n"}),
    (asked(kind="cloudflare-worker", domain="a.chitty.cc"), {CONNECT: "service:\n  type: tool\n"}),
    (asked(), {CONNECT: "service:\n  type: npm-package\n"}),
    (asked(), {CONNECT: "service:\n  type: tool\n", "wrangler.toml": "name = 'a'\nmain = 'b'\n"}),
    (
        asked(kind="cloudflare-worker", domain="a.chitty.cc"),
        {"wrangler.jsonc": '{"name": "a", "main": "b", "routes": [{"pattern": "b.chitty.cc", "custom_domain": true}]}'},
    ),
]


FOUR = '{"name": "a", "main": "b", "routes": ["a.chitty.cc/*", "b.chitty.cc/*", "c.chitty.cc/*", "d.chitty.cc/*"]}'
CLAIMS.append(
    (
        asked(),
        {
            CONNECT: "service:\n  type: cloudflare-worker\n  domains: {production: x.chitty.cc}\n",
            **{f"{name}/wrangler.json": FOUR for name in "abcd"},
        },
    )
)


def of_identity(given: Claim, files: Files) -> tuple[Finding, ...]:
    held = repository({"README.md": "x", **files}, remote="https://github.com/acme/hello")
    return identify(held, load().registry, given=given).disagreements


def everything() -> Iterator[str]:
    """All cases."""
    for number, (given, files) in enumerate(CLAIMS, 1):
        yield from told(f"repository.identity {number}", partial(of_identity, given, files))
    for check, cases in CASES.items():
        for number, case in enumerate(cases, 1):
            yield from told(f"{check} {number}", partial(of_check, check, case))
    for kind, parameters, files in OWN:
        held = ", ".join(f"{path} {content!r}" for path, content in files.items())
        yield from told(f"{kind} {json.dumps(parameters)} {held}".rstrip(), partial(of_kind, kind, parameters, files))


def test_findings_say_what_they_said_when_they_were_read_last() -> None:
    """A word, a line or a snippet changes only together with the file, which a reviewer sees."""
    made = "\n".join(everything()) + "\n"
    if os.environ.get("CHITTY_UPDATE_SNAPSHOTS") == "1":
        TOLD.write_text(made, "utf-8", newline="\n")
    assert made.split("\n=== ") == TOLD.read_text("utf-8").split("\n=== ")


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "empty"),
        (True, "true or false"),
        (3, "a number"),
        (3.5, "a number"),
        ([], "a list"),
        ({}, "a table"),
        ("", "a text"),
        (object(), "something else"),
    ],
)
def test_the_kind_of_a_value_in_words(value: Any, words: str) -> None:
    """For messages such as `service.name is a list, not a text`."""
    assert kind_of(value) == words
