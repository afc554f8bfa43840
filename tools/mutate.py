"""`make mutate`: break the compliance checks in every small way, and see that a test notices.

`make mutate-readers` does the same to what reads the steps of workflows, which takes as long again, and
`python tools/mutate.py security` to the checks that are reported apart.

Each mutant is one changed operator, constant or argument, made and tested by mutmut. What survives has to be listed in
tests/compliance/survivors.yml with the reason why no test can, or need, tell it from the original; a line there that
nothing matches is an error too. Fewer than LEAST percent killed fail in any case.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".cache/mutate"
SURVIVORS = ROOT / "tests/compliance/survivors.yml"
LEAST = 95
"""Percent of the mutants that a test has to notice."""

CHECKS = sorted(f"checks/{one.name}" for one in (ROOT / "python/chittyactions/compliance/checks").glob("*.py"))
APART = tuple(one for one in CHECKS if one.startswith("checks/security_"))
"""Checks that are reported apart."""

MUTATED = {
    "checks": (
        *(one for one in CHECKS if one not in APART),
        "engine.py",
        "waivers.py",
        "fail_on.py",
        "identity.py",
        "claims.py",
        "detection.py",
        "routes.py",
    ),
    "readers": (
        "workflows.py",
        "calls.py",
        "local_actions.py",
        "doing.py",
        "conditions.py",
        "expressions.py",
        "expression_tree.py",
        "comments.py",
        "decoding.py",
        "mentions.py",
        "passive.py",
        "shell.py",
        "shell_branches.py",
        "shell_redirections.py",
        "shell_scanner.py",
        "shell_words.py",
        "powershell.py",
        "program_text.py",
        "programs.py",
        "clients.py",
        "starting.py",
        "step_values.py",
        "jobs.py",
        "makefile.py",
        "matrix.py",
        "sending.py",
    ),
    "security": APART,
}
"""What decides a verdict, below chittyactions/compliance: the checks, and what reads the steps of workflows."""

PASSED_OVER = (
    *("audit", "fixing", "remediation", "test_faults.py", "test_observe.py", "test_probe.py", "test_robustness.py"),
    *("test_report*.py", "test_git_files.py", "test_registry_*.py"),
)
"""Tests of what is not mutated, and one that runs all checks at once and takes half the time; globs."""

CHOSEN = "not (hostile or property or ten_thousand)"
"""What is run of the rest: tests that take seconds each, for each mutant that survives, would take most of the time."""

COPIED = ("compliance", "requirements", "schemas", "templates", "tests")

KILLED, SURVIVED, NO_TEST, TIMEOUT = "killed", "survived", "without a test", "timed out"
SPINNER, LOGGED = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", 30.0
"""How mutmut's line of progress begins, and after how many seconds a log gets it again."""

CODES = {0: SURVIVED, 5: NO_TEST, 33: NO_TEST, 24: TIMEOUT, 36: TIMEOUT, 152: TIMEOUT, -24: TIMEOUT}
"""What mutmut's exit codes mean; every other one is a test that failed."""

SHOW = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
json.dump({name: get_diff_for_mutant(name) for name in sys.stdin.read().split()}, sys.stdout)
"""

CONFIG = """\
[tool.mutmut]
source_paths = {paths}
also_copy = ["chittyactions", "chittylocal", {copied}]
pytest_add_cli_args = {passed_over}
pytest_add_cli_args_test_selection = ["tests/compliance"]
timeout_multiplier = 2.0
[tool.pytest.ini_options]
pythonpath = [".", "tests"]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider", "-p", "pytest_timeout", "-p", "no:unraisableexception"]
tmp_path_retention_policy = "failed"  # "none" takes no lock: sessions side by side would clear each other away
markers = ["engines: starts a real engine"]
timeout = 30  # a mutant that loops for ever is killed by the first test that it stops
timeout_method = "signal"
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Mutate, test, compare with the list; 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", nargs="?", choices=[*MUTATED], default="checks", help="what to break (checks)")
    group = MUTATED[parser.parse_args(argv).group]
    started = time.monotonic()
    prepare(group)
    with tempfile.TemporaryDirectory() as temporary:
        code = mutated(temporary)
    results = outcomes()
    if not results:
        print(f"mutate: mutmut tested nothing (exit code {code}); its reason is above.", file=sys.stderr)
        return 1
    counts = Counter(results.values())
    killed = counts[KILLED] + counts[TIMEOUT]
    share = killed * 100 / len(results)
    print(f"\nmutate: {killed} of {len(results)} mutants killed ({share:.1f} %), in {time.monotonic() - started:.0f} s")
    late = {name for name, outcome in results.items() if outcome == TIMEOUT}
    problems = compare({name for name, outcome in results.items() if outcome in (SURVIVED, NO_TEST)}, late, group)
    if share < LEAST:
        problems.append(f"fewer than {LEAST} % are killed")
    for problem in problems:
        print(f"mutate: {problem}", file=sys.stderr)
    return 1 if problems else 0


def mutated(temporary: str) -> int:
    """Let mutmut run; its exit code. It overwrites one line ten times a second: a log gets it once in a while."""
    command = [sys.executable, "-m", "mutmut", "run"]
    if sys.stdout.isatty():
        return subprocess.run(command, cwd=WORK, env=environment(temporary), check=False).returncode
    told = 0.0
    with subprocess.Popen(command, cwd=WORK, env=environment(temporary), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:  # universal newlines: a line ends at a carriage return, too
            now = time.monotonic()
            if line.strip() and (line[0] not in SPINNER or now - told > LOGGED):
                print(line.rstrip(), flush=True)
                told = now
    return running.returncode


def prepare(group: Sequence[str]) -> None:
    """Lay the package, its data and its tests out as mutmut wants them: it stops on a package below python/."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for package in ("chittyactions", "chittylocal"):
        shutil.copytree(ROOT / "python" / package, WORK / package, ignore=ignored)
    copied = [name for name in COPIED if (ROOT / name).is_dir()]
    for name in copied:
        shutil.copytree(ROOT / name, WORK / name, ignore=ignored)
    paths = json.dumps([f"chittyactions/compliance/{name}" for name in group])
    listed = ", ".join(json.dumps(name) for name in copied)
    passed_over = json.dumps([*(f"--ignore-glob=tests/compliance/{name}" for name in PASSED_OVER), "-k", CHOSEN])
    config = CONFIG.format(paths=paths, copied=listed, passed_over=passed_over)
    (WORK / "pyproject.toml").write_text(config, "utf-8")


def environment(temporary: str = "") -> dict[str, str]:
    """The environment of mutmut: nothing of another project's. `temporary` is a folder outside of any repository."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    # Three quarters of a mutant's time were pytest's own: plugins, a sweep of the memory, the folders of earlier runs.
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_DEBUG_TEMPROOT": temporary}


def outcomes() -> dict[str, str]:
    """Each mutant with what came of it."""
    found: dict[str, str] = {}
    for path in sorted(WORK.glob("mutants/**/*.meta")):
        codes: dict[str, Any] = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        found.update((name, CODES.get(code, KILLED)) for name, code in codes.items() if code is not None)
    return found


def compare(survivors: set[str], late: set[str], group: Sequence[str]) -> list[str]:
    """What does not fit between the survivors and their list, where those that ended late may stand as well."""
    rooms = tuple(f"chittyactions.compliance.{one.removesuffix('.py').replace('/', '.')}." for one in group)
    entries = yaml.safe_load(SURVIVORS.read_text("utf-8")) or []
    listed = [(one["in"], _lines(one["change"])) for one in entries if one["in"].startswith(rooms)]
    open_ones = Counter(listed)
    problems = []
    for name, change in sorted(shown(survivors | late).items()):
        place = name.rpartition("__mutmut_")[0]
        if open_ones[place, _lines(change)]:
            open_ones[place, _lines(change)] -= 1
        elif name in survivors:
            problems.append(f"survived, and is not listed:\n- in: {place}\n  change: |\n{_indented(change)}  reason: …")
    problems += ["\n".join([f"listed, and killed: {place}:", *lines]) for place, lines in +open_ones]
    return problems


def shown(names: set[str]) -> dict[str, str]:
    """The changed lines of each mutant. All in one process: mutmut's own `show` reads every module for each."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        input="\n".join(names),
        cwd=WORK,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found = {}
    for name, text in json.loads(done.stdout).items():
        lines = [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        found[name] = "".join(f"{line[0]} {line[1:].strip()}\n" for line in lines)
    return found


def _lines(change: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in change.strip().splitlines())


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
