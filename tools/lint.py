"""`make lint`: run every linter, all of them even when one fails, and close with a table.

What a linter says is printed only when it finds something. A linter that isn't installed fails the run with what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv/bin"
TOOLS = ROOT / ".tools"
PYTHON = ("python", "tests", "tools", "benchmarks")


@dataclass(frozen=True)
class Linter:
    """One linter's command line. `files` are what it looks at: with none of them it has nothing to say."""

    name: str
    argv: tuple[str | Path, ...]
    files: tuple[str, ...]


def main() -> int:
    """Lint everything; 0 when every linter is clean."""
    linters = all_linters()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as threads:
        results = list(threads.map(run, linters))
    for linter, (clean, said, _) in zip(linters, results, strict=True):
        if not clean:
            print(f"--- {linter.name}\n{said.strip()}\n")
    width = max(len(linter.name) for linter in linters)
    for linter, (clean, _, seconds) in zip(linters, results, strict=True):
        files = f"{len(linter.files)} files" if linter.files else "no such files yet"
        print(f"  {linter.name:<{width}}  {'clean' if clean else 'FAILED':<6}  {seconds:5.1f} s  {files}")
    failed = [linter.name for linter, result in zip(linters, results, strict=True) if not result[0]]
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'clean'}")
    return 1 if failed else 0


def all_linters() -> list[Linter]:
    """Every linter with the files that it looks at."""
    tracked = files_of_this_repository()
    code = tuple(name for name in tracked if name.endswith(".py") and name.startswith(PYTHON))
    folders = tuple(folder for folder in PYTHON if any(name.startswith(f"{folder}/") for name in code))
    workflows = tuple(name for name in tracked if is_workflow(name))
    own_workflows = tuple(name for name in workflows if name.startswith(".github/"))
    actions = tuple(name for name in tracked if Path(name).name in {"action.yml", "action.yaml"})
    shell = tuple(name for name in tracked if name.endswith(".sh") or name == ".ci/run")
    shellcheck = TOOLS / "bin/shellcheck"
    schema = VENV / "check-jsonschema"
    parser = (TOOLS / "node/bin/node", "tools/workflow-check.mjs")
    updates = tuple(name for name in tracked if name == ".github/dependabot.yml")
    audited = (*own_workflows, *updates, *(name for name in actions if not name.startswith(("tests/", "examples/"))))
    return [
        Linter("mypy --strict", (VENV / "mypy", "--strict", *folders), code),
        Linter("ruff check", (VENV / "ruff", "check", "--quiet"), code),
        Linter("ruff format", (VENV / "ruff", "format", "--check"), code),
        Linter("actionlint", (TOOLS / "bin/actionlint", "-shellcheck", shellcheck, *workflows), workflows),
        Linter("zizmor pedantic", (VENV / "zizmor", "--offline", "--persona=pedantic", "--quiet", *audited), audited),
        Linter("GitHub's parser", (*parser, *workflows, *actions), (*workflows, *actions)),
        Linter("schema: workflows", (schema, "--builtin-schema", "vendor.github-workflows", *workflows), workflows),
        Linter("schema: actions", (schema, "--builtin-schema", "vendor.github-actions", *actions), actions),
        Linter("schema: dependabot", (schema, "--builtin-schema", "vendor.dependabot", *updates), updates),
        Linter("shellcheck", (shellcheck, "--enable=all", "--severity=style", *shell), shell),
    ]


def files_of_this_repository() -> list[str]:
    """Paths of all tracked and unignored files that exist, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def is_workflow(name: str) -> bool:
    """Whether a file is a workflow: our own, one that act runs in a test, an example's or a template's."""
    path = Path(name)
    in_place = path.parent.as_posix().endswith(".github/workflows") or path.parts[0] == "action-tests"
    return in_place and path.suffix in {".yml", ".yaml"} and path.name not in {"action.yml", "action.yaml"}


def run(linter: Linter) -> tuple[bool, str, float]:
    """Whether a linter is clean, what it said, and how long it took in seconds."""
    started = time.monotonic()
    if not linter.files:
        return True, "", 0.0
    program = linter.argv[0]
    if not shutil.which(program):
        return False, f"{program} is missing. Run `make setup`: its closing table says what to do.", 0.0
    done = subprocess.run(
        [str(word) for word in linter.argv],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode == 0, done.stdout, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
