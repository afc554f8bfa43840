"""Which commands start nothing that a check looks for."""

from __future__ import annotations

import pytest

from chittyactions.compliance.passive import is_passive


@pytest.mark.parametrize(
    "command",
    [
        "echo x",
        "fi",
        "done",
        "esac",
        "/usr/bin/Mkdir x",
        "Set-Content x",
        "vitest",
        "task --version",
        "npm ci",
        "npm --silent install",
        "uv pip install x",
        "cargo build",
        "go test ./...",
        "docker build .",
        "deno fmt",
        "dotnet restore",
        "bash -n x.sh",
        "zsh -en x.sh",
        "node --check x.mjs",
        "bun --test",
        "ruby -c x.rb",
        "php -l x.php",
        "make -n x",
        "gmake --dry-run",
        "python -m build",
        "python3.12 -m pytest x",
    ],
)
def test_these_start_nothing(command: str) -> None:
    """Tools of the shell, installers, linters, compilers, and what only looks at a script."""
    assert is_passive(tuple(command.split()))


@pytest.mark.parametrize(
    "command",
    [
        "task",
        "task x --version",
        "npm",
        "npm run ci",
        "npm publish",
        "go run .",
        "cargo run",
        "docker run x",
        "deno task x",
        "bash x.sh",
        "bash x.sh -n",
        "node x.mjs",
        "node x.mjs --check",
        "make x",
        "python",
        "python -m",
        "python -m sync",
        "python -m sync build",
        "python x.py build",
        "xnode -c",
    ],
)
def test_these_may_start_anything(command: str) -> None:
    """Runners of tasks, programs of the repository, and what is in no table."""
    assert not is_passive(tuple(command.split()))
