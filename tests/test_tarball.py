"""The tar between the two jobs is read as an enemy's: what is no plain file with a known name is refused, and named."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chittyactions import tarball
from chittyactions.deploy import artifact
from chittyactions.deploy.artifact import Manifest, pack, unpack
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.plan import Plan
from chittyactions.errors import ArtifactError
from deploy.artifacts import CODE, DIGEST, PAGE, manifest_of, refuses, sha, write_tar
from deploy.workers import EVERYTHING, write_worker


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The plan of a Worker with code and assets."""
    repo = write_worker(tmp_path / "repo", {"wrangler.jsonc": EVERYTHING})
    return read_plan(repo, ".", service="everything", environment="production")


def test_any_tar_reads_what_is_packed(plan: Plan, tmp_path: Path) -> None:
    """A person can look into the artifact with the tools at hand."""
    pack(
        tmp_path / "a.tar", Manifest.model_validate_json(json.dumps(manifest_of(plan))), {DIGEST: CODE, sha(PAGE): PAGE}
    )
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert tar.getnames() == ["manifest.json", *sorted([f"files/{DIGEST}", f"files/{sha(PAGE)}"])]


def strange_tar(path: Path, change: Callable[[tarfile.TarInfo], None], name: str = f"files/{DIGEST}") -> Path:
    """A tar by Python's tarfile whose second member is unusual."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        member = tarfile.TarInfo("manifest.json")
        data = b"{}"
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
        member = tarfile.TarInfo(name)
        change(member)
        tar.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def kind(letter: bytes, target: str = "/etc/passwd") -> Callable[[tarfile.TarInfo], None]:
    def change(member: tarfile.TarInfo) -> None:
        member.type = letter
        member.linkname = target if letter in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""

    return change


def members(path: Path) -> list[str]:
    return [member.name for member in tarball.read(path, 1 << 30)]


@pytest.mark.parametrize(
    "letter,named",
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a character device"),
        (tarfile.BLKTYPE, "a block device"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.DIRTYPE, "a folder"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.XHDTYPE, "an extended header"),
        (tarfile.XGLTYPE, "an extended header"),
        (tarfile.GNUTYPE_LONGNAME, "an extended header"),
        (b"7", "something that is no file"),
    ],
)
def test_only_plain_files(letter: bytes, named: str, tmp_path: Path) -> None:
    """A link, device, pipe, folder, sparse file or extended header is refused before it means anything."""
    with pytest.raises(ArtifactError) as caught:
        members(strange_tar(tmp_path / "a.tar", kind(letter)))
    assert named in caught.value.why


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/cron.d/evil",
        "files/../../evil",
        "modules/.env",
        ".env",
        "wrangler.json",
        "files/abc",
        "files/" + "g" * 64,
    ],
)
def test_only_names_of_contents(name: str, tmp_path: Path) -> None:
    """A member can't name a path: the tar knows the manifest and digests, and no other name."""
    with pytest.raises(ArtifactError, match="refused") as caught:
        members(strange_tar(tmp_path / "a.tar", lambda _: None, name))
    assert "holds a file called" in caught.value.why


def test_no_linkname_and_no_prefix(tmp_path: Path) -> None:
    """Fields of the header that a plain file has no use for are empty."""
    with pytest.raises(ArtifactError):
        members(strange_tar(tmp_path / "a.tar", lambda m: setattr(m, "linkname", "elsewhere")))
    with pytest.raises(ArtifactError):
        members(strange_tar(tmp_path / "b.tar", lambda _: None, "p" * 90 + "/files/" + DIGEST))


def test_damaged_header(plan: Plan, tmp_path: Path) -> None:
    """A wrong checksum or a size that is no number is refused."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    data = tar.read_bytes()
    for at, with_ in ((100, b"7"), (124, b"\x80"), (124, b"-"), (257, b"x")):
        tar.write_bytes(data[:at] + with_ + data[at + 1 :])
        refuses(plan, tar, tmp_path, "a header in it is damaged")


def test_cut_off(plan: Plan, tmp_path: Path) -> None:
    """A tar that ends early is refused wherever it ends."""
    data = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE).read_bytes()
    for length in (0, 100, 512, 600, len(data) - 1500, len(data) - 1024):
        (tmp_path / "a.tar").write_bytes(data[:length])
        with pytest.raises(ArtifactError):
            unpack(tmp_path / "a.tar", tmp_path / f"clean{length}", lambda _: None)


def test_nothing_after_the_end(plan: Plan, tmp_path: Path) -> None:
    """Bytes behind the end mark, or in the padding, are refused: another reader could see other files."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    data = tar.read_bytes()
    tar.write_bytes(data + b"x" * 512)
    refuses(plan, tar, tmp_path, "after its end mark")


def test_smuggled_in_padding(plan: Plan, tmp_path: Path) -> None:
    """Padding between files is empty."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    data = bytearray(tar.read_bytes())
    size = int(data[124:136].strip(b"\0"), 8)
    data[512 + size] = 1
    tar.write_bytes(bytes(data))
    refuses(plan, tar, tmp_path, "between its files")


def test_claimed_size_is_not_believed(tmp_path: Path) -> None:
    """A header that claims 8 GiB in a small tar costs neither disk nor memory."""
    header = bytearray(tarball._header("manifest.json", 8 * 1024**3 - 1))
    (tmp_path / "a.tar").write_bytes(bytes(header) + b"{}".ljust(512, b"\0") + bytes(1024))
    with pytest.raises(ArtifactError, match="refused") as caught:
        unpack(tmp_path / "a.tar", tmp_path / "clean", lambda _: None)
    assert "manifest" in caught.value.why


def test_too_large_a_tar(monkeypatch: pytest.MonkeyPatch, plan: Plan, tmp_path: Path) -> None:
    """A tar over the limit is refused by its size, before it is read."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    monkeypatch.setattr(artifact, "TAR_LIMIT", 1000)
    refuses(plan, tar, tmp_path, "1000 are the most")


@pytest.mark.parametrize("make", ["missing", "symlink", "folder", "pipe"])
def test_the_artifact_is_a_file(make: str, plan: Plan, tmp_path: Path) -> None:
    """A path that is no plain file is an error, and never waits."""
    tar = tmp_path / "a.tar"
    if make == "symlink":
        tar.symlink_to(write_tar(tmp_path / "b.tar", manifest_of(plan), CODE, PAGE))
    elif make == "folder":
        tar.mkdir()
    elif make == "pipe":
        os.mkfifo(tar)
    with pytest.raises(ArtifactError):
        unpack(tar, tmp_path / "clean", lambda _: None)
