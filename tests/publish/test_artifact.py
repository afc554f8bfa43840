"""What the publish job takes over from the build job, and everything that it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chittyactions import tarball
from chittyactions.errors import ArtifactError
from chittyactions.publish.artifact import take_over
from chittyactions.publish.model import Release
from chittyactions.publish.source import read_source
from publish.releases import COMMIT, REF, integrity, manifest_of, npm_tarball, packed, sha, write_package, write_tar

TGZ = "chittyos-hello-1.2.3.tgz"


def taken(tmp_path: Path, tar: Path, repo: str = "repo", platforms: str = "", **run: str) -> Release:
    """Take the artifact over, for the commit in `tmp_path/repo`."""
    facts = {"service": "hello", "commit": COMMIT, "ref": REF, **run}
    source = read_source(tmp_path / repo, service=facts["service"], ref=facts["ref"])
    return take_over(tar, tmp_path / "inner" / "release", source=source, platforms=platforms, **facts)


def refuses(tmp_path: Path, tar: Path, match: str, **run: str) -> None:
    """The artifact is refused for the reason given, and nothing is written outside the folder."""
    with pytest.raises(ArtifactError) as caught:
        taken(tmp_path, tar, **run)
    assert match.lower() in f"{caught.value.what} {caught.value.why}".lower()
    assert caught.value.fix
    assert caught.value.docs
    outside = {p.name for p in tmp_path.rglob("*") if p.is_file() and tmp_path / "inner" not in p.parents}
    assert outside <= {tar.name, "chittyops-package-hello.tar", "package.json", "pyproject.toml"}


def test_an_honest_artifact_is_taken_over(tmp_path: Path) -> None:
    """Every file lies under its own name with its bytes, for nobody else to read, and the release says what it is."""
    binary = b"\x7fELF" * 1000
    files = {TGZ: npm_tarball(), "hello-linux-x64.gz": binary, "hello-copy.gz": binary}
    release = taken(tmp_path, packed(tmp_path, files))
    assert (release.service, release.name, str(release.version)) == ("hello", "@chittyos/hello", "1.2.3")
    assert (release.ecosystem, release.commit, release.platforms) == ("npm", COMMIT, ("any",))
    assert release.tarball.name == TGZ
    assert release.integrity == integrity(files[TGZ])
    assert {file.name: file.path.read_bytes() for file in release.files} == files
    assert {file.path.stat().st_mode & 0o777 for file in release.files} == {0o600}
    assert release.tarball.path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.sha256 for file in release.files] == [sha(data) for data in files.values()]


@pytest.mark.parametrize(
    "changes,match",
    [
        ({"service": "other"}, "another service"),
        ({"commit": "f" * 40}, "another commit"),
        ({"ref": "refs/tags/v1.2.3"}, "another ref"),
        ({"name": "@chittyos/auth"}, "another name"),
        ({"ecosystem": "files"}, "another ecosystem"),
        ({"version": "1.2.4"}, "this commit is version 1.2.3"),
        ({"version": "v1.2.3"}, "not a version as it is written"),
        ({"version": "../1.2.3"}, "not a version"),
        ({"version": "1.2.3+b"}, "this commit is version 1.2.3"),
        ({"platforms": ["linux"]}, "platforms"),
        ({"platforms": []}, "platforms"),
        ({"integrity": integrity(b"other")}, "content"),
        ({"integrity": "sha512-x"}, "integrity"),
        ({"files": []}, "files"),
        ({"extra": 1}, "extra"),
        ({"format": 2}, "format"),
    ],
)
def test_a_manifest_that_says_otherwise_is_refused(changes: dict[str, Any], match: str, tmp_path: Path) -> None:
    """Which package and version go out is told by the commit and the run, never by the artifact."""
    refuses(tmp_path, packed(tmp_path, **changes), match)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.tgz",
        "a/b.tgz",
        ".npmrc",
        "-rf.tgz",
        "a b.gz",
        "a\n.gz",
        "x..gz",
        "a\\b.gz",
        "é.gz",
        "",
        "a.",
        "CON?.gz",
    ],
)
def test_a_file_name_is_one_plain_segment(name: str, tmp_path: Path) -> None:
    """No path, no hidden file, no character that a URL, a shell or a formula would read otherwise."""
    refuses(tmp_path, packed(tmp_path, {TGZ: npm_tarball(), name: b"x" * 9}), "name")


def test_two_names_that_are_one_on_some_disks(tmp_path: Path) -> None:
    """Names may not differ in case alone."""
    refuses(tmp_path, packed(tmp_path, {TGZ: npm_tarball(), "a.gz": b"1", "A.gz": b"2"}), "case alone")


def test_a_page_is_no_release(tmp_path: Path) -> None:
    """The content type is the file name's, and a build can't have its own page served as one."""
    tar = packed(tmp_path, {TGZ: npm_tarball(), "index.html": b"<script>"})
    assert taken(tmp_path, tar).files[1].content_type == "application/octet-stream"
    source = read_source(tmp_path / "repo", service="hello")
    manifest = manifest_of(source, {TGZ: npm_tarball()})
    manifest["files"][0]["content_type"] = "text/html"
    refuses(tmp_path, write_tar(tmp_path / "a.tar", manifest, npm_tarball()), "content type")


def test_other_bytes_than_the_manifest_says(tmp_path: Path) -> None:
    """A content is what its hash says, has the size that is said, is there, and is listed."""
    source = read_source(write_package(tmp_path / "repo"), service="hello")
    honest = npm_tarball()
    manifest = manifest_of(source, {TGZ: honest, "b.gz": b"more"})
    rest = [b"more"], [sha(b"more")]
    cases = {
        "tgz does not have the content": ([honest[:-1] + b"!", *rest[0]], [sha(honest), *rest[1]]),
        "b.gz does not have the content": ([honest, b"less"], [sha(honest), *rest[1]]),
        "not have the size": ([honest + b"!"], [sha(honest)]),
        "not in its manifest": ([b"else", honest], [sha(b"else"), sha(honest)]),
        "is missing": ([], []),
    }
    for match, (contents, digests) in cases.items():
        tar = tmp_path / "a.tar"
        members = [(f"files/{digest}", content) for digest, content in zip(digests, contents, strict=True)]
        tarball.write(tar, [("manifest.json", json.dumps(manifest).encode()), *members])
        refuses(tmp_path, tar, match)
        for left in (tmp_path / "inner" / "release").glob("*"):
            left.unlink()


@pytest.mark.parametrize(
    "tgz,match",
    [
        (npm_tarball(name="@chittyos/auth"), "@chittyos/auth@1.2.3"),
        (npm_tarball(version="9.9.9"), "@9.9.9"),
        (b"no tarball at all", "tarball"),
    ],
)
def test_what_the_tarball_itself_says_counts(tgz: bytes, match: str, tmp_path: Path) -> None:
    """npm publishes what stands inside the tarball, so that has to be the committed package too."""
    refuses(tmp_path, packed(tmp_path, {TGZ: tgz}), match)


def test_the_package_is_the_first_file(tmp_path: Path) -> None:
    """The file that npm is given is the one that is named like the package."""
    refuses(tmp_path, packed(tmp_path, {"other.tgz": npm_tarball()}), "first file is other.tgz")


def test_each_platform_has_the_file_that_the_workflow_names(tmp_path: Path) -> None:
    """Which file is for which platform is told by the input, and the artifact has to agree."""
    given = "darwin-arm64=dist/hello-*-darwin.tar.gz, linux-x64"
    files = {TGZ: npm_tarball(), "hello-1.2.3-darwin.tar.gz": b"mac", "hello-1.2.3-linux.tar.gz": b"linux"}
    source = read_source(write_package(tmp_path / "repo"), service="hello")
    manifest = manifest_of(source, files, platforms=["darwin-arm64", "linux-x64"])
    manifest["files"][1]["platform"] = "darwin-arm64"
    tar = write_tar(tmp_path / "a.tar", manifest, *files.values())
    release = taken(tmp_path, tar, platforms=given)
    assert [file.platform for file in release.files] == ["", "darwin-arm64", ""]
    assert release.platforms == ("darwin-arm64", "linux-x64")

    manifest["files"][0]["platform"] = "darwin-arm64"
    refuses(tmp_path, write_tar(tar, manifest, *files.values()), "platforms", platforms=given)
    manifest["files"][0]["platform"] = ""
    manifest["files"][1]["platform"], manifest["files"][2]["platform"] = "", "darwin-arm64"
    refuses(tmp_path, write_tar(tar, manifest, *files.values()), "platforms", platforms=given)


def test_a_python_release_has_the_committed_version(tmp_path: Path) -> None:
    """Wheels and source distributions say their version in their names; one of another version is refused."""
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "pyproject.toml").write_text('[project]\nname = "Hello.World"\nversion = "1.0rc1"\n')
    source = read_source(repo, service="hello")
    files = {"hello_world-1.0rc1.tar.gz": b"sdist", "hello_world-1.0rc1-py3-none-any.whl": b"wheel"}
    release = taken(tmp_path, write_tar(tmp_path / "a.tar", manifest_of(source, files), *files.values()))
    assert str(release.version) == "1.0.0-rc.1"
    other = {**files, "hello_world-0.9-py3-none-any.whl": b"old"}
    refuses(tmp_path, write_tar(tmp_path / "a.tar", manifest_of(source, other), *other.values()), "0.9.0")


def test_a_dynamic_version_is_that_of_the_built_files(tmp_path: Path) -> None:
    """Off a tag, a dynamic version is told by the files that the build made, and by nothing else of the artifact."""
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "pyproject.toml").write_text('[project]\nname = "hello"\ndynamic = ["version"]\n')
    source = read_source(repo, service="hello")
    files = {"hello-1.4.tar.gz": b"sdist"}
    manifest = manifest_of(source, files, version="1.4.0")
    assert str(taken(tmp_path, write_tar(tmp_path / "a.tar", manifest, b"sdist")).version) == "1.4.0"
    manifest = manifest_of(source, files, version="9.0.0")
    refuses(tmp_path, write_tar(tmp_path / "a.tar", manifest, b"sdist"), "tells its version")
    manifest = manifest_of(source, {"tool.gz": b"sdist"}, version="9.0.0")
    refuses(tmp_path, write_tar(tmp_path / "a.tar", manifest, b"sdist"), "tells its version")


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    """What lies there already is neither mixed in nor overwritten."""
    tar = packed(tmp_path)
    folder = tmp_path / "inner" / "release"
    folder.mkdir(parents=True)
    (folder / TGZ).write_text("mine")
    with pytest.raises(ArtifactError, match="not empty"):
        taken(tmp_path, tar)
    assert (folder / TGZ).read_text() == "mine"


def test_an_artifact_that_is_not_there(tmp_path: Path) -> None:
    """No file, a link, or no tar: an error with the next step."""
    packed(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "chittyops-package-hello.tar")
    for name in ("absent", "empty", "link"):
        with pytest.raises(ArtifactError) as caught:
            taken(tmp_path, tmp_path / name)
        assert caught.value.docs == "package-build.md#artifact"
