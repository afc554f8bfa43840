"""What is committed says which package and which version this is, in every ecosystem."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chittyactions.errors import ConfigError
from chittyactions.publish.source import Source, read_source


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A repository with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def source_of(folder: Path, files: Mapping[str, str | bytes], tag: str = "", **how: Any) -> Source:
    """What a repository with these files says, on a tag or on a branch."""
    ref = f"refs/tags/{tag}" if tag else "refs/heads/main"
    return read_source(write(folder, files), how.pop("working_directory", "."), service="svc", ref=ref, **how)


def refusal(folder: Path, files: Mapping[str, str | bytes], tag: str = "", **how: Any) -> str:
    """The whole error, which always says what to do."""
    with pytest.raises(ConfigError) as caught:
        source_of(folder, files, tag, **how)
    assert caught.value.fix
    assert caught.value.docs.startswith("package-build.md#")
    return str(caught.value)


def package(name: str = "@chittyos/hello", version: str = "1.2.3", **more: Any) -> str:
    return json.dumps({"name": name, "version": version, **more})


def test_an_npm_package(tmp_path: Path) -> None:
    """Name, version, systems and what a formula can use."""
    text = package(os=["darwin", "linux", "!win32"], description=" Says\nhello ", homepage="https://x", license="MIT")
    source = source_of(tmp_path, {"package.json": text}, npm=True)
    assert (source.ecosystem, source.name, str(source.version)) == ("npm", "@chittyos/hello", "1.2.3")
    assert (source.where, source.folder) == ("package.json", tmp_path)
    assert source.platforms == ("darwin", "linux")
    assert (source.description, source.homepage, source.license) == ("Says hello", "https://x", "MIT")


def test_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    """Files that were written on Windows are read as they are meant."""
    npm = b"\xef\xbb\xbf" + package().replace(",", ",\r\n").encode()
    assert source_of(tmp_path / "npm", {"package.json": npm}).name == "@chittyos/hello"
    python = b'\xef\xbb\xbf[project]\r\nname = "hello"\r\nversion = "1.0"\r\n'
    assert str(source_of(tmp_path / "py", {"pyproject.toml": python}).version) == "1.0.0"
    go = b"\xef\xbb\xbfmodule github.com/chittyos/hello\r\n\r\ngo 1.22\r\n"
    assert source_of(tmp_path / "go", {"go.mod": go}, "v1.0.0").name == "github.com/chittyos/hello"


@pytest.mark.parametrize(
    "version,shown", [("v1.2.3", "1.2.3"), ("1.2.3-beta.1", "1.2.3-beta.1"), ("1.2.3+b", "1.2.3+b")]
)
def test_versions_as_they_are_written(version: str, shown: str, tmp_path: Path) -> None:
    """A leading v is dropped, as npm does; prerelease and build metadata stay."""
    assert str(source_of(tmp_path, {"package.json": package(version=version)}).version) == shown


@pytest.mark.parametrize(
    "tag", ["v1.2.3", "1.2.3", "hello@1.2.3", "@chittyos/hello@1.2.3", "svc/v1.2.3", "v2", "stable", "other-v1.2.3", ""]
)
def test_a_tag_that_agrees(tag: str, tmp_path: Path) -> None:
    """The committed version, however the tag spells it; a tag without a version says nothing."""
    assert str(source_of(tmp_path, {"package.json": package()}, tag).version) == "1.2.3"


@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3-beta.1", "hello@2.0.0", "other@1.0.0", "v1.2.3+b"])
def test_a_tag_that_disagrees(tag: str, tmp_path: Path) -> None:
    """A run for a tag never publishes another version than the tag says."""
    message = refusal(tmp_path, {"package.json": package()}, tag)
    assert tag in message
    assert "1.2.3" in message


def test_a_private_package_is_not_for_npm(tmp_path: Path) -> None:
    """Refused with the reason where npm is asked for; elsewhere it may be released."""
    files = {"package.json": package(private=True)}
    assert "private" in refusal(tmp_path, files, npm=True)
    assert source_of(tmp_path, files).ecosystem == "npm"


@pytest.mark.parametrize(
    "text,match",
    [
        (package(name="Hello World"), "Hello World"),
        (package(name="../evil"), "../evil"),
        (package(name="@x/y/z"), "@x/y/z"),
        (package(name=""), "no name"),
        (package(name="a" * 215), "no name"),
        (json.dumps({"name": "a", "version": 1}), "no version"),
        (json.dumps({"name": 5, "version": "1.0.0"}), "5"),
        (package(version="latest"), "latest"),
        ("{", "package.json cannot be read"),
        ("[1]", "does not hold an object"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_package_that_cannot_be(text: str | bytes, match: str, tmp_path: Path) -> None:
    """An error with the file and the cause, and never a stack."""
    message = refusal(tmp_path, {"package.json": text}, npm=True)
    assert match in message
    assert "package.json" in message


def test_a_manifest_is_a_plain_file_of_the_repository(tmp_path: Path) -> None:
    """No link out of the checkout, nothing endless, nothing huge."""
    repo = write(tmp_path / "repo", {})
    repo.mkdir()
    (tmp_path / "outside.json").write_text(package())
    (repo / "package.json").symlink_to("../outside.json")
    assert "outside the repository" in refusal(repo, {}, npm=True)
    (repo / "package.json").unlink()
    (repo / "package.json").write_text(package(description="x" * 5_000_000))
    assert "MiB" in refusal(repo, {}, npm=True)
    (repo / "package.json").unlink()
    os.mkfifo(repo / "package.json")
    assert "no package.json" in refusal(repo, {}, npm=True)


WORKSPACE = {
    "package.json": json.dumps({"private": True, "workspaces": ["packages/*", "tools/**", "!packages/old"]}),
    "packages/a/package.json": package("@chittyos/a"),
    "packages/b/package.json": package("b"),
    "packages/old/package.json": package("old"),
    "packages/a/test/fixture/package.json": package("b"),
    "tools/deep/c/package.json": package("c"),
    "tools/node_modules/d/package.json": package("d"),
    "tools/.cache/e/package.json": package("e"),
}


@pytest.mark.parametrize(
    "wanted,where",
    [
        ("@chittyos/a", "packages/a"),
        ("packages/a", "packages/a"),
        ("./packages/b/", "packages/b"),
        ("b", "packages/b"),
        ("c", "tools/deep/c"),
    ],
)
@pytest.mark.parametrize("manager", ["npm", "yarn", "pnpm"])
def test_a_workspace_by_name_or_folder(wanted: str, where: str, manager: str, tmp_path: Path) -> None:
    """`package` names a workspace in each manager's way to list them; a fixture of the same name is none."""
    files = dict(WORKSPACE)
    globs = json.loads(files["package.json"])["workspaces"]
    if manager == "yarn":
        files["package.json"] = json.dumps({"private": True, "workspaces": {"packages": globs}})
    if manager == "pnpm":
        files["package.json"] = "{}"
        listed = "".join(f"  - '{glob}' # a comment\n" for glob in globs)
        files["pnpm-workspace.yaml"] = f"# pnpm\ncatalog:\n  - x\npackages:\n{listed}\nother: [no]\n"
    assert source_of(tmp_path, files, package=wanted).where == f"{where}/package.json"


@pytest.mark.parametrize("wanted", ["old", "d", "e", "packages", "../a", "packages/a/test/fixture", "nope", "/"])
def test_what_is_no_workspace(wanted: str, tmp_path: Path) -> None:
    """Not what the globs leave out, what is installed, or a path out; the error names those that there are."""
    assert "@chittyos/a" in refusal(tmp_path, WORKSPACE, package=wanted)


def test_two_workspaces_of_one_name(tmp_path: Path) -> None:
    """The folder tells them apart."""
    files = {**WORKSPACE, "tools/a/package.json": package("@chittyos/a")}
    assert "packages/a and tools/a" in refusal(tmp_path, files, package="@chittyos/a")
    assert source_of(tmp_path, files, package="tools/a").where == "tools/a/package.json"


def test_a_python_package(tmp_path: Path) -> None:
    """A static version, as SemVer; poetry's older table too; a tag in Python's spelling has to agree."""
    static = {"pyproject.toml": '[project]\nname = "Hello.World"\nversion = "1.0rc1"\nlicense = {text = "MIT"}\n'}
    source = source_of(tmp_path / "a", static, "v1.0rc1")
    assert (source.ecosystem, source.name, str(source.version)) == ("python", "Hello.World", "1.0.0-rc.1")
    assert source.license == "MIT"
    assert "v1.0rc2" in refusal(tmp_path / "a", static, "v1.0rc2")
    poetry = {"pyproject.toml": '[tool.poetry]\nname = "old"\nversion = "2.1"\n'}
    assert str(source_of(tmp_path / "b", poetry).version) == "2.1.0"


def test_a_dynamic_version_is_the_tags(tmp_path: Path) -> None:
    """On a tag the tag says it; off a tag the built files will."""
    files = {"pyproject.toml": '[project]\nname = "hello"\ndynamic = ["version"]\n[tool.poetry]\nversion = "0"\n'}
    assert str(source_of(tmp_path, files, "v1.4").version) == "1.4.0"
    assert source_of(tmp_path, files).version is None
    assert source_of(tmp_path, files, "v2").version is None


def test_a_crate(tmp_path: Path) -> None:
    """Its own version, or the workspace's, from whichever Cargo.toml above is the workspace's root."""
    own = {"Cargo.toml": '[package]\nname = "hello"\nversion = "1.2.3"\n'}
    assert str(source_of(tmp_path / "a", own, "v1.2.3").version) == "1.2.3"
    shared = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nversion = "3.0.0"\nlicense = "MIT"\n',
        "crates/Cargo.lock": "",
        "crates/cli/Cargo.toml": '[package]\nname = "cli"\nversion.workspace = true\nlicense = { workspace = true }\n',
    }
    source = source_of(tmp_path / "b", shared, "cli-v3.0.0", working_directory="crates/cli")
    assert (source.name, str(source.version), source.license) == ("cli", "3.0.0", "MIT")
    assert "crates/*" in refusal(tmp_path / "b", shared)
    orphan = {"Cargo.toml": shared["crates/cli/Cargo.toml"]}
    assert "takes its version from the workspace" in refusal(tmp_path / "c", orphan)


def test_a_go_module(tmp_path: Path) -> None:
    """Its version is its tag: the module's, the service's, or its folder's as Go has it for modules in folders."""
    files = {
        "go.mod": "// x\nmodule github.com/chittyos/hello/v2 // y\n\ngo 1.22\n",
        "cmd/x/go.mod": 'module "x.y/x"\n',
    }
    assert str(source_of(tmp_path, files, "v2.1.0").version) == "2.1.0"
    assert str(source_of(tmp_path, files, "hello/v2.1.0").version) == "2.1.0"
    assert str(source_of(tmp_path, files, "cmd/x/v0.1.0", working_directory="cmd/x").version) == "0.1.0"
    assert "no tag" in refusal(tmp_path, files)
    assert "names no version of hello" in refusal(tmp_path, files, "other/v1.0.0")


def test_plain_files(tmp_path: Path) -> None:
    """A repository without any manifest is called as its service is, and versioned by its tag."""
    source = source_of(tmp_path, {"install.sh": ""}, "svc-v1.0.0-beta.2")
    assert (source.ecosystem, source.name, str(source.version)) == ("files", "svc", "1.0.0-beta.2")
    assert 'tags: ["v*.*.*"]' in refusal(tmp_path, {})
    assert "no package.json in" in refusal(tmp_path, {}, "v1.0.0", npm=True)


def test_a_package_json_beside_something_else(tmp_path: Path) -> None:
    """A private package.json of tools does not hide the crate; one with a version to publish is the package."""
    crate = {"Cargo.toml": '[package]\nname = "hello"\nversion = "1.2.3"\n'}
    tools = {**crate, "package.json": package("tools", "9.9.9", private=True)}
    assert source_of(tmp_path / "a", tools).ecosystem == "rust"
    both = {**crate, "package.json": package()}
    assert source_of(tmp_path / "b", both).ecosystem == "npm"
    scripts = {**crate, "package.json": '{"scripts": {}}'}
    assert source_of(tmp_path / "c", scripts).ecosystem == "rust"


@pytest.mark.parametrize(
    "tag",
    [
        *("v.1.0.0", "hello1.0.0", "hello.1.0.0", "rel1.0.0", "v1.0.0rc1", "v1.0.0.1", "v01.0.0", "hello@1.0.0/linux"),
        *("hello@1.0.0@latest", "v1.0.0_1", "v1.0.0-01", "2026.01.05"),
    ],
)
def test_a_tag_that_only_looks_like_a_version(tag: str, tmp_path: Path) -> None:
    """What can't be compared with the committed version is refused, and not passed over."""
    assert f"The tag {tag} looks like a version" in refusal(tmp_path, {"package.json": package(version="1.0.0")}, tag)


@pytest.mark.parametrize("tag", ["V2.0.0", "hello@V2.0.0", "release-V2.0.0"])
def test_a_tag_with_a_capital_v_has_to_agree(tag: str, tmp_path: Path) -> None:
    """It says a version like any other."""
    files = {"package.json": package(version="1.0.0")}
    assert "2.0.0 there, 1.0.0 here" in refusal(tmp_path, files, tag)
    assert str(source_of(tmp_path, files, tag.replace("2", "1")).version) == "1.0.0"


@pytest.mark.parametrize("tag", ["v1.1.post1", "1.1.0.4", "v1.1.0a1.dev1", "v1!1.0", "hello1.0.0.post1"])
@pytest.mark.parametrize("version", ['version = "1.0"', 'dynamic = ["version"]'])
def test_a_tag_of_a_python_package_that_can_not_be_compared(tag: str, version: str, tmp_path: Path) -> None:
    """Two numbers are a version for Python, also where the tag is to tell it."""
    files = {"pyproject.toml": f'[project]\nname = "hello"\n{version}\n'}
    assert f"The tag {tag} looks like a version" in refusal(tmp_path, files, tag)


@pytest.mark.parametrize("folder, reason", [("../x", "outside the repository"), ("nowhere", "There is no folder")])
def test_a_folder_that_is_none_leads_to_the_inputs(folder: str, reason: str, tmp_path: Path) -> None:
    """The message names the input and links to it."""
    told = refusal(tmp_path, {"package.json": package()}, working_directory=folder)
    assert reason in told
    assert "package-build.md#inputs" in told
