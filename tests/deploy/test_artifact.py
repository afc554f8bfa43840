"""An artifact that an enemy packed decides which code is deployed, and nothing else."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from chittyactions import tarball
from chittyactions.deploy import artifact
from chittyactions.deploy.artifact import File, Manifest, Module, agree, fingerprints, pack
from chittyactions.deploy.plan import Plan
from chittyactions.deploy.prepare import prepare_checkout, prepare_upload
from chittyactions.errors import ArtifactError
from deploy.artifacts import CODE, DIGEST, PAGE, manifest_of, refuses, sha, write_tar
from deploy.workers import COMMIT


def test_an_honest_artifact_is_extracted(plan: Plan, tmp_path: Path) -> None:
    """Code and assets arrive in a folder that only this user can read, beside a configuration of our own."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    upload = prepare_upload(plan, tar, tmp_path / "clean", commit=COMMIT)
    assert (upload.folder / "modules/index.js").read_bytes() == CODE
    assert (upload.folder / "assets/index.html").read_bytes() == PAGE
    assert upload.bundle_size == len(CODE)
    modes = {p.relative_to(upload.folder).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in upload.folder.rglob("*")}
    assert modes == {
        "wrangler.json": 0o600,
        "modules": 0o700,
        "modules/index.js": 0o600,
        "assets": 0o700,
        "assets/index.html": 0o600,
    }


def test_the_sizes_are_those_of_the_modules(plan: Plan, tmp_path: Path) -> None:
    """What the build says of its sizes is not believed: the code is here to be counted, and bounds the gzipped one."""
    said = manifest_of(plan, bundle_size=7, bundle_gzip=artifact.MODULE_LIMIT)
    upload = prepare_upload(plan, write_tar(tmp_path / "a.tar", said, CODE, PAGE), tmp_path / "clean", commit=COMMIT)
    assert upload.bundle_size == len(CODE)
    assert upload.bundle_gzip == len(CODE) + artifact.GZIP_OVERHEAD


@pytest.mark.parametrize(
    "listed",
    [
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b'{"version": 2}',
        b"[" * 100_000,
        b'{"a": ' * 50_000,
    ],
)
def test_a_manifest_that_is_none(listed: bytes, plan: Plan, tmp_path: Path) -> None:
    """Whatever is not a manifest of this version is refused, and crashes nothing."""
    refuses(plan, write_tar(tmp_path / "a.tar", listed), tmp_path, "manifest cannot be used")


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"version": 2},
        {"isolated": "true"},
        {"bundle_size": -1},
        {"bundle_size": "1"},
        {"bundle_size": 10**30},
        {"bundle_gzip": 10**400},
        {"settings": {"name": "not a digest"}},
        {"modules": [{"path": "index.js", "kind": "config", "size": 1, "sha256": DIGEST}]},
        {"modules": [{"path": "index.js", "kind": "esm", "size": 1, "sha256": "../../evil"}]},
        {"modules": [{"path": "", "kind": "esm", "size": 1, "sha256": DIGEST}]},
        {"modules": "index.js"},
        {"assets": [{"path": "x" * 2000, "size": 1, "sha256": DIGEST}]},
    ],
)
def test_a_manifest_of_another_shape(changes: dict[str, Any], plan: Plan, tmp_path: Path) -> None:
    """Unknown fields, wrong types and wrong forms are refused."""
    refuses(
        plan,
        write_tar(tmp_path / "a.tar", manifest_of(plan, **changes), CODE, PAGE),
        tmp_path,
        "manifest cannot be used",
    )


@pytest.mark.parametrize("name", ["service", "environment", "script", "commit"])
def test_another_ones_artifact(name: str, plan: Plan, tmp_path: Path) -> None:
    """An artifact of another service, environment, Worker or commit is not deployed, and the difference is named."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan, **{name: "other"}), CODE, PAGE)
    refuses(plan, tar, tmp_path, f"for another {name}: 'other'")


@pytest.mark.parametrize(
    "path,value",
    [
        ("account_id", "f" * 32),
        ("routes", [{"pattern": "evil.example.com", "custom_domain": True}]),
        ("vars.REGION", "us"),
        ("vars.NEW", "1"),
        ("kv_namespaces", [{"binding": "CACHE", "id": "f" * 32}]),
        ("name", "other"),
        ("compatibility_date", "2020-01-01"),
        ("services", []),
    ],
)
def test_a_build_that_saw_another_configuration(path: str, value: object, plan: Plan, tmp_path: Path) -> None:
    """Account, routes, bindings and vars are the committed ones: a difference fails, named by its path alone."""
    saw = {**fingerprints(plan.settings), path: fingerprints({"x": value})["x"]}
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan, settings=saw), CODE, PAGE)
    refuses(plan, tar, tmp_path, f"The build changed wrangler.jsonc: {path}.")


def test_settings_that_are_left_out(plan: Plan, tmp_path: Path) -> None:
    """A build that saw less than is committed differs, too."""
    saw = fingerprints(plan.settings)
    del saw["logpush"]
    refuses(plan, write_tar(tmp_path / "a.tar", manifest_of(plan, settings=saw), CODE, PAGE), tmp_path, "logpush")


@pytest.mark.parametrize("changes", [{"assets": None}, {"main": "", "modules": []}])
def test_parts_that_are_not_configured(changes: dict[str, Any], plan: Plan, tmp_path: Path) -> None:
    """Code or assets that the configuration has and the artifact lacks are missed."""
    refuses(plan, write_tar(tmp_path / "a.tar", manifest_of(plan, **changes), CODE, PAGE), tmp_path, "lacks them")


def test_content_that_is_not_listed(plan: Plan, tmp_path: Path) -> None:
    """A file that the manifest does not name is refused."""
    refuses(
        plan, write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE, b"more"), tmp_path, "not in its manifest"
    )


def test_content_twice(plan: Plan, tmp_path: Path) -> None:
    """The same content twice is refused: each is in the tar once."""
    refuses(plan, write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE, CODE), tmp_path, "twice in it")


def test_content_that_is_missing(plan: Plan, tmp_path: Path) -> None:
    """A file that the manifest names and the tar lacks is missed."""
    refuses(plan, write_tar(tmp_path / "a.tar", manifest_of(plan), CODE), tmp_path, "is missing")


def test_content_of_another_hash(plan: Plan, tmp_path: Path) -> None:
    """What does not have the digest that it is called by is refused."""
    listed = json.dumps(manifest_of(plan)).encode()
    tarball.write(
        tmp_path / "a.tar",
        [("manifest.json", listed), (f"files/{DIGEST}", b"x" * len(CODE)), (f"files/{sha(PAGE)}", PAGE)],
    )
    refuses(plan, tmp_path / "a.tar", tmp_path, "does not have the content")


def test_content_of_another_size(plan: Plan, tmp_path: Path) -> None:
    """The size is the one that was counted against the limits."""
    listed = manifest_of(plan)
    listed["modules"][0]["size"] = 1
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "does not have the size")


def test_a_small_tar_does_not_fill_the_disk(plan: Plan, tmp_path: Path) -> None:
    """One content under many names is counted as often as it is written."""
    big = artifact.ASSET_LIMIT
    names = [{"path": f"{n}.bin", "size": big, "sha256": sha(b"x")} for n in range(artifact.ASSETS_LIMIT // big + 1)]
    refuses(
        plan, write_tar(tmp_path / "a.tar", manifest_of(plan, assets=names), CODE), tmp_path, "assets have more than"
    )


def test_bounds_of_modules(plan: Plan, tmp_path: Path) -> None:
    """Modules over the limit are refused by what the manifest claims."""
    module = {"path": "big.bin", "kind": "data", "size": artifact.MODULE_LIMIT, "sha256": DIGEST}
    listed = manifest_of(plan)
    listed["modules"].append(module)
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "modules have more than")


def test_too_many_entries(plan: Plan, tmp_path: Path) -> None:
    """More modules than any Worker has are refused."""
    many = [{"path": f"{n}.txt", "kind": "text", "size": 1, "sha256": DIGEST} for n in range(artifact.MODULES + 1)]
    refuses(
        plan,
        write_tar(tmp_path / "a.tar", manifest_of(plan, modules=many), CODE),
        tmp_path,
        "modules: Tuple should have",
    )


def test_main_is_among_the_modules(plan: Plan, tmp_path: Path) -> None:
    """The entry point is a module of the artifact."""
    refuses(
        plan, write_tar(tmp_path / "a.tar", manifest_of(plan, main="other.js"), CODE, PAGE), tmp_path, "main module"
    )


@pytest.mark.parametrize("named", ["../../../secret.json", "sub/../../../x.map", "../../wrangler.json"])
def test_source_maps_stay_inside(named: str, plan: Plan, tmp_path: Path) -> None:
    """A module can't have wrangler upload a file of the runner as its source map."""
    code = CODE + b"//# sourceMappingURL=" + named.encode() + b"\n"
    listed = manifest_of(plan, modules=[{"path": "index.js", "kind": "esm", "size": len(code), "sha256": sha(code)}])
    tar = write_tar(tmp_path / "a.tar", listed, code, PAGE)
    with pytest.raises(ArtifactError) as caught:
        prepare_upload(plan, tar, tmp_path / "clean", commit=COMMIT)
    assert "source map" in caught.value.why


@pytest.mark.parametrize(
    "named", ["index.js.map", "maps/index.js.map", "https://example.com/a/b.map", "data:application/json,{}"]
)
def test_source_maps_as_they_are_written(named: str, plan: Plan, tmp_path: Path) -> None:
    """What bundlers write into the last comment does no harm and is let through."""
    code = CODE + b"//# sourceMappingURL=" + named.encode() + b"\n"
    listed = manifest_of(plan, modules=[{"path": "index.js", "kind": "esm", "size": len(code), "sha256": sha(code)}])
    prepare_upload(plan, write_tar(tmp_path / "a.tar", listed, code, PAGE), tmp_path / "clean", commit=COMMIT)


def test_kinds_that_cannot_be_told_apart(plan: Plan, tmp_path: Path) -> None:
    """Two names that one rule of wrangler catches, with two kinds: refused instead of sent wrongly."""
    listed = manifest_of(plan)
    listed["modules"] += [
        {"path": "a[1].bin", "kind": "data", "size": len(PAGE), "sha256": sha(PAGE)},
        {"path": "a_1_.bin", "kind": "text", "size": len(PAGE), "sha256": sha(PAGE)},
    ]
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "another kind")


def test_the_folder_is_new(plan: Plan, tmp_path: Path) -> None:
    """What lies in the folder already is not built upon."""
    (tmp_path / "clean" / "modules").mkdir(parents=True)
    (tmp_path / "clean" / "modules" / ".env").write_text("CLOUDFLARE_API_BASE_URL=http://evil.example")
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan), CODE, PAGE)
    with pytest.raises(ArtifactError):
        prepare_upload(plan, tar, tmp_path / "clean", commit=COMMIT)


def test_the_builder_keeps_to_the_same_rules(plan: Plan, tmp_path: Path) -> None:
    """What the deploy job would refuse is refused where it is packed, by its owner's build."""
    module = Module(path="node_modules/x.js", kind="esm", size=1, sha256=sha(b"x"))
    manifest = Manifest.model_validate_json(json.dumps(manifest_of(plan)))
    with pytest.raises(ArtifactError, match="refused"):
        pack(tmp_path / "a.tar", manifest.model_copy(update={"modules": (*manifest.modules, module)}), {})
    assert not (tmp_path / "a.tar").exists()


def test_without_isolation_the_artifact_has_no_files(plan: Plan, tmp_path: Path) -> None:
    """Built in the deploy job, nothing of the artifact is used but its sizes, and files in it are refused."""
    repo = tmp_path / "repo"
    open_plan = plan.model_copy(update={"isolated": False})
    empty = manifest_of(plan, isolated=False, main="", modules=[], assets=None)
    tar = write_tar(tmp_path / "a.tar", empty)
    upload = prepare_checkout(open_plan, repo, ".", tar, tmp_path / "scratch", commit=COMMIT)
    assert (upload.folder, upload.config, upload.code) == (repo.resolve(), repo.resolve() / "wrangler.jsonc", ())
    assert upload.bundle_size == len(CODE)
    full = write_tar(tmp_path / "b.tar", manifest_of(plan, isolated=False), CODE, PAGE)
    with pytest.raises(ArtifactError):
        prepare_checkout(open_plan, repo, ".", full, tmp_path / "scratch2", commit=COMMIT)


def test_isolation_is_the_deploy_jobs_word(plan: Plan, tmp_path: Path) -> None:
    """An artifact can't turn isolation off."""
    tar = write_tar(tmp_path / "a.tar", manifest_of(plan, isolated=False, main="", modules=[], assets=None))
    refuses(plan, tar, tmp_path, "another isolated")


def test_agreement_names_the_way_out(plan: Plan) -> None:
    """The error of a build that changes its configuration says what to do."""
    listed = manifest_of(plan, settings={})
    with pytest.raises(ArtifactError) as caught:
        agree(plan, COMMIT)(Manifest.model_validate_json(json.dumps(listed)))
    assert "isolation off" in caught.value.fix


def test_files_are_frozen() -> None:
    """A file of the manifest can't be changed after it was judged."""
    file = File(path="a", size=1, sha256=DIGEST)
    with pytest.raises(ValueError, match="frozen"):
        file.path = "../b"
