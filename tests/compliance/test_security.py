"""Owners, cloud keys, dependencies, scanners and Workers; and that security is reported apart, and fails nothing."""

from __future__ import annotations

from datetime import date

import pytest

from chittyactions.compliance.assemble import load
from chittyactions.compliance.catalogue import read_catalogue
from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.checks.security_inventory import fits
from chittyactions.compliance.facts import Fact, NotApplicable, NotAsked, NotKnown, Wrong
from chittyactions.compliance.fail_on import FailOn, decide
from chittyactions.compliance.files import Unreadable
from chittyactions.compliance.model import Outcome, Verdict
from chittyactions.compliance.reports import badge, human, markdown, sarif, summary
from chittyactions.compliance.reports.annotations import annotate
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.errors import ConfigError
from compliance.compliant import compliant
from compliance.repositories import CHECKS, Content, catalogue, findings, repository, service
from compliance.test_security_credentials import TOKEN

OWNERS = "security-inventory.owners"
POLICY = "security-inventory.policy"
KEYS = "security-identity.stored-keys"
UPDATES = "security-dependencies.updates"
LOCKED = "security-dependencies.locked"
FLOW = ".github/workflows/w.yml"
HARMLESS = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x\n"


def messages(check: str, files: dict[str, Content]) -> list[str]:
    return [one.message for one in findings(check, files)]


# -- inventory ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, lacking",
    [
        ("* @a/b\n", []),
        ("* @a/b\n/.github/\n", ["the workflows"]),
        ("* @a/b\n.github/workflows/ # nobody\n", ["the workflows"]),
        ("/src/ @a/b\n", ["everything", "the workflows"]),
        ("/src/ @a/b\n/.github/ @a/b\n", ["everything"]),
        ("*\n* @a\n", []),
        ("* @a\n*\n", ["everything", "the workflows"]),
        ("** someone@example.com\n", []),
        ("/.github/* @a\n* nobody\n", ["everything", "the workflows"]),
    ],
)
def test_the_line_that_comes_last_names_an_owner(text: str, lacking: list[str]) -> None:
    """As GitHub reads it."""
    told = findings(OWNERS, {".github/CODEOWNERS": text})
    assert [one.message.split("gives ")[1].split(" no owner")[0] for one in told] == lacking
    assert all(one.fix.split()[1].startswith("@") for one in told)


def test_a_file_that_names_nobody_is_told_of_elsewhere() -> None:
    """chittycanon.codeowners is required; this would only say it once more."""
    for files in ({}, {"CODEOWNERS": "*\n"}):
        with pytest.raises(NotApplicable):
            findings(OWNERS, {"README.md": "x", **files})


@pytest.mark.parametrize(
    "pattern, path, said",
    [
        ("docs/*", "docs/a", True),
        ("docs/*", "docs/a/b", False),
        ("docs/", "a/docs/b", True),
        ("/docs/", "a/docs/b", False),
        ("*.js", "a/b.js", True),
        ("/", "a", False),
        ("a/**/b", "a/x/y/b", True),
        ("*" * 150 + "x", "a-folder/a-file", False),
        ("**/" * 60 + "x", "a-folder/a-file", False),
    ],
)
def test_patterns_of_owners(pattern: str, path: str, said: bool) -> None:
    """Folders and signs as .gitignore has them; a hostile one ends."""
    assert fits(pattern, path) is said


@pytest.mark.parametrize(
    "text, well",
    [
        ("Write to security@example.org.", True),
        ("See https://example.org/report", True),
        ("Use private vulnerability reporting.", True),
        ("matt at example dot org", True),
        ("# Security Policy\n\nTell them where to go.\n", False),
        ("", False),
    ],
)
def test_a_policy_says_whom_to_write_to(text: str, well: bool) -> None:
    """GitHub's template in which nothing was written does not."""
    assert bool(messages(POLICY, {"SECURITY.md": text})) is not well
    (one,) = findings(POLICY, {"README.md": text})
    assert (one.path, one.line, one.absent) == (".github/SECURITY.md", 0, True)
    assert "organisation's own, in the repository .github, is not looked at" in one.message
    assert "GitHub shows that here, and a waiver may say so" in one.remediation


# -- identity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step, told",
    [
        ("{run: x, env: {K: '${{ secrets.AWS_SECRET_ACCESS_KEY }}'}}", "AWS_SECRET_ACCESS_KEY"),
        ("{run: 'x ${{ secrets.prod_aws_secret_access_key_eu }}'}", "PROD_AWS_SECRET_ACCESS_KEY_EU"),
        (
            "{uses: aws-actions/configure-aws-credentials@v4, with: {aws-secret-access-key: '${{ secrets.MINE }}'}}",
            "MINE",
        ),
        ("{uses: google-github-actions/auth@v2, with: {credentials_json: '${{ secrets.MINE }}'}}", "MINE"),
        ("{uses: azure/login@v2, with: {creds: \"${{ secrets['AZURE_CREDENTIALS'] }}\"}}", "AZURE_CREDENTIALS"),
        ("{uses: azure/login@v2, with: {client-id: '${{ secrets.AZURE_CLIENT_ID }}'}}", ""),
        ("{run: x, env: {K: '${{ steps.a.outputs.AWS_SECRET_ACCESS_KEY }}'}}", ""),
        ("{run: x, env: {K: '${{ secrets.R2_SECRET_ACCESS_KEY }}'}}", ""),
        ("{run: x, env: {K: '${{ secrets.NPM_TOKEN }}'}}", ""),
    ],
)
def test_no_stored_key_where_a_token_of_the_run_does(step: str, told: str) -> None:
    """By the secret's name, or by the input that takes a key. What ChittyConnect issues is asked for elsewhere."""
    found = findings(KEYS, {FLOW: HARMLESS.replace("- run: x", f"- {step}")})
    assert [one.message.rpartition(" ")[2] for one in found] == [f"{told}."] * bool(told)
    assert all("id-token: write" in one.fix and one.line == 7 for one in found)


# -- dependencies ------------------------------------------------------------------------------------------------


def test_nobody_keeps_anything_up_to_date() -> None:
    """With a file to paste that looks after all there is, each folder once."""
    files: dict[str, Content] = {FLOW: HARMLESS, "a/package.json": "{}", "b/package.json": "{}", "tests/go.mod": ""}
    (one,) = findings(UPDATES, files)
    assert (one.path, one.absent) == (".github/dependabot.yml", True)
    assert "directories: [/a, /b]" in one.fix
    assert "gomod" not in one.fix
    assert findings(UPDATES, {**files, one.path: one.fix}) == ()


@pytest.mark.parametrize(
    "path, text, told",
    [
        (".github/dependabot.yml", "version: 2\nupdates: [{package-ecosystem: uv}]\n", ""),
        (".github/dependabot.yml", "version: 2\nupdates: [{package-ecosystem: npm}]\n", "leaves out pip"),
        (".github/dependabot.yml", "version: 1\nupdates: []\n", "none that Dependabot takes"),
        (".github/dependabot.yml", "", "none that Dependabot takes"),
        ("renovate.json", "{}", ""),
        ("renovate.json", '{"enabled": false}', "switches Renovate off"),
        (".github/renovate.json5", "{a: 1}", ""),
        (".github/renovate.json5", '{"enabled": false}', "switches Renovate off"),
        (".renovaterc", '{"enabled": false}', "switches Renovate off"),
        (".renovaterc", "{enabled: false}", ""),
        (".renovaterc.json", '{"enabled": false}', "switches Renovate off"),
        ("package.json", '{"renovate": {"enabled": false}}', "switches Renovate off"),
        ("package.json", '{"renovate": {"extends": []}}', ""),
        ("package.json", "{", "Nobody keeps"),
        (
            ".github/dependabot.yml",
            "version: 2\nupdates: [{package-ecosystem: pip, open-pull-requests-limit: 5}]\n",
            "",
        ),
        (
            ".github/dependabot.yml",
            "version: 2\nupdates: [{package-ecosystem: pip, open-pull-requests-limit: false}]\n",
            "",
        ),
    ],
)
def test_updates_are_configured_and_cover_what_there_is(path: str, text: str, told: str) -> None:
    """Dependabot by ecosystem; Renovate by being on."""
    found = messages(UPDATES, {"pyproject.toml": "", path: text})
    assert len(found) == bool(told)
    assert told in "".join(found)


def test_what_is_switched_off_keeps_nothing_up_to_date() -> None:
    """An entry of Dependabot that opens no pull request, unless another one of that ecosystem does."""
    off = "  - package-ecosystem: uv\n    open-pull-requests-limit: 0\n"
    head, path = "version: 2\nupdates:\n", ".github/dependabot.yml"
    held: dict[str, Content] = {"pyproject.toml": "", "go.mod": ""}
    other, one = findings(UPDATES, {**held, path: head + off + off})[::-1]
    assert (one.path, one.line, one.message) == (
        path,
        4,
        f"{path} switches the updates of uv off: its open-pull-requests-limit is 0.",
    )
    assert (other.path, other.line, other.message) == (path, 2, f"{path} leaves out gomod (go.mod).")
    assert other.fix.startswith("  - package-ecosystem: gomod\n    directory: /\n")
    on = "  - package-ecosystem: gomod\n"
    assert len(findings(UPDATES, {**held, path: head + off + on})) == 1
    for more in ("uv", "pip"):
        assert findings(UPDATES, {**held, path: f"{head}{off}{on}  - package-ecosystem: {more}\n"}) == ()
    assert findings(UPDATES, {"go.mod": "", path: head + off + on}) == ()  # nothing here is for uv


def test_a_renovate_json_that_is_broken_is_told() -> None:
    """Renovate does not take it."""
    with pytest.raises(Wrong):
        findings(UPDATES, {"pyproject.toml": "", "renovate.json": "{"})


def test_dependabot_stands_in_for_a_renovate_that_is_off() -> None:
    """And the other way round; the place of the switch is told."""
    path, off = ".github/dependabot.yml", '{\n"enabled": false}'
    whole = "version: 2\nupdates: [{package-ecosystem: pip}, {package-ecosystem: npm}]\n"
    held: dict[str, Content] = {"pyproject.toml": "", "renovate.json": off}
    (one,) = findings(UPDATES, held)
    assert (one.path, one.line, one.column) == ("renovate.json", 2, 1)
    assert findings(UPDATES, {**held, path: whole}) == ()
    package: dict[str, Content] = {"package.json": '{"renovate":\n{"enabled": false}}'}
    (one,) = findings(UPDATES, package)
    assert (one.path, one.line, one.column) == ("package.json", 2, 2)
    assert findings(UPDATES, {**package, path: whole}) == ()
    assert findings(UPDATES, {"package.json": '{"renovate": {}}', path: "version: 2\nupdates: []\n"}) == ()


@pytest.mark.parametrize(
    "files, told",
    [
        ({"package.json": '{"dependencies": {"a": "1"}}'}, 1),
        ({"package.json": '{"dependencies": {}}'}, 0),
        ({"package.json": '{"devDependencies": {"a": "1"}}', "pnpm-lock.yaml": ""}, 0),
        ({"a/b/package.json": '{"dependencies": {"a": "1"}}', "a/yarn.lock": ""}, 0),
        ({"a/package.json": '{"dependencies": {"a": "1"}}', "b/yarn.lock": ""}, 1),
        ({"pyproject.toml": "[project]\ndependencies = ['a']\n"}, 0),
        ({"pyproject.toml": "[tool.poetry.dependencies]\na = '1'\n"}, 1),
        ({"Cargo.toml": "[dependencies]\na = '1'\n", "src/main.rs": ""}, 1),
        ({"Cargo.toml": "[dependencies]\na = '1'\n", "src/lib.rs": ""}, 0),
        ({"go.mod": "module a\n\nrequire b v1\n"}, 1),
        ({"go.mod": "module a\n"}, 0),
        ({"examples/package.json": '{"dependencies": {"a": "1"}}', "package.json": "{}"}, 0),
    ],
)
def test_a_manifest_that_names_dependencies_has_its_lock_file(files: dict[str, Content], told: int) -> None:
    """Beside it or above it; a library of Rust or Python is locked by who uses it."""
    assert len(findings(LOCKED, files)) == told


# -- threats and runtime -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "check, files",
    [
        ("sast", {FLOW: HARMLESS.replace("run: x", "uses: github/codeql-action/analyze@v3")}),
        ("sast", {FLOW: HARMLESS.replace("run: x", "run: semgrep ci")}),
        ("secret-scanning", {".gitleaks.toml": ""}),
        ("secret-scanning", {FLOW: HARMLESS.replace("run: x", "uses: trufflesecurity/trufflehog@v3")}),
        ("secret-scanning", {FLOW: HARMLESS.replace("run: x", "run: kingfisher scan .")}),
        ("secret-scanning", {".pre-commit-config.yaml": "repos: [{repo: https://github.com/gitleaks/gitleaks}]\n"}),
    ],
)
def test_a_scan_that_is_configured_counts(check: str, files: dict[str, Content]) -> None:
    """A step, a hook or a file."""
    assert findings(f"security-threats.{check}", files) == ()


@pytest.mark.parametrize(
    "script, runs",
    [
        ("semgrep ci", True),
        ("echo 'we do not run semgrep ci'", False),
        ("echo semgrep ci", False),
        ("git commit -m 'semgrep ci'", False),
        ("curl -d 'semgrep ci' https://x.y", False),
        ("curl -d semgrep ci", False),
        ("bad 'semgrep ci'", False),
        ("cat <<E\nsemgrep ci\nE", False),
        ("# semgrep ci", False),
        ("if semgrep scan; then x; fi", True),
        ("uvx semgrep ci", True),
        ("pipx run semgrep ci", True),
        ("pipx install semgrep ci", False),
        ("python3 -m bandit -r src", True),
        ("python3 -m", False),
        ("pipx run", False),
        ("/usr/bin/gosec ./...", True),
        ("/usr/bin/semgrep ci", True),
        ("x $Y\nsemgrep ci", True),
        ("gosec --version", False),
        ("docker run --rm semgrep/semgrep semgrep ci", True),
        ("docker pull semgrep ci", False),
        ("make scan", True),
        ("make other", False),
        ("npm run scan", True),
        ("./scan.sh", True),
    ],
)
def test_a_scan_has_to_be_run(script: str, runs: bool) -> None:
    """By a step, by what the repository has for it, or by another program; what is printed is none."""
    inside = "".join(f"          {line}\n" for line in script.split("\n"))
    files: dict[str, Content] = {
        FLOW: HARMLESS.replace("run: x\n", f"run: |\n{inside}"),
        "Makefile": "scan:\n\tsemgrep scan\nother:\n\techo semgrep scan\n",
        "package.json": '{"scripts": {"scan": "snyk test"}}',
        "scan.sh": "#!/bin/sh\nbandit -r .\n",
    }
    if runs:
        assert findings("security-threats.sast", files) == ()
    else:
        with pytest.raises(NotAsked):
            findings("security-threats.sast", files)


def test_only_a_workflow_that_runs_scans() -> None:
    """One that nothing starts does not, unless another calls it; to hand results over is no scan."""
    upload = HARMLESS.replace("run: x", "uses: github/codeql-action/upload-sarif@v3")
    called = HARMLESS.replace("run: x", "run: semgrep ci").replace("on: push", "on: workflow_call")
    for held in ({FLOW: upload}, {FLOW: called}):
        with pytest.raises(NotAsked):
            findings("security-threats.sast", held)
    two = {FLOW: HARMLESS, ".github/workflows/z.yml": HARMLESS.replace("run: x", "run: semgrep ci")}
    assert findings("security-threats.sast", two) == ()
    caller = f"on: push\njobs:\n  a: {{uses: ./{FLOW}}}\n"
    assert findings("security-threats.sast", {FLOW: called, ".github/workflows/caller.yml": caller}) == ()
    off = repository(
        {FLOW: HARMLESS.replace("run: x", "run: semgrep ci")},
        observed=Observed(disabled_workflows=Fact.present((FLOW,))),
    )
    with pytest.raises(NotAsked):
        findings("security-threats.sast", off)


def test_a_script_that_cannot_be_read_now_may_scan() -> None:
    """It is unknown then, unless another step or a hook does; the same reason is told once."""

    class Faulty(Checkout):
        def content(self, path: str, limit: int) -> bytes:
            if path == "scan.sh":
                raise Unreadable("the disk is slow", ours=False)
            return super().content(path, limit)

    def faulty(flow: str) -> Repository:
        held = repository({FLOW: flow, "scan.sh": "x"}).checkout
        return Repository(Faulty(held.root, held.paths))

    unsure = HARMLESS.replace("- run: x", "- run: ./scan.sh\n      - run: ./scan.sh")
    with pytest.raises(NotKnown) as told:
        findings("security-threats.sast", faulty(unsure))
    assert str(told.value) == "scan.sh: the disk is slow"
    assert findings("security-threats.sast", faulty(f"{unsure}      - run: semgrep ci\n")) == ()


@pytest.mark.parametrize("check", ["sast", "secret-scanning"])
@pytest.mark.parametrize("step", ["run: x", "run: 'x # semgrep ci; gitleaks git'"])
def test_what_github_scans_by_its_settings_nobody_can_tell(check: str, step: str) -> None:
    """Then it is not evaluated, and never wrong."""
    with pytest.raises(NotAsked, match="no file tells"):
        findings(f"security-threats.{check}", {FLOW: HARMLESS.replace("run: x", step)})


@pytest.mark.parametrize(
    "text, dates, logs",
    [
        ('name = "a"\n', 1, 1),
        ('compatibility_date = "2024-09-23"\n[observability]\nenabled = true\n', 0, 0),
        ("compatibility_date = 2024-09-22\n[observability]\nenabled = false\n", 1, 1),
        ('compatibility_date = "soon"\nlogpush = true\n', 0, 0),
        ('compatibility_date = "2025-01-01"\n[env.production.observability]\nenabled = true\n', 0, 0),
        ('compatibility_date = "2025-01-01"\n[env.a]\ncompatibility_date = "2021-01-01"\n', 1, 1),
        ('compatibility_date = "2025-01-01"\n[env.a]\ncompatibility_date = "2024-09-23"\n[env.b]\nx = 1\n', 0, 1),
        ('compatibility_date = "2021-01-01"\n[env.a]\ncompatibility_date = 2022-01-01\n', 2, 1),
        ('env = "x"\n', 1, 1),
        ('compatibility_date = "1.1."\n', 0, 1),
        ("compatibility_date = 2021-01-01T00:00:00Z\n", 1, 1),
        ('compatibility_date = "2025-01-01"\n[env.a]\n[env.b]\ncompatibility_date = "2021-01-01"\n', 1, 1),
    ],
)
def test_a_worker_runs_on_a_runtime_of_today_and_keeps_its_logs(text: str, dates: int, logs: int) -> None:
    """A date of TOML is one, too; what is none wrangler refuses."""
    held: dict[str, Content] = {"wrangler.toml": text}
    assert len(findings("security-runtime.compatibility-date", held)) == dates
    assert len(findings("security-runtime.observability", held)) == logs


def test_a_date_is_told_where_it_stands() -> None:
    """With the environment that states it."""
    text = 'compatibility_date = "2025-01-01"\n\n[env.production]\ncompatibility_date = "2021-01-01"\n'
    (one,) = findings("security-runtime.compatibility-date", {"wrangler.toml": text})
    assert one.message == "The Worker of wrangler.toml in env.production has the compatibility date 2021-01-01."
    assert one.line == 4
    (one,) = findings("security-runtime.compatibility-date", {"wrangler.toml": 'name = "a"\n[env.a]\n'})
    assert one.message == "The Worker of wrangler.toml has no compatibility date."


# -- apart -------------------------------------------------------------------------------------------------------


def judged(**more: str) -> Verdict:
    """A repository that passes what is required, and fails much of what is reported apart."""
    flow = HARMLESS.replace("run: x", "uses: other/x@v1").replace("permissions: {}\n", "")
    held = repository({**compliant(), FLOW: flow, "package.json": "{}", **more})
    return load().engine.judge(held, service(kind="tool"), today=date(2026, 1, 1))


def test_security_counts_in_no_score_and_fails_nothing() -> None:
    """Under no policy: what passed yesterday passes today."""
    verdict = judged()
    failing = [one for one in verdict.checks if one.apart and one.outcome is Outcome.FAIL]
    assert len(failing) >= 3
    assert not [one for one in verdict.checks if one.apart and (one.required or not one.advisory)]
    for policy in FailOn:
        decision = decide(verdict, policy, opted_in=True)
        assert not [one for one in (*decision.counting, *decision.unknown) if one.apart]
        assert "failing" not in badge.render(verdict, decision)


def test_security_has_its_own_section_in_each_report() -> None:
    """Behind everything else; among the annotations only what is critical, as one notice."""
    verdict = judged()
    decision = decide(verdict, FailOn.LOW, opted_in=True)
    assert not [one for one in annotate(verdict, decision) if "ecurity" in one.title]
    (notice,) = annotate(judged(config=TOKEN), decision)
    assert (notice.level, notice.title) == ("notice", "Security")
    assert "security-remediation.credentials." in notice.message
    assert TOKEN not in notice.message
    heads = (
        (human.render, "\nSecurity: "),
        (summary.render, "### Security\n"),
        (markdown.render, "<summary>Security: "),
    )
    for render, head in heads:
        text = render(verdict, decision)
        before, _, behind = text.partition(head)
        assert "security-ci-cd.pinned-actions" in behind
        assert "security-" not in before.partition("All ")[0]


def test_alerts_of_security_fail_no_pull_request_and_hold_up_no_others() -> None:
    """No error and no severity of high; a run for each dimension, as a part is never looked at."""
    runs = {one["automationDetails"]["id"].split("/")[-2]: one for one in sarif.document(judged())["runs"]}
    assert not [one for one in runs["checkout"]["tool"]["driver"]["rules"] if one["id"].startswith("security-")]
    held = [runs[name] for name in runs if name.startswith("security-")]
    assert len(held) == 7
    for run in held:
        assert not [one for one in run["results"] if one["level"] == "error"]
        assert not [one for one in run["tool"]["driver"]["rules"] if "security-severity" in one["properties"]]
    text, open_ends = sarif.to_hand_over(judged())
    assert "/security-ci-cd/" in text
    assert "/security-threats/" not in text
    assert not [one for one in open_ends if one.apart]


def test_what_is_apart_has_to_be_advisory() -> None:
    """A dimension by such a name that counted would fail jobs overnight."""
    assert all(spec.advisory for name, spec in catalogue().dimensions.items() if name.startswith("security-"))
    text = CHECKS.read_text("utf-8")
    broken = text.replace("has a section of its own", "", 1)
    begin = broken.index("  security-inventory:\n")
    broken = broken[:begin] + broken[begin:].replace("    advisory: true\n", "", 1)
    with pytest.raises(ConfigError, match="security-inventory is reported apart"):
        read_catalogue(broken, "checks.yml")
