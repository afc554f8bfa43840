"""Git over HTTP, asked by the real git: repositories of git's and plain folders, whole and by one commit."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Local
from chittylocal.faults import Fault

REPO, PLAIN = "ChittyOS/hello", "ChittyOS/plain"
FILES = {"CLAUDE.md": "# Hello\n", "src/index.ts": "export {}\n", "big.bin": "x" * 1_100_000}


class Client:
    """A git that takes nothing of the machine's configuration, in a repository of its own."""

    def __init__(self, local: Local, folder: Path) -> None:
        self.local, self.folder = local, folder
        folder.mkdir()
        self.run("init", "--quiet", ".")

    def url(self, name: str) -> str:
        return f"{self.local.urls()['GITHUB_API_URL']}/{name}.git"

    def run(self, *arguments: str, token: str = "", failing: bool = False) -> str:
        """What git prints; with `failing`, what it complains of."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C"}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
        if token:
            value = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader"}
            environment["GIT_CONFIG_VALUE_0"] = f"Authorization: Basic {value}"
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == failing, done.stderr
        return done.stderr if failing else done.stdout.strip()

    def fetch(self, name: str, commit: str, *options: str, token: str = "", failing: bool = False) -> str:
        """Fetch one commit alone, without blobs of more than a mebibyte."""
        filters = options or ("--filter=blob:limit=1m",)
        asked = ["fetch", "--quiet", "--depth=1", "--no-tags", *filters, self.url(name), commit]
        return self.run(*asked, token=token, failing=failing)


@pytest.fixture
def client(local: Local, tmp_path: Path) -> Client:
    """A client of a backend with the same files in a repository of git's and in a plain folder."""
    local.github.repository(REPO, FILES)
    place = tmp_path / "place"
    for path, text in FILES.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, "utf-8")
    (place / "run").write_text("#!/bin/sh\n", "utf-8")
    (place / "run").chmod(0o755)
    (place / "link").symlink_to("CLAUDE.md")
    (place / "sub/.git").mkdir(parents=True)
    (place / "ünï cödé").write_bytes(b"\xff\0")
    local.github.folder(PLAIN, place)
    return Client(local, tmp_path / "client")


Ask = Callable[..., requests.Response]


def head(ask: Ask, name: str) -> tuple[str, str]:
    """The commit and the tree that GraphQL tells."""
    owner, _, own = name.partition("/")
    query = f'{{ repository(owner: "{owner}", name: "{own}") {{ defaultBranchRef {{ target {{ oid'
    answer = ask(query + " ... on Commit { tree { oid } } } } } }").json()
    target = answer["data"]["repository"]["defaultBranchRef"]["target"]
    return target["oid"], target["tree"]["oid"]


@pytest.mark.parametrize("name", [REPO, PLAIN])
def test_one_commit_without_large_files(client: Client, ask: Ask, name: str) -> None:
    """Under the names that GraphQL tells, and git finds all in order; a large file comes when it is asked for."""
    commit, tree = head(ask, name)
    client.fetch(name, commit)
    assert client.run("rev-parse", "FETCH_HEAD", "FETCH_HEAD^{tree}").split() == [commit, tree]
    assert client.run("show", f"{commit}:src/index.ts") == "export {}"
    large = client.run("rev-parse", f"{commit}:big.bin")
    assert f"?{large}" in client.run("rev-list", "--objects", "--missing=print", commit).splitlines()
    whole = Client(client.local, client.folder.parent / "whole")
    whole.fetch(name, commit, "--refetch")
    assert len(whole.run("show", f"{commit}:big.bin")) == 1_100_000
    whole.run("fsck", "--strict", "--no-dangling")
    assert whole.run("rev-list", "--count", commit) == "1"


def test_a_plain_folder_keeps_modes_links_and_names(client: Client, ask: Ask) -> None:
    """Programs, links, submodules and names and bytes of any kind are what they were."""
    commit, _ = head(ask, PLAIN)
    client.fetch(PLAIN, commit)
    shown = client.run("-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", commit)
    assert shown.splitlines() == [
        "100644 CLAUDE.md", "100644 big.bin", "120000 link", "100755 run", "100644 src/index.ts", "160000 sub",
        "100644 ünï cödé",
    ]  # fmt: skip


def test_a_folder_that_changes(client: Client, ask: Ask, tmp_path: Path) -> None:
    """Its next fetch sees the new commit; the one before is still there by its name, as on GitHub."""
    before, _ = head(ask, PLAIN)
    client.fetch(PLAIN, before)
    (tmp_path / "place/CLAUDE.md").write_text("# Changed\n", "utf-8")
    after, _ = head(ask, PLAIN)
    assert client.run("ls-remote", client.url(PLAIN)).split() == [after, "HEAD", after, "refs/heads/main"]
    client.fetch(PLAIN, after)
    assert client.run("show", f"{after}:CLAUDE.md") == "# Changed"
    other = Client(client.local, tmp_path / "other")
    other.fetch(PLAIN, before)
    assert other.run("show", f"{before}:CLAUDE.md") == "# Hello"
    assert "0" * 39 in client.fetch(PLAIN, "0" * 39 + "1", failing=True)
    assert list((tmp_path / "place").glob(".git*")) == []


def test_clones(client: Client, tmp_path: Path) -> None:
    """By any protocol version, with and without `.git`, in whatever case; the default branch is checked out."""
    for number, name in enumerate((REPO, "chittyos/HELLO", PLAIN)):
        for version in ("0", "1", "2"):
            place = str(tmp_path / f"clone{number}{version}")
            url = client.url(name).removesuffix(".git" if version == "1" else "")
            client.run("-c", f"protocol.version={version}", "clone", "--quiet", url, place)
            assert Path(place, "CLAUDE.md").read_text("utf-8") == "# Hello\n"
    client.local.github.push(REPO, {"CLAUDE.md": "# Trunk\n"}, branch="trunk")
    client.local.github.rules.set_default_branch(REPO, "trunk")
    client.run("clone", "--quiet", client.url(REPO), str(tmp_path / "trunk"))
    assert (tmp_path / "trunk/CLAUDE.md").read_text("utf-8") == "# Trunk\n"


def test_an_empty_repository(client: Client, tmp_path: Path) -> None:
    """It has no refs, whether it is git's or a folder, and one that was emptied neither."""
    client.local.github.repository("ChittyOS/empty")
    (tmp_path / "void").mkdir()
    client.local.github.folder("ChittyOS/void", tmp_path / "void")
    (tmp_path / "void/x").write_text("x", "utf-8")
    assert client.run("ls-remote", client.url("ChittyOS/void"))
    (tmp_path / "void/x").unlink()
    assert [client.run("ls-remote", client.url(f"ChittyOS/{name}")) for name in ("empty", "void")] == ["", ""]


def test_private_repositories_want_a_token(client: Client, ask: Ask) -> None:
    """None is asked for credentials; a token that can't see it is told that there is nothing; others fetch."""
    github = client.local.github
    github.profile(PLAIN).private = True
    commit, _ = head(ask, PLAIN)
    assert "could not read Username" in client.fetch(PLAIN, commit, failing=True)
    github.app("7", ["ChittyOS/hello"], {"contents": "read"})
    github.app("8", ["ChittyOS/*"], {"contents": "read"})
    github.app("9", ["ChittyOS/*"], {"metadata": "read"})
    stranger = github.person("octocat", reaches=[])
    for token in (stranger, github.apps.grant("7")):
        assert "Repository not found." in client.fetch(PLAIN, commit, token=token, failing=True)
    assert "Resource not accessible" in client.fetch(PLAIN, commit, token=github.apps.grant("9"), failing=True)
    for token in (client.local.github_token, github.person("mona"), github.apps.grant("8")):
        client.fetch(PLAIN, commit, token=token)
    assert "could not read Username" in client.fetch("ChittyOS/none", commit, failing=True)
    assert "not found" in client.fetch("ChittyOS/none", commit, token=stranger, failing=True)


def test_tokens_that_are_none(client: Client, ask: Ask, web: requests.Session) -> None:
    """A dead token is refused even for what is public, and a bearer is no way to ask git."""
    github = client.local.github
    commit, _ = head(ask, REPO)
    github.app("8", ["ChittyOS/*"], {"contents": "read"})
    token = github.apps.grant("8")
    client.fetch(REPO, commit, token=token)
    web.delete(
        f"{client.local.urls()['GITHUB_API_URL']}/installation/token", headers={"Authorization": f"Bearer {token}"}
    )
    assert "could not read Username" in client.fetch(REPO, commit, token=token, failing=True)
    url = f"{client.url(REPO)}/info/refs?service=git-upload-pack"
    bearer = web.get(url, headers={"Authorization": f"Bearer {client.local.github_token}"})
    assert (bearer.status_code, bearer.text[:25]) == (401, "Invalid username or token")
    assert bearer.headers["WWW-Authenticate"] == 'Basic realm="GitHub"'
    assert web.get(url).status_code == 200
    github.strict = True
    assert "could not read Username" in client.fetch(REPO, commit, token="made-up", failing=True)
    logged = [entry for entry in client.local.requests("github") if entry["path"].endswith(".git/git-upload-pack")]
    assert {entry["auth"] for entry in logged} == {"basic"}
    assert token not in str(logged)


def test_a_renamed_repository_is_followed(client: Client, ask: Ask) -> None:
    """By its old name git is led to the new one; a deleted one is gone."""
    commit, _ = head(ask, REPO)
    client.local.github.rename(REPO, "ChittyOS/hi")
    client.local.github.rename(PLAIN, "ChittyOS/simple")
    client.fetch(REPO, commit)
    assert client.run("ls-remote", client.url(PLAIN))
    client.local.github.delete("ChittyOS/hi")
    assert "not found" in client.fetch("ChittyOS/hi", commit, token="x", failing=True)


def test_nothing_is_pushed(client: Client, ask: Ask) -> None:
    """Refused where it begins."""
    commit, _ = head(ask, REPO)
    client.fetch(REPO, commit, "--refetch")
    assert "403" in client.run("push", client.url(REPO), f"{commit}:refs/heads/x", token="x", failing=True)
    assert client.run("ls-remote", client.url(REPO), "x") == ""


def test_what_goes_wrong_on_purpose(client: Client, ask: Ask) -> None:
    """Slowness, 502 at either step, the secondary limit, an error of one repository, a cut answer."""
    local, (commit, _) = client.local, head(ask, REPO)
    for path in ("*/info/refs", "*/git-upload-pack"):
        local.fault("github", "*", path, Fault("status", status=502, times=1))
        assert "502" in client.fetch(REPO, commit, failing=True)
    local.fault("github", "POST", "*/git-upload-pack", Fault("truncated", times=1))
    client.fetch(REPO, commit, failing=True)
    local.clear_faults()
    local.github.limits.secondary = 1
    assert "403" in client.fetch(REPO, commit, failing=True)
    local.github.limits.errors[PLAIN] = ("FORBIDDEN", "Resource protected by organization SAML enforcement.")
    assert "SAML" in client.run("ls-remote", client.url(PLAIN), failing=True)
    used = local.github.rest_budget.used
    client.fetch(REPO, commit)
    assert local.github.rest_budget.used == used


def test_sixty_two_folders(local: Local, ask: Ask, tmp_path: Path) -> None:
    """A tree of plain folders is fetched one by one, each commit as GraphQL has it."""
    for number in range(62):
        place = tmp_path / "tree/ChittyOS" / f"s{number}"
        place.mkdir(parents=True)
        (place / "CLAUDE.md").write_text(f"# {number}\n", "utf-8")
    local.github.folders(tmp_path / "tree")
    client: Any = Client(local, tmp_path / "client")
    for number in range(0, 62, 8):
        commit, tree = head(ask, f"ChittyOS/s{number}")
        client.fetch(f"ChittyOS/s{number}", commit)
        assert client.run("rev-parse", f"{commit}^{{tree}}") == tree
        assert client.run("show", f"{commit}:CLAUDE.md") == f"# {number}"
