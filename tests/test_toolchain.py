"""Setup, locks and linters: what is made once, what is named when it can't be had, what an installed wheel carries."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import lint
import lock
import provision
import setup
from provision import Tool, ToolMissingError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of this repository."""
    for module in (provision, setup):
        monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(provision, "ROOT", tmp_path)
    (tmp_path / ".tools/stamps").mkdir(parents=True)
    (tmp_path / "tool.lock").write_text("one 1.0\n")
    return tmp_path


def tool(place: Path, make: Callable[[], str] = lambda: "1.0") -> Tool:
    """A tool that is made from tool.lock by `make`."""

    def make_it(_report: Callable[[str], None]) -> str:
        version = make()
        (place / "product").write_text(version)
        return version

    return Tool("thing", make_it, place / "product", "buy one", locks=("tool.lock",))


def refuse() -> str:
    """A recipe that fails."""
    raise ToolMissingError("the shop is closed")


def test_a_tool_is_made_once_for_its_locks(place: Path) -> None:
    """A tool is in place until its lock changes or its product goes."""
    thing = tool(place)
    assert thing.version() is None
    assert setup.make_one(thing) is None
    assert thing.version() == "1.0"
    (place / "tool.lock").write_text("one 1.1\n")
    assert thing.version() is None
    setup.make_one(thing)
    (place / "product").unlink()
    assert thing.version() is None


def test_a_missing_tool_is_named_with_the_reason_and_the_remedy(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be had is never skipped in silence, and what needs it isn't tried."""
    thing = tool(place, refuse)
    dependent = replace(tool(place), name="dependent", needs=("thing",))
    monkeypatch.setattr(setup, "ALL", (thing, dependent))
    missing = setup.make_all([thing, dependent])
    setup.print_table(missing)
    assert missing == {thing: "the shop is closed", dependent: "needs thing, which is missing"}
    said = capsys.readouterr().out
    assert re.search(r"thing +MISSING", said)
    assert "why: the shop is closed" in said
    assert "fix: buy one." in said


def test_a_quiet_run_tries_again_only_for_what_is_essential(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without a linter's source, each target does not try again; make setup and a new lock do."""
    essential = tool(place, refuse)
    optional = replace(essential, name="optional", essential=False)
    monkeypatch.setattr(setup, "ALL", (essential, optional))
    setup.make_all([essential, optional])
    assert setup.to_make(quiet=True) == [essential]
    assert setup.to_make(quiet=False) == [essential, optional]
    (place / "tool.lock").write_text("one 1.1\n")
    assert setup.to_make(quiet=True) == [essential, optional]


def test_what_a_killed_setup_left_is_cleared(place: Path) -> None:
    """A folder half made is never taken for the tool, and goes at the next try."""
    product = place / "tools/thing"
    half = provision.fresh(product)
    (half / "half").write_text("")
    assert not product.exists()
    whole = provision.fresh(product)
    (whole / "whole").write_text("")
    provision.move(whole, product)
    assert [path.relative_to(place / "tools").as_posix() for path in (place / "tools").rglob("*")] == [
        "thing",
        "thing/whole",
    ]


def test_a_failing_child_is_told_by_its_last_lines(place: Path) -> None:
    """The reason of a missing tool is what its installer said last."""
    with pytest.raises(ToolMissingError, match="no such index"):
        provision.run([sys.executable, "-c", "import sys; sys.exit('no such index')"], cwd=place)


def test_a_lock_is_closed_over_platforms_the_registry_did_not_show() -> None:
    """npm ci refuses a lock that lacks an optional package, so each platform of workerd is in it by version."""
    wanted = {"@cloudflare/workerd-linux-64": "1.2", "@cloudflare/workerd-darwin-arm64": "1.2"}
    packages: dict[str, dict[str, object]] = {"node_modules/workerd": {"optionalDependencies": wanted}}
    lock.add_missing_platforms(packages)
    assert packages["node_modules/@cloudflare/workerd-darwin-arm64"]["version"] == "1.2"
    assert "node_modules/@cloudflare/workerd-windows-64" not in packages


def test_a_missing_linter_fails_with_what_to_do() -> None:
    """A linter that isn't there is a failure, not a pass."""
    clean, said, _ = lint.run(lint.Linter("gone", (ROOT / ".tools/bin/gone",), ("file",)))
    assert not clean
    assert "make setup" in said


def test_every_linter_looks_at_something() -> None:
    """A pattern that no longer matches any file would switch its linter off unnoticed."""
    assert [linter.name for linter in lint.all_linters() if not linter.files] == []


def test_make_help_lists_every_target() -> None:
    """make alone lists what there is."""
    phony = re.search(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^ +make (\S+)", listed, re.MULTILINE) == [name for name in phony[1].split() if name != "ready"]


BROKEN_CALLER = """\
name: broken
on: push
permissions: {}
jobs:
  deploy:
    uses: chittyos/chittyops/.github/workflows/reusable-worker-deploy.yml@v2
    with:
      servicename: chittyrouter
"""


@pytest.mark.engines
def test_githubs_parser_resolves_our_own_references(tmp_path: Path) -> None:
    """A caller's misspelt input and a missing required one are errors of lint, not of a run's startup."""
    caller = tmp_path / ".github/workflows/broken.yml"
    caller.parent.mkdir(parents=True)
    caller.write_text(BROKEN_CALLER)
    command = [ROOT / ".tools/node/bin/node", ROOT / "tools/workflow-check.mjs", caller]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Input service_name is required" in done.stdout
    assert "servicename is not defined" in done.stdout


@pytest.mark.engines
def test_a_wheel_carries_the_whole_toolkit(tmp_path: Path) -> None:
    """An installed chittyops serves act the same actions, workflows and lock as a checkout, and no tests."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    prefixes = ("actions/", ".github/actions/", ".github/workflows/reusable-", "python/chittyactions/")
    carried = [name for name in tracked if name.startswith(prefixes) and (ROOT / name).exists()]
    assert [name for name in carried if f"chittylocal/toolkit/{name}" not in names] == []
    assert "chittylocal/toolkit/requirements/runtime.txt" in names
    assert [name for name in names if "/tests/" in name or name.startswith("tests/") or "__pycache__" in name] == []
