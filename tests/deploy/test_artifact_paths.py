"""Paths of an artifact: none leads out of the clean folder, steers wrangler, or puts on the web what is private."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittyactions.deploy.plan import Plan
from chittyactions.deploy.prepare import prepare_upload
from deploy.artifacts import CODE, PAGE, manifest_of, refuses, sha, write_tar
from deploy.workers import COMMIT

ESCAPES = [
    "../evil.js",
    "a/../../evil.js",
    "/tmp/evil.js",
    "a//b.js",
    "./index2.js",
    "a/./b.js",
    "a/",
    "..",
    "a\\..\\evil.js",
    "a\0b.js",
    "a\nb.js",
    "a\x1b[2Jb.js",
    "x" * 256 + ".js",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_paths_of_modules_stay_inside(path: str, plan: Plan, tmp_path: Path) -> None:
    """No path leads out of the folder, hides a character, or means the same as another one."""
    module = {"path": path, "kind": "text", "size": len(PAGE), "sha256": sha(PAGE)}
    listed = manifest_of(plan)
    listed["modules"].append(module)
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "refused")


@pytest.mark.parametrize("path", ESCAPES)
def test_paths_of_assets_stay_inside(path: str, plan: Plan, tmp_path: Path) -> None:
    """As for modules."""
    listed = manifest_of(plan, assets=[{"path": path, "size": len(PAGE), "sha256": sha(PAGE)}])
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "refused")


@pytest.mark.parametrize("path", ["\ud800.js", "a/\udcff.js"])
def test_paths_are_utf8(path: str, plan: Plan, tmp_path: Path) -> None:
    """A lone surrogate, which JSON can spell, is no file name."""
    listed = manifest_of(plan, assets=[{"path": path, "size": len(PAGE), "sha256": sha(PAGE)}])
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "refused")


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".env.production",
        ".dev.vars",
        ".npmrc",
        ".wrangler/deploy/config.json",
        "sub/.env",
        "wrangler.json",
        "Wrangler.TOML",
        "wrangler.jsonc",
        "package.json",
        "node_modules/x/index.js",
        "tsconfig.json",
    ],
)
def test_modules_do_not_steer_wrangler(path: str, plan: Plan, tmp_path: Path) -> None:
    """What wrangler, npm or esbuild read by its name can't be a module, in any case and at any depth."""
    listed = manifest_of(plan)
    listed["modules"].append({"path": path, "kind": "text", "size": len(PAGE), "sha256": sha(PAGE)})
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "steer")


@pytest.mark.parametrize(
    "path", [".env", "sub/.env.local", ".dev.vars", ".npmrc", ".git/config", ".wrangler/tmp/x", ".netrc"]
)
def test_assets_publish_nothing_private(path: str, plan: Plan, tmp_path: Path) -> None:
    """A file that is private by its name is not put on the web."""
    listed = manifest_of(plan, assets=[{"path": path, "size": len(PAGE), "sha256": sha(PAGE)}])
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "private")


def test_dotfiles_of_the_web_are_assets(plan: Plan, tmp_path: Path) -> None:
    """`.well-known` and the files that steer assets are shipped; assets may differ in case, as URLs do."""
    names = [".well-known/security.txt", ".assetsignore", "_headers", "_redirects", "A.html", "a.html", "é ü.txt"]
    listed = manifest_of(plan, assets=[{"path": n, "size": len(PAGE), "sha256": sha(PAGE)} for n in names])
    upload = prepare_upload(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path / "clean", commit=COMMIT)
    assert all((upload.folder / "assets" / name).read_bytes() == PAGE for name in names)


@pytest.mark.parametrize("other", ["index.js", "INDEX.js", "index.js/x.js"])
def test_two_modules_do_not_share_a_place(other: str, plan: Plan, tmp_path: Path) -> None:
    """Twice the same path, in another case, or as a folder: refused."""
    listed = manifest_of(plan)
    listed["modules"].append({"path": other, "kind": "text", "size": len(PAGE), "sha256": sha(PAGE)})
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "in it")


def test_two_spellings_of_one_character(plan: Plan, tmp_path: Path) -> None:
    """Composed and decomposed names meet in one file on some systems: refused."""
    names = ["caf\u00e9.html", "cafe\u0301.html"]
    listed = manifest_of(plan, assets=[{"path": n, "size": len(PAGE), "sha256": sha(PAGE)} for n in names])
    refuses(plan, write_tar(tmp_path / "a.tar", listed, CODE, PAGE), tmp_path, "two spellings")
