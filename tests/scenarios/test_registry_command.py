"""`chittyops registry` as a person runs it: exit codes, what is shown and written, over the embedded GitHub."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chittyactions.entries import registry_command
from chittylocal import Fault, Local
from protocol.runner import ROOT

OURS = ROOT / "compliance/service-registry.yml"
FILE = "compliance/service-registry.yml"
REGISTRY = """\
# Services of ours.
schema_version: 1
compliance_profiles: {tool: {chittycanon: required}}
organizations:
  ACME:
    services:
      # the first
      one:
        repo: ACME/one
        tier: 3
        type: tool
        territory: operations
        description: What it is for.
      two: # gone by now
        repo: ACME/two
        type: tool
"""
STATES = "service:\n  name: {}\n  type: tool\n  tier: {}\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry where the command looks for it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / FILE
    path.parent.mkdir()
    path.write_text(REGISTRY, "utf-8")
    return path


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """GitHub with one of both services, and a token for it."""
    with Local() as running:
        running.github.repository("acme/one", {".chittyconnect.yml": STATES.format("one", 3)})
        for name in ("GITHUB_API_URL", "GITHUB_GRAPHQL_URL"):
            monkeypatch.setenv(name, running.urls()[name])
        for name in ("GH_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_ACTIONS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GITHUB_TOKEN", running.github_token)
        yield running


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command: exit code, stdout, stderr."""

    def command(*words: str) -> tuple[int, str, str]:
        try:
            code = registry_command.main(words)
        except SystemExit as ended:
            code = int(str(ended.code))
        out, err = capsys.readouterr()
        return code, out, err

    return command


# -- lint --------------------------------------------------------------------------------------------------------


def test_our_own_registry_passes(run: Run) -> None:
    """Notes do not count."""
    code, out, err = run("lint", str(OURS))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("67 services of 5 organisations, 57 active: no problems, ")


def test_a_registry_with_problems(registry: Path, run: Run) -> None:
    """Exit 1; each problem before the notes, on a line that an editor opens."""
    registry.write_text(REGISTRY.replace("repo: ACME/two\n        type: tool", "repo: ACME/two\n        type: toool"))
    code, out, _ = run("lint")
    assert code == 1
    assert out.splitlines() == [
        f"{FILE}:16: problem: ACME/two: there is no profile for the type toool; did you mean tool? [profile]",
        f"{FILE}:14: note: ACME/two has no description [no-description]",
        f"{FILE}:14: note: ACME/two has no territory [no-territory]",
        f"{FILE}:14: note: ACME/two has no tier [no-tier]",
        "",
        "2 services of 1 organisation, 2 active: 1 problem, 3 notes.",
    ]


def test_the_same_for_a_program(registry: Path, run: Run) -> None:
    """One JSON document with the counts, and every remark with its line, code and service."""
    code, out, _ = run("lint", "--format", "json")
    told = json.loads(out)
    assert (code, told["file"], told["services"], told["active"], told["problems"]) == (0, FILE, 2, 2, [])
    assert told["notes"][0] == {
        "line": 14, "code": "no-description", "service": "ACME/two", "message": "ACME/two has no description",
    }  # fmt: skip


@pytest.mark.parametrize(
    "words, said",
    [
        (["lint", "none.yml"], "none.yml cannot be read: No such file or directory."),
        (["lint", "."], "cannot be read"),
        (["lint", "latin.yml"], "latin.yml cannot be read: line 2 is no UTF-8."),
        (["lint", "--format", "xml"], "invalid choice"),
        ([], "COMMAND"),
        (["discover"], "--org"),
        (["discover", "--org", "ACMEE"], "The registry has no organisation ACMEE; did you mean ACME?"),
        (["discover", "--org", "acme", "--org", "nobody"], "The registry has no organisation nobody."),
        (["discover", "--org", "ACME", "none.yml"], "none.yml cannot be read"),
        (["discover", "--org", "ACME", "broken.yml"], "broken.yml cannot be used: line 1"),
        (
            ["discover", "--org", "ACME", "none.yaml"],
            (
                "line 2, column 1: did not find expected node content while parsing a flow node.\n"
                "  Why: It is no YAML that can be read, so that nothing is known of what it says.\n"
            ),
        ),
    ],
)
def test_a_wrong_command_line_exits_2(registry: Path, github: Local, run: Run, words: list[str], said: str) -> None:
    """A typo never passes, and asks nobody."""
    Path("latin.yml").write_bytes(b"a: 1\nb: \xe9\n")
    Path("none.yaml").write_text("a: [\n")
    Path("broken.yml").write_text("schema_version: 2\ncompliance_profiles: {}\n")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert github.github.budget.used == 0


def test_what_a_file_holds_is_no_command_of_the_terminal_or_the_runner(registry: Path, run: Run) -> None:
    """Control characters are spelled out, and nothing begins a line of its own."""
    registry.write_text('schema_version: 1\n"\\e[2J\\n::error::x": 1\n"\\e[2J\\n::error::x": 2\n', "utf-8")
    code, out, _ = run("lint")
    assert code == 1
    assert "\x1b" not in out
    assert not any(line.startswith("::") for line in out.splitlines())


# -- discover ----------------------------------------------------------------------------------------------------


def test_nothing_to_propose(registry: Path, github: Local, run: Run) -> None:
    """Exit 0, whatever the case of the organisation."""
    github.github.repository("acme/two", {})
    assert run("discover", "--org", "acme") == (0, "ACME: 2 repositories, no proposals\n", "")


def test_proposals_are_shown_with_their_reasons_and_as_a_diff(registry: Path, github: Local, run: Run) -> None:
    """Exit 1, nothing is written, and what is shown is a patch that git applies."""
    github.github.push("acme/one", {".chittyconnect.yml": STATES.format("one", 4)})
    github.github.repository("acme/three", {".chittyconnect.yml": STATES.format("three", 5)})
    github.github.repository("acme/other", {"x": ""})
    code, out, err = run("discover", "--org", "ACME")
    assert (code, err) == (1, "")
    assert (
        out
        == f"""\
ACME: 3 repositories, 3 proposals
  ~ one  tier: 3 → 4
      .chittyconnect.yml:4 states the tier 4
  + three  repo: ACME/three, tier: 5, type: tool, active: true
      .chittyconnect.yml:2 states the name three
      .chittyconnect.yml:3 states the type tool
      .chittyconnect.yml:4 states the tier 5
  - two  active: true → false
      GitHub has no ACME/two any more, or this token may not see it; remove the entry by hand where it was deleted
  ? acme/other is not registered: it has no .chittyconnect.yml.
--- a/{FILE}
+++ b/{FILE}
@@ -7,10 +7,16 @@
       # the first
       one:
         repo: ACME/one
-        tier: 3
+        tier: 4
         type: tool
         territory: operations
         description: What it is for.
+      three:
+        repo: ACME/three
+        tier: 5
+        type: tool
+        active: true
       two: # gone by now
         repo: ACME/two
         type: tool
+        active: false
"""
    )
    assert registry.read_text("utf-8") == REGISTRY
    subprocess.run(["git", "apply", "-"], input=out, text=True, check=True, env={"PATH": "/usr/bin:/bin"})
    assert registry.read_text("utf-8").count("#") == REGISTRY.count("#")
    assert run("discover", "--org", "ACME")[0] == 0, "the patch is all of it"


HARD = REGISTRY.replace("the first", "the\u00a0first\u200d").replace("is for.", "is for\u202e.").rstrip("\n")


@pytest.mark.parametrize("text", [HARD, HARD.replace("\n", "\r\n"), "\ufeff" + HARD.replace("\n", "\r\n") + "\r\n"])
def test_what_goes_to_a_pipe_is_a_patch_byte_for_byte(registry: Path, github: Local, run: Run, text: str) -> None:
    """Line ends of Windows, a byte order mark, signs that nobody sees, no end of the last line: as --write does it."""
    github.github.push("acme/one", {".chittyconnect.yml": STATES.format("one", 4)})
    command = [sys.executable, "-m", "chittyactions.cli", "registry", "discover", "--org", "acme"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONIOENCODING": "ascii"}
    registry.write_bytes(text.encode())
    shown = subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60)
    assert (shown.returncode, shown.stderr) == (1, b"")
    subprocess.run(["git", "apply", "-"], input=shown.stdout, check=True)
    patched = registry.read_bytes()
    registry.write_bytes(text.encode())
    assert run("discover", "--org", "ACME", "--write")[0] == 0
    assert (patched, patched != text.encode()) == (registry.read_bytes(), True)


def test_what_goes_to_a_terminal_is_safe_to_read(registry: Path, github: Local) -> None:
    """There, signs that a terminal obeys or does not show are spelled out."""
    registry.write_text(REGISTRY.replace("# gone by now", "# gone\u00a0by\u202enow"), "utf-8", newline="\r\n")
    command = [sys.executable, "-m", "chittyactions.cli", "registry", "discover", "--org", "acme"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    reads, writes = pty.openpty()
    try:
        done = subprocess.run(command, env=environ, stdout=writes, stderr=subprocess.PIPE, check=False, timeout=60)
        out = os.read(reads, 65536).decode()
    finally:
        os.close(reads)
        os.close(writes)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "       two: # gone\\xa0by\\u202enow\r\n" in out  # a terminal adds the carriage return
    assert "+        active: false\r\n" in out
    assert "\u202e" not in out


def test_written_only_when_asked(registry: Path, github: Local, run: Run) -> None:
    """With --write the file says so, exit 0; looked at again, nothing is left. Its mode and byte order mark stay."""
    registry.write_bytes(b"\xef\xbb\xbf" + REGISTRY.encode())
    registry.chmod(0o640)
    code, _, err = run("discover", "--org", "ACME", "--write")
    assert (code, err) == (0, f"{FILE} is written: 1 change.\n")
    assert registry.read_bytes() == b"\xef\xbb\xbf" + REGISTRY.encode() + b"        active: false\n"
    assert registry.stat().st_mode & 0o777 == 0o640
    assert run("discover", "--org", "ACME", "--write")[0] == 0
    assert [one.name for one in registry.parent.iterdir()] == [registry.name]


def test_private_repositories_are_added_only_when_asked(registry: Path, github: Local, run: Run) -> None:
    """Without --private not even their names are shown."""
    github.github.repository("acme/two", {})
    github.github.repository("acme/secret", {".chittyconnect.yml": STATES.format("secret", 5)})
    github.github.profile("acme/secret").private = True
    code, out, _ = run("discover", "--org", "ACME")
    assert (code, out) == (0, "ACME: 3 repositories, no proposals; not registered and passed over: 1 private\n")
    code, out, _ = run("discover", "--org", "ACME", "--private")
    assert code == 1
    assert "+      secret:\n" in out


def test_templates_are_counted_and_no_services(registry: Path, github: Local, run: Run) -> None:
    """What a template states is what is to be filled in; one that is registered stays what it is."""
    github.github.repository("acme/two", {})
    github.github.repository("acme/starter", {".chittyconnect.yml": STATES.format("starter", 5)})
    for name in ("acme/starter", "acme/one"):
        github.github.profile(name).template = True
    code, out, _ = run("discover", "--org", "ACME")
    assert (code, out) == (0, "ACME: 3 repositories, no proposals; not registered and passed over: 1 template\n")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=401),
        Fault("html"),
        Fault("status", status=403, body={"message": "Resource not accessible"}),
    ],
    ids=["401", "html", "403"],
)
def test_github_that_does_not_answer_proposes_nothing(registry: Path, github: Local, run: Run, fault: Fault) -> None:
    """Exit 3, nothing is switched off or written, and the token is nowhere."""
    github.fault("github", "POST", "/graphql", fault)
    code, out, err = run("discover", "--org", "ACME", "--write")
    assert (code, out) == (3, "ACME: 0 repositories, no proposals\n")
    assert err.startswith("Incomplete:\n  ACME: ")
    assert github.github_token not in out + err
    assert registry.read_text("utf-8") == REGISTRY


def test_an_answer_in_part_writes_nothing(registry: Path, github: Local, run: Run) -> None:
    """What is known is shown, and the run ends as incomplete."""
    github.github.push("acme/one", {".chittyconnect.yml": STATES.format("one", 4)})
    github.github.limits.errors["ACME/two"] = ("FORBIDDEN", "Resource protected by organization SAML enforcement.")
    code, out, err = run("discover", "--org", "ACME", "--write")
    assert code == 3
    assert "-        tier: 3\n" in out
    assert "ACME/two is not listed. This token may not read it." in err
    assert registry.read_text("utf-8") == REGISTRY


def test_a_patch_of_an_incomplete_run_switches_nothing_off(registry: Path, github: Local, run: Run) -> None:
    """Neither what is gone nor what is archived, in whichever organisation: `| git apply` does the rest alone."""
    registry.write_text(REGISTRY + ELSEWHERE, "utf-8")
    github.github.push("acme/one", {".chittyconnect.yml": STATES.format("one", 4)})
    github.github.repository("acme/two", {})
    github.github.profile("acme/two").archived = True
    code, out, err = run("discover", "--org", "ACME", "--org", "Elsewhere")
    assert code == 3
    assert out.startswith("ACME: 2 repositories, 1 proposal\n")
    assert "  ? ACME/two is to be switched off by a run that is complete: acme/two is archived on GitHub.\n" in out
    assert err.startswith(
        "Incomplete:\n  Elsewhere: GitHub knows no organisation of that name.\nNothing is switched off"
    )
    subprocess.run(["git", "apply", "-"], input=out, text=True, check=True)
    assert registry.read_text("utf-8") == (REGISTRY + ELSEWHERE).replace("tier: 3", "tier: 4")


def test_without_a_token_nobody_is_asked(
    registry: Path, github: Local, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's GraphQL API wants one of everybody."""
    monkeypatch.delenv("GITHUB_TOKEN")
    code, out, err = run("discover", "--org", "ACME")
    assert (code, out) == (2, "")
    assert "There is no token for GitHub." in err
    assert "GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY" in err


# -- discover as an app ------------------------------------------------------------------------------------------


ELSEWHERE = """\
  Elsewhere:
    services:
      other: {repo: elsewhere/other, type: tool}
"""


def as_app(github: Local, monkeypatch: pytest.MonkeyPatch, *places: str) -> str:
    """Let the command be an app that is installed there, and not have another token; the app's key."""
    key = github.github.app("7", places, {"contents": "write", "issues": "write", "metadata": "read"})
    monkeypatch.setenv("GITHUB_APP_ID", "7")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", key)
    monkeypatch.delenv("GITHUB_TOKEN")
    github.github.strict = True
    return key


def test_an_app_has_a_token_for_each_organisation(
    registry: Path, github: Local, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees what it is installed on, private repositories too, by tokens that only read; in the end none is left."""
    registry.write_text(REGISTRY + ELSEWHERE, "utf-8")
    github.github.repository("acme/two", {})
    github.github.repository("elsewhere/other", {"README.md": "x"})
    github.github.profile("elsewhere/other").private = True
    key = as_app(github, monkeypatch, "acme/*", "elsewhere/*")
    code, out, err = run("discover", "--org", "acme", "--org", "elsewhere")
    assert (code, err) == (0, "")
    assert out == "ACME: 2 repositories, no proposals\nElsewhere: 1 repository, no proposals\n"
    tokens = github.github.issued_tokens()
    assert [one.repositories for one in tokens] == [("acme/*",), ("elsewhere/*",)]
    assert [one.permissions for one in tokens] == [{"contents": "read", "metadata": "read"}] * 2
    assert [one.live for one in tokens] == [False, False]
    assert key.splitlines()[1] not in out + err


def test_where_an_app_is_not_installed_nothing_is_proposed(
    registry: Path, github: Local, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That organisation alone is not known: of the other nothing is switched off or written, in words alone; exit 3."""
    registry.write_text(REGISTRY + ELSEWHERE, "utf-8")
    github.github.repository("elsewhere/other", {"README.md": "x"})
    as_app(github, monkeypatch, "acme/*")
    code, out, err = run("discover", "--org", "acme", "--org", "elsewhere", "--write")
    assert code == 3
    assert "  ? ACME/two is to be switched off by a run that is complete: GitHub has no ACME/two any more" in out
    assert "+++" not in out
    assert "Elsewhere: 0 repositories, no proposals\n" in out
    assert "Incomplete:\n  Elsewhere: There is no token for Elsewhere: the app is not installed there" in err
    assert registry.read_text("utf-8") == REGISTRY + ELSEWHERE
    assert [one.live for one in github.github.issued_tokens()] == [False]


def test_in_a_job_an_apps_secrets_are_masked(
    registry: Path, github: Local, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line of its key and its token are masked before anything else is said, and not on stdout: it is a patch."""
    github.github.repository("acme/two", {})
    key = as_app(github, monkeypatch, "acme/*")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, out, err = run("discover", "--org", "acme")
    assert (code, out) == (0, "ACME: 2 repositories, no proposals\n")
    assert all(f"::add-mask::{one}\n" in err for one in key.splitlines())
    assert "::add-mask::ghs_" in err
    assert all(one.startswith("::add-mask::") for one in err.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_stopped_while_github_does_not_answer(
    registry: Path, github: Local, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """The query is not waited for, the app's token is revoked, and nothing is written: 130."""
    as_app(github, monkeypatch, "acme/*")
    github.fault("github", "POST", "/graphql", Fault("hold"))
    command = [sys.executable, "-m", "chittyactions.cli", "registry", "discover", "--org", "acme", "--write"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + 20
        while not github.held("github"):
            assert time.monotonic() < end, "the query did not come"
            time.sleep(0.02)
        child.send_signal(number)
        out, err = child.communicate(timeout=20)
    github.clear_faults()
    assert (child.returncode, out, err) == (130, "", "\nStopped: nothing was written.\n")
    assert [one.live for one in github.github.issued_tokens()] == [False]
    assert registry.read_text("utf-8") == REGISTRY
