"""What real repositories hold, against all checks at once: each ends with an outcome, and no file hides the others."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.files import Kind
from chittyactions.compliance.model import Outcome, Service, Verdict
from chittyactions.compliance.repository import Repository
from compliance.compliant import CONNECT, SYNC
from compliance.repositories import Content, Link, Submodule, repository

WORKER = Service("hello", "cloudflare-worker", 3, "hello.example.com")
SYNC_FILE = ".github/workflows/sync.yml"
DEPLOY_FILE = ".github/workflows/deploy.yml"
DEPLOY = """on: push
jobs:
  deploy:
    uses: chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2
    with: {service_name: hello}
    secrets: {CHITTYCONNECT_API_KEY: "${{ secrets.CHITTYCONNECT_API_KEY }}"}
"""
DOMAIN = "  domains: {production: hello.example.com}\n"
GOOD: dict[str, Content] = {
    ".chittyconnect.yml": CONNECT.format(kind="cloudflare-worker").replace("onboarding:", f"{DOMAIN}onboarding:"),
    ".github/CODEOWNERS": "* @acme/platform\n",
    SYNC_FILE: SYNC,
    DEPLOY_FILE: DEPLOY,
    "CHARTER.md": "# Charter\n\nSays hello.\n",
    "CLAUDE.md": "# Working here\n\n`make test`.\n",
    "package.json": '{"name": "hello"}\n',
    "wrangler.jsonc": '{\n  // https://example.com\n  "name": "hello",\n}\n',
    "src/auth.ts": "export const auth = verifyMintedToken\n",
}


def judged(held: Repository) -> Verdict:
    """The verdict of all checks on a Worker."""
    return load().engine.judge(held, WORKER, today=date(2025, 1, 1))


def outcomes(held: Repository) -> dict[str, Outcome]:
    return {one.id: one.outcome for one in judged(held).checks}


def test_the_good_repository_fails_nothing() -> None:
    """What the others here are measured against: only what has to be asked of a service is not evaluated.

    What is reported apart asks for more, and is tested by itself.
    """
    made = judged(repository(GOOD)).checks
    assert {one.outcome for one in made if not one.apart} <= {
        Outcome.PASS,
        Outcome.NOT_EVALUATED,
        Outcome.NOT_APPLICABLE,
    }


ODD: dict[str, Content] = {
    "empty": "",
    "invalid": "a: [\n",
    "template": "service: {{ name }}\n",
    "tabs": "a:\n\t- b\n",
    "a list": "- a\n- b\n",
    "a word": "word\n",
    "latin-1": "Zürich: 1\n".encode("latin-1"),
    "utf-16": "a: 1\n".encode("utf-16"),
    "nul": b"\x00\x00",
    "5 MB": b"a" * (5 * 1024 * 1024),
    "bomb": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [{'*a, ' * 900}]\n" for n in range(250)),
    "deep": "[" * 50_000,
    "out of the tree": Link("/etc/hostname"),
    "to nothing": Link("gone"),
    "in a circle": Link("x"),
    "submodule": Submodule(),
}

READERS = {
    ".chittyconnect.yml": {"chittyconnect", "chittytrust", "chittyrouter", "repository"},
    ".github/CODEOWNERS": {"chittycanon"},
    SYNC_FILE: {"chittyconnect", "repository", "secrets-model"},
    DEPLOY_FILE: {"chittybeacon", "chittyregister", "repository", "secrets-model"},
    "CHARTER.md": {"chittycanon"},
    "CLAUDE.md": {"chittycanon"},
    "package.json": {"repository", "chittybeacon", "artifacts"},
    "wrangler.jsonc": {"repository"},
    "src/auth.ts": {"channel-access-pattern"},
}


@pytest.mark.parametrize("oddity", ODD)
@pytest.mark.parametrize("path", READERS)
def test_a_file_of_any_kind_changes_only_the_checks_that_read_it(path: str, oddity: str) -> None:
    """Invalid, huge, explosive, of another encoding, a link, a submodule: every other check goes on as before."""
    content = Link(path.rpartition("/")[2]) if oddity == "in a circle" else ODD[oddity]
    begun = time.monotonic()
    came = judged(repository({**GOOD, path: content}))
    assert time.monotonic() - begun < 20
    before = outcomes(repository(GOOD))
    changed = {one.dimension for one in came.checks if one.outcome is not before[one.id] and not one.apart}
    assert changed <= READERS[path]
    for one in came.checks:
        if one.outcome is Outcome.FAIL:
            assert one.findings
            assert all(finding.message and finding.remediation for finding in one.findings)
        assert one.outcome is not Outcome.ERROR or oddity == "5 MB"


NO_TEXT = {"empty", "latin-1", "utf-16", "nul", "out of the tree", "to nothing", "in a circle", "submodule"}
NO_YAML = {"invalid", "5 MB", "bomb", "deep"}


@pytest.mark.parametrize(
    "path, oddity",
    [(path, oddity) for path in (".github/CODEOWNERS", "CHARTER.md", "CLAUDE.md") for oddity in sorted(NO_TEXT)]
    + [(path, oddity) for path in (".chittyconnect.yml", SYNC_FILE) for oddity in sorted(NO_TEXT | NO_YAML)],
)
def test_what_cannot_be_read_never_passes(path: str, oddity: str) -> None:
    """A required file in such a state is a failure or an error of its check."""
    content = Link(path.rpartition("/")[2]) if oddity == "in a circle" else ODD[oddity]
    assert judged(repository({**GOOD, path: content})).outcome is Outcome.FAIL


def test_names_of_every_kind_beside_the_files_change_nothing() -> None:
    """U+202F, line feeds, `CODEOWNERS copy`, endings in capitals."""
    odd = ["Screenshot 9.41\u202fAM.png", "a\nb.yml", "CODEOWNERS copy", ".github/workflows/SYNC.YML.txt", "CLAUDE.MD"]
    assert outcomes(repository({**GOOD, **dict.fromkeys(odd, "x")})) == outcomes(repository(GOOD))
    without: dict[str, Content] = {path: text for path, text in GOOD.items() if path != ".github/CODEOWNERS"}
    assert outcomes(repository({**without, "CODEOWNERS copy": "* @a/b"}))["chittycanon.codeowners"] is Outcome.FAIL


def test_crlf_and_byte_order_marks_change_nothing() -> None:
    """As an editor of Windows saves every file of the repository."""
    windows = {path: b"\xef\xbb\xbf" + str(text).replace("\n", "\r\n").encode() for path, text in GOOD.items()}
    assert outcomes(repository(dict(windows))) == outcomes(repository(GOOD))


def test_a_service_in_a_subfolder_of_a_monorepo_is_judged_like_one_at_the_root() -> None:
    """Its own files in its folder, the workflows and owners at the root."""
    files: dict[str, Content] = {
        path if path.startswith(".github/") else f"services/hello/{path}": text for path, text in GOOD.items()
    }
    assert outcomes(repository(files, "services/hello")) == outcomes(repository(GOOD))


def test_ten_thousand_files_are_judged_in_seconds_and_few_of_them_opened() -> None:
    """Time and files opened grow with what the checks read (source code among it), not with the size of the tree."""
    small = repository(GOOD)
    names = (
        f"data/{number % 100}/{number}.{ending}" for number in range(2_500) for ending in ("json", "md", "txt", "png")
    )
    large = Repository(replace(small.checkout, paths={**dict.fromkeys(names, Kind.FILE), **small.checkout.paths}))
    begun = time.monotonic()
    assert outcomes(large) == outcomes(small)
    assert time.monotonic() - begun < 20
    assert large.opened == small.opened
