"""Plain folders as GitHub's repositories: read when they are asked for, named as git names what lies in them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from chittylocal import Local

Ask = Callable[..., requests.Response]
Audit = Callable[..., str]

REPO = "ChittyOS/plain"


@pytest.fixture
def folder(local: Local, tmp_path: Path) -> Path:
    """A folder that is a repository: a file, a program, a link, a folder, a submodule, and an empty folder."""
    place = tmp_path / "place"
    for name in ("docs", "empty/er", "sub/.git"):
        (place / name).mkdir(parents=True)
    (place / "CLAUDE.md").write_text("# Plain\n", "utf-8")
    (place / "docs/CODEOWNERS").write_text("* @chittyos/owners\n", "utf-8")
    (place / "run").write_text("#!/bin/sh\n", "utf-8")
    (place / "run").chmod(0o755)
    (place / "link").symlink_to("CLAUDE.md")
    (place / "sub/inner").write_text("not ours", "utf-8")
    local.github.folder(REPO, place)
    return place


def of(ask: Ask, fields: str, name: str = REPO) -> Any:
    """Fields of one repository, without errors."""
    owner, _, own = name.partition("/")
    answer = ask(f'{{ repository(owner: "{owner}", name: "{own}") {{ {fields} }} }}').json()
    assert "errors" not in answer
    return answer["data"]["repository"]


def git(folder: Path, *arguments: str) -> str:
    """What git itself says of a folder."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=b", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


HEAD = "defaultBranchRef { name target { oid } }"


def test_entries_have_gits_kinds_and_modes(folder: Path, ask: Ask) -> None:
    """A submodule is a commit of another repository, a link is a blob of its target; folders without files are not."""
    asked = 'object(expression: "HEAD:") { ... on Tree { entries { name type mode object { ... on Blob { text } } } } }'
    found = of(ask, asked)["object"]["entries"]
    assert found == [
        {"name": "CLAUDE.md", "type": "blob", "mode": 33188, "object": {"text": "# Plain\n"}},
        {"name": "docs", "type": "tree", "mode": 16384, "object": {}},
        {"name": "link", "type": "blob", "mode": 40960, "object": {"text": "CLAUDE.md"}},
        {"name": "run", "type": "blob", "mode": 33261, "object": {"text": "#!/bin/sh\n"}},
        {"name": "sub", "type": "commit", "mode": 57344, "object": None},
    ]
    within = 'a: object(expression: "HEAD:sub/inner") { oid } b: object(expression: "HEAD:sub") { oid }'
    assert of(ask, within) == {"a": None, "b": None}


def test_trees_are_named_as_git_names_them(folder: Path, ask: Ask, tmp_path: Path) -> None:
    """The same files have the same name as in a repository of git's."""
    (folder / "sub/.git").rmdir()
    (folder / "docs.txt").write_text("sorts between docs and its files\n", "utf-8")
    found = of(ask, 'object(expression: "HEAD:") { oid } pushedAt')
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    assert found["object"]["oid"] == git(folder, "write-tree")
    assert found["pushedAt"].endswith("Z")


def test_the_head_is_the_contents(folder: Path, ask: Ask) -> None:
    """It stays while they stay, moves as soon as one file differs, and comes back with it."""
    first = of(ask, HEAD)["defaultBranchRef"]
    assert of(ask, HEAD)["defaultBranchRef"] == first
    (folder / "docs/CODEOWNERS").write_text("* @chittyos/others\n", "utf-8")
    assert of(ask, HEAD)["defaultBranchRef"]["target"]["oid"] != first["target"]["oid"]
    (folder / "docs/CODEOWNERS").write_text("* @chittyos/owners\n", "utf-8")
    assert of(ask, HEAD)["defaultBranchRef"] == first


def test_a_folder_without_files_is_an_empty_repository(local: Local, ask: Ask, tmp_path: Path) -> None:
    """Whatever folders it holds."""
    (tmp_path / "void/deep").mkdir(parents=True)
    local.github.folder(REPO, tmp_path / "void")
    found = of(ask, f'isEmpty {HEAD} object(expression: "HEAD:") {{ oid }}')
    assert found == {"isEmpty": True, "defaultBranchRef": None, "object": None}


def test_rest_reads_a_folder_too(local: Local, folder: Path, web: requests.Session) -> None:
    """Its branch, its files and its tree; what would write is refused."""
    url = f"{local.urls()['GITHUB_API_URL']}/repos/{REPO}"
    commit = web.get(f"{url}/branches/main").json()["commit"]["sha"]
    assert len(web.get(f"{url}/git/trees/{commit}?recursive=1").json()["tree"]) == 6
    assert web.get(f"{url}/contents/docs/CODEOWNERS").json()["size"] == 19
    asked = {"message": "m", "content": "", "branch": "main"}
    answer = web.put(f"{url}/contents/new", json=asked, headers={"Authorization": f"Bearer {local.github_token}"})
    assert (answer.status_code, (folder / "new").exists()) == (403, False)


def test_a_renamed_folder_is_followed(local: Local, folder: Path, ask: Ask) -> None:
    """By its old name it answers under the new one, and is listed once."""
    local.github.rename(REPO, "ChittyOS/simple")
    assert of(ask, "nameWithOwner isEmpty") == {"nameWithOwner": "ChittyOS/simple", "isEmpty": False}
    assert local.github.repositories.owned("chittyos") == ["ChittyOS/simple"]


def test_a_tree_of_a_thousand_folders(local: Local, ask: Ask, audit: Audit, tmp_path: Path) -> None:
    """Mounting reads nothing; fifty queries of twenty read every one, in whatever case it is asked for."""
    for number in range(1000):
        place = tmp_path / "ChittyOS" / f"Repo{number}"
        place.mkdir(parents=True)
        (place / "CLAUDE.md").write_text(f"# {number}\n", "utf-8")
    local.github.folders(tmp_path)
    texts, heads = [], set()
    for start in range(0, 1000, 20):
        answer = ask(audit(*(f"chittyos/repo{number}" for number in range(start, start + 20)))).json()
        assert "errors" not in answer
        found = [answer["data"][f"r{number}"] for number in range(20)]
        texts += [(one["nameWithOwner"], one["claude"]["text"]) for one in found]
        heads |= {one["defaultBranchRef"]["target"]["oid"] for one in found}
    assert texts == [(f"ChittyOS/Repo{number}", f"# {number}\n") for number in range(1000)]
    assert len(heads) == 1000
    assert local.github.budget.used == 50


@pytest.mark.parametrize("owner, name", [("..", "place"), ("ChittyOS", ".."), ("a/b", "c"), ("", "x")])
def test_no_name_leads_out_of_a_tree(local: Local, folder: Path, ask: Ask, owner: str, name: str) -> None:
    """A name is an owner's and a repository's, and no path."""
    local.github.folders(folder.parent)
    query = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { isEmpty } }"
    answer = ask(query, owner=owner, name=name).json()
    assert (answer["data"], answer["errors"][0]["type"]) == ({"repository": None}, "NOT_FOUND")
