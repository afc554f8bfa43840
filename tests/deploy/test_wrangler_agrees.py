"""Our reading of a configuration, and what goes up from a clean folder, are what wrangler makes of the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chittyactions.deploy.build import write_artifact
from chittyactions.deploy.bundle import Bundle, read_assets, read_bundle
from chittyactions.deploy.config import read_plan
from chittyactions.deploy.keys import BUILD_ONLY, NEEDS_CHECKOUT, NOT_INHERITED, SENT, TOP_ONLY, unknown
from chittyactions.deploy.plan import Plan, Upload
from chittyactions.deploy.prepare import prepare_upload
from chittyactions.deploy.rehearse import rehearse
from chittyactions.errors import ArtifactError, ConfigError
from deploy.workers import COMMIT, WORKERS, dry_run, environment, sent, the_wrangler, wrangler_reads, write_worker

pytestmark = pytest.mark.engines

CASES = [
    ("everything", "production"),
    ("everything", "staging"),
    ("everything", "preview"),
    ("classic", "production"),
    ("classic", "staging"),
    ("assets alone", "production"),
    ("no bundle", "production"),
    ("no bundle", "staging"),
    ("service worker", "production"),
    ("python", "production"),
    ("many modules", "production"),
]

PLACES = {"configPath", "userConfigPath", "main", "base_dir", "no_bundle", "find_additional_modules", "rules", "assets"}
"""What differs on purpose: where the files lie, and that they are bundled already."""


def built(checkout: Path, scratch: Path, environment_name: str, *, service: str = "svc") -> tuple[Plan, Upload]:
    """Build a Worker as the build job does, then prepare it as the deploy job does; `form` is what the build made."""
    plan = read_plan(checkout, ".", service=service, environment=environment_name)
    bundle = Bundle(main="", modules=(), contents={}, size=0, gzip=0)
    if plan.main:
        dry_run(only_file(checkout), plan.wrangler_env, scratch)
        bundle = read_bundle(scratch / "form")
    static = read_assets(checkout / plan.assets.directory) if plan.assets else None
    write_artifact(scratch / "a.tar", plan, the_wrangler(), bundle, static, COMMIT)
    return plan, prepare_upload(plan, scratch / "a.tar", scratch / "clean", commit=COMMIT)


def only_file(checkout: Path) -> Path:
    return next(checkout.glob("wrangler.*"))


@pytest.mark.parametrize("name,env", CASES)
def test_the_clean_folder_uploads_what_the_checkout_would(name: str, env: str, tmp_path: Path) -> None:
    """Equal metadata and modules; wrangler reads the same out of both configurations, and so does our plan."""
    checkout = write_worker(tmp_path / "repo", WORKERS[name])
    plan, upload = built(checkout, tmp_path, env)
    original = sent(tmp_path / "form") if plan.main else dry_run(only_file(checkout), plan.wrangler_env, tmp_path)
    assert dry_run(upload.config, plan.wrangler_env, tmp_path, *upload.code) == original

    theirs, ours = wrangler_reads((only_file(checkout), plan.wrangler_env), (upload.config, plan.wrangler_env))
    assert normal(ours) == normal(theirs)
    if theirs.get("assets"):
        assert {**ours["assets"], "directory": ""} == {**theirs["assets"], "directory": ""}

    routes = theirs.get("routes") or ([theirs["route"]] if theirs.get("route") else [])
    assert plan.script == theirs["name"] == ours["name"]
    assert [route.pattern for route in plan.routes] == [r if isinstance(r, str) else r["pattern"] for r in routes]
    assert plan.account_id == (theirs.get("account_id") or "")
    assert (plan.workers_dev, plan.preview_urls) == (theirs.get("workers_dev"), theirs.get("preview_urls"))
    crons = theirs["triggers"].get("crons")
    assert plan.crons == (None if crons is None else tuple(crons))
    assert plan.migration_tags == tuple(step["tag"] for step in theirs["migrations"])
    assert plan.compatibility_date == theirs.get("compatibility_date", "")


def normal(said: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a configuration that wrangler read: one spelling for routes, nothing that only a laptop reads."""
    said = {**said, "routes": said.get("routes") or ([said["route"]] if said.get("route") else None), "route": None}
    words = (SENT.keys() | {"topLevelName", "definedEnvironments", "targetEnvironment"}) - PLACES
    found = {word: without_local(said[word]) for word in words if said.get(word) is not None}
    found["definedEnvironments"] = sorted(found.get("definedEnvironments", []))
    return found


def without_local(value: Any) -> Any:
    if isinstance(value, list):
        return [without_local(item) for item in value]
    return {k: v for k, v in value.items() if k != "preview_id"} if isinstance(value, dict) else value


def test_assets_arrive_as_wrangler_lists_them(tmp_path: Path) -> None:
    """What .assetsignore leaves out stays behind, dotfolders and the files that steer assets are shipped."""
    checkout = write_worker(tmp_path / "repo", WORKERS["everything"])
    _, upload = built(checkout, tmp_path, "production")
    root = upload.folder / "assets"
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert found == {".assetsignore", ".well-known/security.txt", "_headers", "_redirects", "index.html"}


def test_every_word_of_wranglers_schema_is_known() -> None:
    """A key that the pinned wrangler knows is sent, build-only or named as inseparable: none falls through."""
    path = the_wrangler().script.parents[1] / "config-schema.json"
    schema = json.loads(path.read_text("utf-8"))
    words = schema["definitions"]["RawConfig"]["properties"].keys()
    assert words - SENT.keys() - BUILD_ONLY - NEEDS_CHECKOUT.keys() == {"env", "pages_build_output_dir"}
    inside = schema["definitions"]["RawEnvironment"]["properties"].keys()
    assert not inside & TOP_ONLY
    assert inside >= NOT_INHERITED


def test_every_nested_word_of_wranglers_schema_is_known() -> None:
    """Each property below a key that is sent is in our shape of it, down to the last level."""
    path = the_wrangler().script.parents[1] / "config-schema.json"
    schema = json.loads(path.read_text("utf-8"))

    def example(node: Any, depth: int = 0) -> Any:
        """A value that has every property which the schema names."""
        node = node or {}
        while "$ref" in node:
            node = schema["definitions"][node["$ref"].removeprefix("#/definitions/")]
        if depth > 6:
            return None
        options = [example(option, depth + 1) for option in node.get("anyOf", []) + node.get("oneOf", [])]
        if node.get("type") == "array" or "items" in node:
            return [example(node.get("items", {}), depth + 1)]
        merged: dict[str, Any] = {k: example(v, depth + 1) for k, v in node.get("properties", {}).items()}
        listed = []
        for option in options:
            if isinstance(option, dict):
                merged |= option
            if isinstance(option, list):
                listed += option
        return listed or merged or None

    root = schema["definitions"]["RawConfig"]["properties"]
    strange = [p for key, shape in SENT.items() if key in root for p in unknown(example(root[key]), shape, key)]
    separable = {path for path in strange if not path.startswith("unsafe.capnp") and ".container" not in path}
    assert separable == set()


def test_a_rehearsal_stops_what_wrangler_refuses(tmp_path: Path) -> None:
    """A value that wrangler refuses is an error before anything is sent, with wrangler's own words."""
    files = {
        **WORKERS["classic"],
        "wrangler.toml": WORKERS["classic"]["wrangler.toml"] + '\r\n[observability]\r\nenabled = "yes"\r\n',
    }
    checkout = write_worker(tmp_path / "repo", files)
    plan = read_plan(checkout, ".", service="classic", environment="production")
    fine = write_worker(tmp_path / "fine", WORKERS["classic"])
    _, upload = built(fine, tmp_path, "production")
    upload.config.write_text(
        json.dumps({**json.loads(upload.config.read_text()), "observability": plan.settings["observability"]})
    )
    with pytest.raises(ConfigError, match="refuses") as caught:
        rehearse(the_wrangler(), upload, environment())
    assert "observability" in caught.value.why


def test_a_rehearsal_stops_lost_modules(tmp_path: Path) -> None:
    """When wrangler would not send a module that was built, the deploy stops before a credential is fetched."""
    checkout = write_worker(tmp_path / "repo", WORKERS["no bundle"])
    _, upload = built(checkout, tmp_path, "production")
    (upload.folder / "modules" / "lib" / "a.js").unlink()
    with pytest.raises(ArtifactError, match="other modules"):
        rehearse(the_wrangler(), upload, environment())


def test_equal_builds_make_equal_tars(tmp_path: Path) -> None:
    """The artifact has no time, owner or order of its own: building twice gives the same bytes."""
    for number in ("1", "2"):
        checkout = write_worker(tmp_path / number / "repo", WORKERS["everything"])
        built(checkout, tmp_path / number, "production")
    assert (tmp_path / "1" / "a.tar").read_bytes() == (tmp_path / "2" / "a.tar").read_bytes()


def test_a_hostile_repository_does_not_steer_the_upload(tmp_path: Path) -> None:
    """`.env`, `.npmrc`, `build.command` and a parent's redirect stay behind; the clean folder has none of them."""
    parent = tmp_path / "parent"
    files = {
        **WORKERS["classic"],
        "wrangler.toml": WORKERS["classic"]["wrangler.toml"] + '\r\n[build]\r\ncommand = "touch ran-in-build"\r\n',
        ".env": "CLOUDFLARE_API_BASE_URL=http://127.0.0.1:9/\n",
        ".npmrc": "registry=http://127.0.0.1:9/\n",
    }
    checkout = write_worker(parent / "repo", files)
    write_worker(
        parent, {".wrangler/deploy/config.json": '{"configPath": "../../evil.json"}', "evil.json": '{"name": "evil"}'}
    )
    plan, upload = built(checkout, tmp_path / "parent" / "work", "production", service="classic")
    (checkout / "ran-in-build").unlink()
    rehearse(the_wrangler(), upload, environment())
    assert plan.script == "classic"
    assert not list(upload.folder.rglob("ran-in-build"))
    names = {path.name for path in upload.folder.rglob("*")}
    assert names & {".env", ".npmrc", "package.json", "node_modules"} == set()
    assert "command" not in upload.config.read_text()


def test_manifest_holds_no_value_of_the_configuration(tmp_path: Path) -> None:
    """The artifact can be downloaded by whoever may read the repository: it has digests of settings, not settings."""
    files = {
        **WORKERS["classic"],
        "wrangler.toml": WORKERS["classic"]["wrangler.toml"].replace('"top"', '"top-of-the-tree"'),
    }
    checkout = write_worker(tmp_path / "repo", files)
    built(checkout, tmp_path, "production")
    assert b"top-of-the-tree" not in (tmp_path / "a.tar").read_bytes()
