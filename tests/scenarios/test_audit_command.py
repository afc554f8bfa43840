"""`chittyops audit` as a person runs it: exit codes, what is shown and written, over the embedded GitHub."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chittyactions.compliance.audit.asking import Looking
from chittyactions.compliance.audit.document import read_audit
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.audit.record import Audit, Standing
from chittyactions.compliance.facts import Fact
from chittyactions.ecosystem.github_guard import Switches
from chittyactions.entries import audit_command
from chittylocal import Fault, Local
from compliance.audit.made import MADE, registry, security
from compliance.compliant import compliant
from protocol.runner import ROOT

NAMES = ("flat", "worker", "bare", "deep")
Run = Callable[..., tuple[int, str, str]]
LIGHT = [word for one in security() for word in ("--except", one)]
"""Without the dimensions for which every commit is fetched."""
ENVIRONMENT = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_ACTIONS")


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    """GitHub with four repositories, a token for it, and git beside its API."""
    with Local() as running:
        for name in NAMES:
            running.github.repository(f"made/{name}", MADE[name])
        for name, value in running.urls().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GITHUB_SERVER_URL", running.urls()["GITHUB_API_URL"] + "/")
        for name in ENVIRONMENT:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GITHUB_TOKEN", running.github_token)
        yield running


@pytest.fixture
def audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over the made registry, without asking the services: its exit code, stdout, stderr."""
    path = tmp_path / "registry.yml"
    sleeper = "      sleeper: {repo: made/sleeper, type: tool, active: false}\n"
    path.write_text(registry(*NAMES) + sleeper, "utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        code = audit_command.main(["--registry", str(path), "--skip-runtime", *LIGHT, *words])
        return code, *capsys.readouterr()

    return run


def verdicts(found: Audit) -> dict[str, object]:
    """What came of each service, whenever that was."""
    return {one.key: one.model_copy(update={"judged_at": None}) for one in found.services}


def test_an_audit(local: Local, audit: Run, tmp_path: Path) -> None:
    """Its numbers, who fails what, and the document."""
    code, out, err = audit("-o", str(tmp_path / "audit.json"))
    assert code == 1
    assert "4 services: 0 pass, 4 fail, 0 unknown, 0 not judged." in out
    assert "Asked: 1 query (1 point), 3 REST requests, 1 whole commit, 0 probes;" in out
    assert "made/flat: chittycanon.protection" in out
    assert "4 of 4, 4 failing, 0 unknown, 1 query" in err
    found = read_audit(tmp_path / "audit.json")
    assert (found.complete, len(found.services), found.scope.runtime) == (True, 4, False)
    assert [one.key for one in found.services] == sorted(one.key for one in found.services)


@pytest.mark.parametrize(
    "words, told",
    [
        (["--org", "maed"], "there is no organisation maed; did you mean made?\n"),
        (["--service", "flatt"], "there is no service flatt; did you mean flat"),
        (["--service", "other/flat"], "there is no service other/flat"),
        (["--except", "chitytrust"], "there is no dimension chitytrust; did you mean chittytrust"),
        (["--org", "x", "--service", "y", "--except", "z"], "there is no dimension z"),
        (["--service", "flat", "--service", "sleeper"], "the service sleeper is not active"),
        (["--except", "chittyconnect", "--except", "chittycanon", "--service", "flat"], "nothing is left that counts"),
        (["--threshold", "abc"], "--threshold is 'abc': expected a whole percent from 0 to 100."),
        (["--threshold", "101"], "expected a whole percent"),
        (["--threshold", "99.5"], "expected a whole percent"),
        (["--shard", "3/2"], "The shard is '3/2'"),
        (["--shard", "0/2"], "The shard is '0/2'"),
        (["--plan", "0"], "--plan is 0: expected 1 to 256."),
        (["--plan", "257"], "--plan is 257"),
        (["--workers", "0"], "--workers is 0"),
        (["-o", "no/such/folder/audit.json"], "no/such/folder/audit.json can't be written"),
        (["--merge", "none.json"], "none.json is no audit"),
        (["--registry", "none.yml"], "none.yml could not be read"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_meant_is_an_error(local: Local, audit: Run, words: list[str], told: str) -> None:
    """Nothing is asked of GitHub, and nobody is told that all is well."""
    code, out, err = audit(*words)
    assert (code, out) == (2, "")
    assert told in err
    assert local.requests("github") == []


def test_a_registry_that_is_wrong(local: Local, audit: Run, tmp_path: Path) -> None:
    """By its own name, with the line."""
    path = tmp_path / "mine.yml"
    path.write_text(registry("flat").replace("type: tool}", "type: tol}"), "utf-8")
    code, _, err = audit("--registry", str(path))
    assert code == 2
    assert "mine.yml" in err.splitlines()[0]
    assert "made/flat: there is no profile for the type tol; did you mean tool" in err
    assert "line " in err


@pytest.mark.parametrize(
    "words, names",
    [
        (["--org", "MADE"], {"flat", "worker", "bare", "deep"}),
        (["--service", "FLAT", "--service", "made/Bare"], {"flat", "bare"}),
        (["--org", "made", "--service", "worker"], {"worker"}),
    ],
)  # fmt: skip
def test_a_part_of_all(local: Local, audit: Run, tmp_path: Path, words: list[str], names: set[str]) -> None:
    """Whatever case it is written in, and with the verdicts that everybody's audit has."""
    audit("-o", str(tmp_path / "all.json"))
    audit("-o", str(tmp_path / "some.json"), *words)
    whole, some = verdicts(read_audit(tmp_path / "all.json")), verdicts(read_audit(tmp_path / "some.json"))
    assert some == {key: one for key, one in whole.items() if key.removeprefix("made/") in names}


def test_dimensions_left_out(local: Local, audit: Run, tmp_path: Path) -> None:
    """Nobody is held to them, nor counted by them."""
    code, out, _ = audit("--except", "ChittyCanon".lower(), "--service", "flat", "-o", str(tmp_path / "a.json"))
    (one,) = read_audit(tmp_path / "a.json").services
    assert (code, "chittycanon" in one.dimensions, "ChittyCanon" in out) == (0, False, False)


def test_the_threshold_is_never_met_by_rounding(local: Local, audit: Run, tmp_path: Path) -> None:
    """299 of 300 are not 100 %."""
    local.github.rules.set_classic("made/flat")
    text = registry(*NAMES)
    (tmp_path / "r.yml").write_text(text.replace("type: cloudflare-worker", "type: tool"), "utf-8")
    assert audit("--service", "flat")[0] == 0
    assert "25 % pass" in audit("--threshold", "25%")[1]
    assert [audit("--threshold", str(one))[0] for one in (0, 25, 26, 100)] == [0, 0, 1, 1]


def test_nobody_judged_is_nobody_passing(local: Local, audit: Run) -> None:
    """A token that sees none of them does not mean that all is well."""
    for name in NAMES:
        local.github.profile(f"made/{name}").accessible = False
    code, out, err = audit()
    assert code == 1
    assert "0 pass, 0 fail, 0 unknown, 4 not judged" in out
    assert "made/flat: missing. There is no such repository, or this token may not see it." in out
    assert "No service could be judged" in err
    assert audit("--threshold", "0")[0] == 0


def test_nobody_held_to_anything_is_nobody_passing(local: Local, audit: Run, tmp_path: Path) -> None:
    """Health counts for a Worker, and nobody asks for it here: that is no pass of all."""
    dimensions = ["chittyconnect", "chittybeacon", "chittycanon", "chittyregister", "chittyrouter", "chittytrust"]
    others = [word for one in (*dimensions, "channel-access-pattern") for word in ("--except", one)]
    code, _, err = audit("--service", "worker", *others, "--except", "secrets-model", "-o", str(tmp_path / "a.json"))
    assert (code, err.splitlines()[-1]) == (1, "Nothing that counts was asked of any service, so that none passes.")
    assert audit("--service", "worker", *others, "--threshold", "0")[0] == 0


def test_shards_together_are_the_whole(local: Local, audit: Run, tmp_path: Path) -> None:
    """The same services with the same verdicts; one that is missing makes it incomplete, another plan's is refused."""
    audit("-o", str(tmp_path / "whole.json"))
    shards = json.loads(audit("--plan", "3")[1])
    assert shards == ["1/3", "2/3", "3/3"]
    parts = [str(tmp_path / f"{one[0]}.json") for one in shards]
    for one, path in zip(shards, parts, strict=True):
        audit("--shard", one, "-o", path)
    merged = str(tmp_path / "merged.json")
    assert audit("--merge", *parts, "-o", merged)[0] == 1
    assert verdicts(read_audit(Path(merged))) == verdicts(read_audit(tmp_path / "whole.json"))
    assert read_audit(Path(merged)).scope == read_audit(tmp_path / "whole.json").scope
    code, _, err = audit("--merge", *parts[:2], "-o", merged)
    assert (code, "Shard 3 is missing" in err) == (3, True)
    assert audit("--merge", merged)[0] == 3
    audit("--shard", "3/3", "--except", "health_endpoint", "-o", parts[2])
    code, _, err = audit("--merge", *parts, "-o", merged)
    assert (code, "they are of different plans" in err) == (2, True)
    assert len(json.loads(audit("--plan", "256")[1])) == len(NAMES)


def test_no_token(local: Local, audit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was looked at, and it says why."""
    monkeypatch.delenv("GITHUB_TOKEN")
    code, out, err = audit()
    assert (code, out) == (3, "")
    assert "There is no token for GitHub." in err
    assert "audit.md#tokens" in err
    monkeypatch.setenv("GH_TOKEN", local.github_token)
    assert audit()[0] == 1


@pytest.mark.parametrize("token", ["first-line\nsecond-line", "t\u00f6ken-of-somebody", "with\x1bescape"])
def test_a_token_that_cannot_be_sent(local: Local, audit: Run, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """A header takes no line break: that is said before anything is asked, and not shown."""
    monkeypatch.setenv("GITHUB_TOKEN", token)
    local.forget_requests()
    code, out, err = audit()
    assert (code, out, local.requests("github")) == (3, "", [])
    assert "The token for GitHub can't be sent." in err
    assert not [part for part in ("first-line", "second-line", "ken-of", "escape") if part in err]


def test_a_token_that_nobody_takes(local: Local, audit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither is it shown, nor is there an audit."""
    local.github.strict = True
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_wrong_and_secret")
    code, out, err = audit("-o", str(tmp_path / "audit.json"))
    assert (code, out, (tmp_path / "audit.json").exists()) == (3, "", False)
    assert "refused a query (HTTP 401)" in err
    assert "ghp_wrong_and_secret" not in err


def test_an_app(local: Local, audit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A token of its own for each organisation, revoked in the end; who has not installed it is unknown alone."""
    local.github.repository("other/flat", compliant("tool"))
    local.github.profile("made/flat").private = True
    (tmp_path / "two.yml").write_text(
        registry(*NAMES) + "  other:\n    services:\n      flat: {repo: other/flat, type: tool}\n", "utf-8"
    )
    granted = {"contents": "read", "administration": "read", "actions": "read", "metadata": "read"}
    monkeypatch.setenv("GITHUB_APP_ID", "7")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", local.github.app("7", ["made/*"], granted))
    monkeypatch.delenv("GITHUB_TOKEN")
    code, out, err = audit("--registry", str(tmp_path / "two.yml"), "-o", str(tmp_path / "audit.json"))
    assert code == 3
    assert "other/flat: unknown. There is no token for other: the app is not installed there" in out
    assert "1 of 5 services could not be looked at: other/flat." in err
    assert {one.standing for one in read_audit(tmp_path / "audit.json").services[:4]} == {Standing.JUDGED}
    assert [one.live for one in local.github.issued_tokens()] == [False]


def test_an_apps_token_that_ends_in_the_middle(
    local: Local, audit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is another one, and no verdict that differs; both are revoked."""
    granted = {"contents": "read", "administration": "read", "actions": "read", "metadata": "read"}
    monkeypatch.setenv("GITHUB_APP_ID", "7")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY", local.github.app("7", ["made/*"], granted))
    monkeypatch.delenv("GITHUB_TOKEN")
    some = ("--service", "flat", "--service", "worker")
    undisturbed = audit(*some)
    asked, issued = Looking.switches, len(local.github.issued_tokens())

    def late(looking: Looking, base: Base, held: Switches | None) -> tuple[Fact[Switches], int]:
        if len(local.github.issued_tokens()) == issued + 1:
            local.github.issued_tokens()[-1].expires = 0.0
        return asked(looking, base, held)

    monkeypatch.setattr(Looking, "switches", late)
    code, out, _ = audit(*some)
    assert (code, out.splitlines()[:2]) == (undisturbed[0], undisturbed[1].splitlines()[:2])
    tokens = local.github.issued_tokens()[issued:]
    assert [one.live for one in tokens] == [False, False]
    assert 401 in {one["status"] for one in local.requests("github")}


def test_the_state_is_somebody_elses(local: Local, audit: Run, tmp_path: Path) -> None:
    """A file that is something else is left alone."""
    path = tmp_path / "notes.txt"
    path.write_text("My notes\n", "utf-8")
    code, _, err = audit("--state", str(path))
    assert (code, path.read_text("utf-8")) == (2, "My notes\n")
    assert "It is something else than the state of an audit." in err


def test_a_limit_that_takes_too_long(local: Local, audit: Run, tmp_path: Path) -> None:
    """The audit is incomplete, and goes on with the next hour."""
    local.github.budget.use_up(3000)
    code, out, err = audit("--state", str(tmp_path / "state"), "-o", str(tmp_path / "audit.json"))
    assert code == 3
    assert "4 not judged" in out
    assert "incomplete: 4 of 4 services could not be looked at" in err
    assert not read_audit(tmp_path / "audit.json").complete
    local.github.pass_time(3100)
    assert audit("--state", str(tmp_path / "state"))[0] == 1


def test_a_limit_of_rest_that_takes_too_long(local: Local, audit: Run, tmp_path: Path) -> None:
    """What goes by the states of workflows is unknown for once; the rest is told, and kept."""
    local.github.rest_budget.use_up(3000)
    code, out, err = audit("--state", str(tmp_path / "state"), "-o", str(tmp_path / "audit.json"))
    assert code == 3
    assert "0 not judged" in out
    assert "services have required checks that are unknown" in err
    assert err.count("GitHub's API takes no request before ") == 1
    assert "This hour's requests are used up. This run waits 15 min at most. What goes by them is unknown" in err
    assert "Run again with the same --state after that time." in err
    assert "an earlier audit" not in out
    local.github.pass_time(3100)
    assert audit("--state", str(tmp_path / "state"), "-o", str(tmp_path / "audit.json"))[0] == 1
    found = read_audit(tmp_path / "audit.json")
    assert (found.complete, found.cost.reused, found.cost.archives, found.cost.states_before) == (True, 4, 0, 0)
    local.github.rest_budget.use_up(3000)
    code, out, err = audit("--state", str(tmp_path / "state"), "-o", str(tmp_path / "audit.json"))
    assert code == 1
    assert "3 answers of an earlier audit stood in for REST's, whose hour was used up." in out
    assert "This hour's requests are used up." in err
    found = read_audit(tmp_path / "audit.json")
    assert (found.complete, found.cost.states_before) == (True, 3)


# -- stopped -----------------------------------------------------------------------------------------------------------


Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def started(local: Local, tmp_path: Path) -> Iterator[Started]:
    """The command as a program of its own, which ends with the test."""
    with contextlib.ExitStack() as after:

        def start(*words: str) -> subprocess.Popen[str]:
            path = tmp_path / "registry.yml"
            path.write_text(registry(*NAMES), "utf-8")
            command = [sys.executable, "-m", "chittyactions.cli", "audit", "--registry", str(path), "--skip-runtime"]
            command += [*LIGHT, *words]
            environ = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "TMPDIR": str(tmp_path / "temporary")}
            (tmp_path / "temporary").mkdir(exist_ok=True)
            child = after.enter_context(
                subprocess.Popen(
                    command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    start_new_session=True,
                )
            )  # fmt: skip
            after.callback(child.kill)
            return child

        yield start


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def kept(path: Path) -> int:
    """Lines of a state, without its first one."""
    return max(0, path.read_bytes().count(b"\n") - 1) if path.exists() else 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_stopped_in_the_middle_and_resumed(
    local: Local, audit: Run, started: Started, tmp_path: Path, number: signal.Signals
) -> None:
    """Three of four are known, git hangs: it ends at once, keeps them, and the next one has the same as any other."""
    audit("-o", str(tmp_path / "undisturbed.json"))
    state = tmp_path / "state"
    local.fault("github", "GET", "*info/refs", Fault("hang"))
    child = started("--state", str(state), "-o", str(tmp_path / "audit.json"))
    until(lambda: kept(state) == 3)
    begun = time.monotonic()
    child.send_signal(number)
    out, err = child.communicate(timeout=20)
    assert time.monotonic() - begun < 8
    assert not (tmp_path / "audit.json").exists()
    if number is not signal.SIGKILL:
        assert (child.returncode, out) == (130, "")
        assert "Stopped. What was looked at is in the --state" in err
        assert "Traceback" not in err
        assert list((tmp_path / "temporary").iterdir()) == []
    local.clear_faults()
    assert audit("--state", str(state), "-o", str(tmp_path / "audit.json"))[0] == 1
    resumed = read_audit(tmp_path / "audit.json")
    assert verdicts(resumed) == verdicts(read_audit(tmp_path / "undisturbed.json"))
    assert (resumed.complete, resumed.cost.reused) == (True, 3)


def test_stopped_while_github_does_not_answer(local: Local, started: Started) -> None:
    """The query is not waited for."""
    local.fault("github", "POST", "/graphql", Fault("hang"))
    child = started()
    until(lambda: local.requests("github") or local.held("github"))
    begun = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, time.monotonic() - begun < 8) == (130, True)
    assert "Stopped." in err


def test_stopped_while_a_limit_of_rest_is_waited_for(local: Local, started: Started) -> None:
    """The wait is announced, and ends with the audit."""
    local.github.rest_budget.use_up(600)
    child = started()
    until(lambda: any("/actions/workflows" in str(one["path"]) for one in local.requests("github")))
    begun = time.monotonic()
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, time.monotonic() - begun < 8) == (130, True)
    assert err.count("this hour's requests are used up. Waiting ") <= 1
    assert "Stopped." in err


def test_two_audits_with_one_state(local: Local, audit: Run, started: Started, tmp_path: Path) -> None:
    """The second one says so and asks nothing; the first one is not disturbed."""
    state = tmp_path / "state"
    local.fault("github", "GET", "*info/refs", Fault("hold"))
    child = started("--state", str(state), "-o", str(tmp_path / "first.json"))
    until(lambda: kept(state) == 3)
    before = len(local.requests("github"))
    code, _, err = audit("--state", str(state))
    assert (code, len(local.requests("github"))) == (2, before)
    assert "Another audit is writing it." in err
    local.clear_faults()
    child.communicate(timeout=30)
    assert (child.returncode, read_audit(tmp_path / "first.json").complete) == (1, True)
    assert audit("--state", str(state))[0] == 1


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Who runs it in a workflow needs them."""
    with pytest.raises(SystemExit) as left:
        audit_command.main(["--help"])
    shown = capsys.readouterr().out
    assert left.value.code == 0
    assert "exit codes: 0 enough services pass (--threshold), 1 too few" in shown
    assert all(len(line) <= 120 for line in shown.splitlines())
