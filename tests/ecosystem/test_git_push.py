"""A branch is put elsewhere only where it is still what was seen: real git, over bare repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chittyactions.ecosystem.git_alone import quiet
from chittyactions.ecosystem.git_fetch import fetch_commit
from chittyactions.ecosystem.git_push import git, push
from chittyactions.errors import Refused, ServiceError, Superseded
from chittylocal import Local

NAME, BRANCH = "acme/hello", "ours/branch"


@pytest.fixture
def environ(local: Local) -> dict[str, str]:
    """Of a run whose git server is the backend's folder."""
    local.github.repository(NAME, {"README.md": "Hello\n"})
    return {**os.environ, "GITHUB_SERVER_URL": f"file://{local.state.folder}/github"}


def committed(local: Local, environ: dict[str, str], folder: Path, message: str) -> str:
    """A commit of the same files on the newest one of main, in a repository of its own."""
    base = local.github.log(NAME)[0].sha
    if not folder.exists():
        fetch_commit(NAME, base, folder, token="", environ=environ, largest=1000)
    env = quiet(environ, {"user.name": "us", "user.email": "us@example.com"})
    return git(folder, ["commit-tree", f"{base}^{{tree}}", "-p", base, "-m", message], env, what="No commit.")


def at(local: Local) -> str:
    found = local.github.log(NAME, BRANCH)
    return found[0].sha if found else ""


def test_made_moved_and_removed(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """Each where the branch is as expected."""
    one, two = (committed(local, environ, tmp_path / "x", message) for message in ("one", "two"))
    seen = []
    for commit, expected in ((one, ""), (two, one), ("", two)):
        push(tmp_path / "x", NAME, BRANCH, commit, expected=expected, token="", environ=environ)
        seen.append(at(local))
    assert seen == [one, two, ""]


@pytest.mark.parametrize("expected", ["", "0" * 39 + "1", "base"])
def test_a_branch_that_moved_is_not_overwritten(
    local: Local, environ: dict[str, str], tmp_path: Path, expected: str
) -> None:
    """Whether it was expected to be elsewhere or nowhere."""
    base = local.github.log(NAME)[0].sha
    one = committed(local, environ, tmp_path / "x", "one")
    push(tmp_path / "x", NAME, BRANCH, one, expected="", token="", environ=environ)
    theirs = local.github.push(NAME, {"README.md": "Theirs\n"}, branch=BRANCH)
    expected = base if expected == "base" else expected
    with pytest.raises(Superseded):
        push(tmp_path / "x", NAME, BRANCH, one, expected=expected, token="", environ=environ)
    assert at(local) == theirs


@pytest.mark.parametrize(
    "said, words", [("", "a rule guards the branch"), ("without `workflow` scope", "which the token may not write")]
)
def test_a_refusal(local: Local, environ: dict[str, str], tmp_path: Path, said: str, words: str) -> None:
    """Of a hook of the server, as GitHub's rules are; workflows need a permission of their own."""
    hook = local.github.git_folder(NAME) / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho 'refusing to allow it {said}' >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    one = committed(local, environ, tmp_path / "x", "one")
    with pytest.raises(Refused) as caught:
        push(tmp_path / "x", NAME, BRANCH, one, expected="", token="", environ=environ)
    assert words in str(caught.value)


def test_a_token_is_never_said(local: Local, environ: dict[str, str], tmp_path: Path) -> None:
    """Neither as it is nor as git sends it; nor is it in an argument."""
    one = committed(local, environ, tmp_path / "x", "one")
    with pytest.raises(ServiceError) as caught:
        push(tmp_path / "x", "acme/nowhere", BRANCH, one, expected="", token="canary", environ=environ)
    assert "canary" not in str(caught.value)
    assert "Basic" not in str(caught.value)


def test_nothing_of_this_machine_steers_git() -> None:
    """Not its configuration, its hooks or its variables."""
    env = quiet({"GIT_DIR": "/elsewhere", "PATH": "/bin"}, {"a.b": "c"})
    assert "GIT_DIR" not in env
    assert (env["PATH"], env["GIT_CONFIG_NOSYSTEM"], env["GIT_CONFIG_GLOBAL"]) == ("/bin", "1", os.devnull)
    given = {env[f"GIT_CONFIG_KEY_{n}"]: env[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(env["GIT_CONFIG_COUNT"]))}
    assert (given["a.b"], given["core.hooksPath"]) == ("c", "/dev/null")
