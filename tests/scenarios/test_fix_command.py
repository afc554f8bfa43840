"""`chittyops check --fix` as a person starts it: what is shown, asked, written, kept, and never said."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chittyactions.entries import check_command
from chittylocal import Fault, Local
from scenarios.command import COMMAND, chittyops, environment, laid_out

WORKER = {
    "wrangler.jsonc": '{"name": "hello", "main": "src/index.ts"}\n',
    "package.json": '{"name": "hello", "private": true}\n',
    "src/index.ts": "export default {};\n",
}
WRITTEN = {
    ".chittyconnect.yml",
    ".chittyops.yml",
    "CHARTER.md",
    "CLAUDE.md",
    ".github/CODEOWNERS",
    ".github/workflows/chittyconnect-sync.yml",
    ".github/workflows/compliance.yml",
    ".github/workflows/deploy.yml",
}
OWNER = "@CHITTYOS/core"
REMOTE = "https://github.com/CHITTYOS/hello.git"


def files_of(folder: Path) -> set[str]:
    """What is in a repository now."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith(".git/")}


def check(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command where nobody can be asked."""
    return chittyops(folder, "check", *words, env=env)


class Terminal:
    """The command at a terminal: `until` reads what it shows, `type` answers, `end` gives exit code and stdout."""

    def __init__(self, folder: Path, *words: str, env: Mapping[str, str] | None = None) -> None:
        self._ours, theirs = pty.openpty()
        self.shown = ""
        self._process = subprocess.Popen(
            [*COMMAND, "check", *words], cwd=folder, env=environment(folder, env), stdin=theirs, stderr=theirs,
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def until(self, words: str, seconds: float = 60) -> str:
        """Wait for words; fails where they do not come."""
        ends = time.monotonic() + seconds
        while words not in self.shown:
            assert time.monotonic() < ends, f"{words!r} never came: {self.shown}"
            if not self._more(1):
                break
        assert words in self.shown
        return self.shown

    def type(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str]:
        while self._more(60):
            pass
        stdout, _ = self._process.communicate(timeout=60)
        os.close(self._ours)
        return self._process.returncode, stdout

    def _more(self, seconds: float) -> bool:
        """Read what is there; False at the end."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return self._process.poll() is None
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    """A Worker's repository with nothing but its code."""
    return laid_out(tmp_path / "hello", WORKER, remote=REMOTE, branch="trunk")


# -- what is written ---------------------------------------------------------------------------------------------


def test_what_is_missing_is_written_and_judged_again(worker: Path) -> None:
    """Each file is shown before it is there; the report is that of the repository afterwards, and so is the code."""
    done = check(worker, "--offline", "--fix", "--yes", "--owner", OWNER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert files_of(worker) == WRITTEN | WORKER.keys()
    for path in WRITTEN:
        assert done.stderr.index(f"+++ b/{path}\n") < done.stderr.index(f"written  {path} ")
    assert "hello passes" in done.stdout
    assert (worker / ".github/CODEOWNERS").read_text().endswith(f"* {OWNER}\n")


def test_a_second_run_writes_nothing(worker: Path) -> None:
    """It says so, and the files stay as they are."""
    check(worker, "--offline", "--fix", "--yes", "--owner", OWNER)
    before = {path: (worker / path).stat().st_mtime_ns for path in files_of(worker)}
    done = check(worker, "--offline", "--fix", "--yes", "--owner", OWNER)
    assert done.returncode == 0
    assert "There is nothing that could be written." in done.stderr
    assert {path: (worker / path).stat().st_mtime_ns for path in files_of(worker)} == before


def test_a_dry_run_writes_nothing(worker: Path) -> None:
    """Even with --yes: the diff is shown, and the verdict is that of what is there."""
    done = check(worker, "--offline", "--fix", "--dry-run", "--yes", "--owner", OWNER)
    assert done.returncode == 1
    assert "+++ b/CHARTER.md" in done.stderr
    assert "this was a dry run" in done.stderr
    assert "written  " not in done.stderr
    assert files_of(worker) == set(WORKER)


def test_nobody_to_ask_writes_nothing(worker: Path) -> None:
    """Without a terminal and without --yes; it says how to go on."""
    done = check(worker, "--offline", "--fix", "--owner", OWNER)
    assert done.returncode == 1
    assert "+++ b/CHARTER.md" in done.stderr
    assert "Give --yes" in done.stderr
    assert files_of(worker) == set(WORKER)


def test_what_is_left_is_told_with_its_reason(worker: Path) -> None:
    """Without an owner CODEOWNERS stays away, the rest is written, and the run fails for it."""
    done = check(worker, "--offline", "--fix", "--yes")
    assert done.returncode == 1
    assert files_of(worker) == (WRITTEN | WORKER.keys()) - {".github/CODEOWNERS"}
    assert "left     .github/CODEOWNERS  nobody said who owns it; name them by --owner" in done.stderr


@pytest.mark.parametrize("name", ["json", "sarif"])
def test_stdout_stays_one_document(worker: Path, name: str) -> None:
    """Diffs, prompts and what was written go to stderr, so that a program can read the report."""
    done = check(worker, "--offline", "--fix", "--yes", "--owner", OWNER, "--format", name)
    assert json.loads(done.stdout)
    assert "+++ b/CHARTER.md" in done.stderr


def test_settings_of_another_name_are_the_only_ones(worker: Path) -> None:
    """With --config no .chittyops.yml is written beside, and the self-check goes by the same settings."""
    (worker / "ci").mkdir()
    (worker / "ci/c.yml").write_text("fail_on: required\n")
    done = check(worker, "--offline", "--config", "./ci/c.yml", "--fix", "--yes", "--owner", OWNER)
    assert done.returncode == 0, done.stderr
    assert files_of(worker) == (WRITTEN | WORKER.keys() | {"ci/c.yml"}) - {".chittyops.yml"}
    assert "      config: ci/c.yml\n" in (worker / ".github/workflows/compliance.yml").read_text()


# -- at a terminal -----------------------------------------------------------------------------------------------


def test_at_a_terminal_it_asks_for_the_owner_and_then_whether_to_write(worker: Path) -> None:
    """Nothing is there before the answer; the diff, in colours, comes before the question."""
    there = Terminal(worker, "--offline", "--fix")
    there.until("Who owns this repository")
    there.type(OWNER)
    shown = there.until("Write these 8 files [y/N]? ")
    assert "\x1b[32m+* @CHITTYOS/core" in shown
    assert files_of(worker) == set(WORKER)
    there.type("y")
    code, report = there.end()
    assert code == 0, there.shown
    assert "hello passes" in report
    assert "\x1b" not in report, "no colours into a pipe"
    assert files_of(worker) == WRITTEN | WORKER.keys()


@pytest.mark.parametrize("answer", ["", "n", "what?", "\u00ff"])
def test_anything_but_yes_is_no(worker: Path, answer: str) -> None:
    """An empty line above all."""
    there = Terminal(worker, "--offline", "--fix", "--owner", OWNER, env={"NO_COLOR": "1"})
    assert "\x1b" not in there.until("[y/N]? ")
    there.type(answer)
    assert there.end()[0] == 1
    assert files_of(worker) == set(WORKER)


def test_an_owner_who_is_none_is_refused_at_the_prompt(worker: Path) -> None:
    """As by --owner: nothing is written, and it says what is meant perhaps."""
    there = Terminal(worker, "--offline", "--fix")
    there.until("Who owns this repository")
    there.type("somebody")
    code, report = there.end()
    assert (code, report) == (2, "")
    assert "is it @somebody?" in there.shown
    assert files_of(worker) == set(WORKER)


def test_no_owner_at_the_prompt_leaves_codeowners_out(worker: Path) -> None:
    """An empty line invents nobody."""
    there = Terminal(worker, "--offline", "--fix")
    there.until("Who owns this repository")
    there.type("")
    there.until("Write these 7 files [y/N]? ")
    there.type("yes")
    assert there.end()[0] == 1
    assert files_of(worker) == (WRITTEN | WORKER.keys()) - {".github/CODEOWNERS"}


def test_an_interrupt_at_the_prompt_writes_nothing(worker: Path) -> None:
    """Exit 130 with a line, and no stack."""
    there = Terminal(worker, "--offline", "--fix", "--owner", OWNER)
    there.until("[y/N]? ")
    there.interrupt()
    assert there.end() == (130, "")
    assert "Traceback" not in there.shown
    assert "Stopped" in there.shown
    assert files_of(worker) == set(WORKER)


def test_an_interrupt_while_it_writes_tells_the_truth(worker: Path) -> None:
    """What is there is what was named as written, whole, with nothing beside it."""
    there = Terminal(worker, "--offline", "--fix", "--yes", "--owner", OWNER)
    there.until("written  ")
    there.interrupt()
    code, _ = there.end()
    named = set(re.findall(r"^written  (\S+)", there.shown, re.MULTILINE))
    assert files_of(worker) == named | WORKER.keys()
    assert code in (0, 130), "it may have been done by then"
    assert all((worker / path).read_text().endswith("\n") for path in named)


def test_what_appeared_while_it_asked_is_kept(worker: Path) -> None:
    """Somebody else's file stays as they wrote it, and it is said; the others are written."""
    there = Terminal(worker, "--offline", "--fix", "--owner", OWNER)
    there.until("[y/N]? ")
    (worker / "CHARTER.md").write_text("mine\n")
    there.type("y")
    there.end()
    assert (worker / "CHARTER.md").read_text() == "mine\n"
    assert "left     CHARTER.md  somebody wrote it meanwhile" in there.shown
    assert files_of(worker) == WRITTEN | WORKER.keys()


# -- the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, said",
    [
        (["--fix", "--yes", "--owner", "somebody"], "is it @somebody?"),
        (["--fix", "--yes", "--owner", "@a b;c"], "'b;c'"),
        (["--yes"], "--yes is for --fix"),
        (["--dry-run", "--yes"], "--yes, --dry-run is for --fix"),
        (["--owner", OWNER], "--owner is for --fix"),
    ],
)
def test_words_that_make_no_sense_write_nothing(worker: Path, words: list[str], said: str) -> None:
    """Exit 2 before anything is looked at."""
    done = check(worker, "--offline", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert files_of(worker) == set(WORKER)


def test_a_reader_who_goes_away_changes_nothing(worker: Path) -> None:
    """`chittyops check | head -1`: no stack, and the exit code of the verdict."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "check", "--offline"], cwd=worker, env=environment(worker), stdin=subprocess.DEVNULL, stdout=writer,
        stderr=subprocess.PIPE, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("name", ["human", "json", "sarif", "junit", "markdown"])
def test_odd_names_in_a_plain_terminal(tmp_path: Path, name: str) -> None:
    """A file's name that is no UTF-8 and one that ASCII cannot show: what can't be shown is spelled out."""
    folder = laid_out(tmp_path / "hello", WORKER, remote=REMOTE, branch="trunk")
    for odd in (b"openapi-\xff.json", "openapi-\u00e4\u202f.json".encode()):
        (folder / os.fsdecode(odd)).write_text('{"openapi": 3}')
    done = check(folder, "--offline", "--format", name, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert len(re.findall(r"openapi-", done.stdout)) >= 2


# -- whom it asks ------------------------------------------------------------------------------------------------


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Callable[[Local], None]:
    """Have the command, in this process, ask an embedded ecosystem with its token."""

    def point(local: Local) -> None:
        for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in local.urls().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GH_TOKEN", local.github_token)
        monkeypatch.setattr(sys, "stdin", io.StringIO())

    return point


@pytest.mark.parametrize(
    "person, teams, owners",
    [
        (False, {"core": "admin", "ops": "maintain", "all": "push", "readers": "pull"}, "@CHITTYOS/core @CHITTYOS/ops"),
        (True, {}, "@CHITTYOS"),
        (False, {"readers": "pull"}, ""),
        (False, None, ""),
    ],
    ids=["teams", "a person", "no team that answers for it", "GitHub does not say"],
)
def test_owners_are_taken_from_github_where_it_tells(
    worker: Path,
    outside: Callable[[Local], None],
    capsys: pytest.CaptureFixture[str],
    *,
    person: bool,
    teams: dict[str, str] | None,
    owners: str,
) -> None:
    """The person, or the teams that administer the repository. Where nobody does, CODEOWNERS is left out."""
    with Local(allowed=("CHITTYOS",)) as local:
        outside(local)
        local.github.repository("CHITTYOS/hello", {"a": "a"})
        if person:
            local.github.rules.set_person("CHITTYOS")
        if teams is None:
            local.fault("github", "GET", "*/teams*", Fault("status", status=403))
        else:
            local.github.rules.set_teams("CHITTYOS/hello", teams)
        check_command.main([str(worker), "--fix", "--yes"])
    codeowners = worker / ".github/CODEOWNERS"
    said = capsys.readouterr()
    if owners:
        assert codeowners.read_text().endswith(f"* {owners}\n")
    else:
        assert not codeowners.exists()
        assert "left     .github/CODEOWNERS  nobody said who owns it" in said.err
    assert ("GitHub did not say who owns the repository." in said.err) == (teams is None)
    assert local.github_token not in said.out + said.err


def test_offline_asks_nobody_for_owners(worker: Path, outside: Callable[[Local], None]) -> None:
    """Not even with a token."""
    with Local(allowed=("CHITTYOS",)) as local:
        outside(local)
        check_command.main([str(worker), "--offline", "--fix", "--yes"])
        assert local.requests() == []
    assert not (worker / ".github/CODEOWNERS").exists()
    assert (worker / "CHARTER.md").exists()


def test_a_token_is_never_said(
    worker: Path, outside: Callable[[Local], None], capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever GitHub answers, in every format: not in the report, the diff, the files, nor what is said aside."""
    with Local(allowed=("CHITTYOS",)) as local:
        outside(local)
        local.github.repository("CHITTYOS/hello", {"a": "a"})
        for status in (401, 403, 404):
            local.clear_faults()
            local.fault("github", "*", "*", Fault("status", status=status, body=local.github_token.encode()))
            for name in ("human", "json", "sarif", "junit", "markdown"):
                check_command.main([str(worker), "--fix", "--yes", "--format", name])
        assert local.requests("github")
    said = capfd.readouterr()
    assert "hello" in said.out
    assert local.github_token not in said.out + said.err
    assert not any(local.github_token in (worker / path).read_text() for path in files_of(worker))
