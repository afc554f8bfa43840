"""The committed configuration becomes a plan, or an error that says what to do: nothing in between."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from chittyactions.deploy.config import read_plan
from chittyactions.deploy.plan import Plan, Route
from chittyactions.errors import ConfigError
from deploy.workers import EVERYTHING, TOML, write_worker


def plan_of(
    tmp_path: Path, config: str, environment: str = "production", name: str = "wrangler.jsonc", **how: Any
) -> Plan:
    """The plan of a repository with one configuration."""
    write_worker(tmp_path, {name: config})
    return read_plan(tmp_path, ".", service=how.pop("service", "svc"), environment=environment, **how)


def refusal(
    tmp_path: Path, config: str, environment: str = "production", name: str = "wrangler.jsonc", **how: Any
) -> ConfigError:
    """The error for a repository with one configuration."""
    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, config, environment, name, **how)
    assert caught.value.fix
    return caught.value


# -- where it is, and how it is read -------------------------------------------------------------------------------


def test_precedence_is_wranglers(tmp_path: Path) -> None:
    """json before jsonc before toml, and the ones that are not read are named."""
    for name in ("wrangler.toml", "wrangler.jsonc", "wrangler.json"):
        text = 'name = "toml"' if name.endswith("toml") else f'{{"name": "{name[9:]}"}}'
        plan = plan_of(tmp_path, text, name=name, service=name[9:])
        assert plan.config_file == name
    assert plan.warnings == (
        "wrangler.json is used, as wrangler does. Beside it, and not read: wrangler.jsonc and wrangler.toml.",
    )


def test_no_configuration_names_where_there_is_one(tmp_path: Path) -> None:
    """In a monorepo the error says which folders have one."""
    write_worker(tmp_path, {"apps/api/wrangler.toml": 'name = "api"', "node_modules/x/wrangler.toml": ""})
    with pytest.raises(ConfigError, match="the repository's root") as caught:
        read_plan(tmp_path, "", service="api", environment="production")
    assert caught.value.fix == "Set working_directory to the Worker's folder: apps/api."


def test_a_folder_of_a_monorepo(tmp_path: Path) -> None:
    """With working_directory the configuration there is read, and parents' are not."""
    write_worker(tmp_path, {"apps/api/wrangler.toml": 'name = "api"', "wrangler.json": '{"name": "root"}'})
    plan = read_plan(tmp_path, "apps/api/", service="api", environment="production")
    assert (plan.script, plan.config_file) == ("api", "apps/api/wrangler.toml")


@pytest.mark.parametrize("folder", ["..", "/etc", "apps/../..", "nowhere", "wrangler.json"])
def test_working_directory_stays_in_the_repository(folder: str, tmp_path: Path) -> None:
    """A folder outside, or none at all, is refused."""
    write_worker(tmp_path / "repo", {"wrangler.json": "{}"})
    with pytest.raises(ConfigError, match=r"working_directory|There is no folder"):
        read_plan(tmp_path / "repo", folder, service="x", environment="production")


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    """A configuration that is a link to a file of the runner is not read, nor a linked folder outside."""
    write_worker(tmp_path, {"secret.json": '{"name": "x"}', "out/wrangler.json": "{}", "repo/README.md": ""})
    (tmp_path / "repo/wrangler.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(ConfigError, match="outside the repository"):
        read_plan(tmp_path / "repo", ".", service="x", environment="production")
    (tmp_path / "repo/app").symlink_to(tmp_path / "out")
    with pytest.raises(ConfigError, match="outside the repository"):
        read_plan(tmp_path / "repo", "app", service="x", environment="production")


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_jsonc_as_people_write_it(prefix: str, ends: str, tmp_path: Path) -> None:
    """Comments of both kinds, trailing commas, a byte order mark, Windows line ends; // in a string is no comment."""
    text = '{ // one\n /* two\n lines */ "name": "svc",\n "vars": { "URL": "https://x//y", "L": [1, 2,], },\n}'
    plan = plan_of(tmp_path, prefix + text.replace("\n", ends))
    assert plan.settings == {"name": "svc", "vars": {"URL": "https://x//y", "L": [1, 2]}}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_toml_as_today(ends: str, tmp_path: Path) -> None:
    """TOML with a byte order mark and Windows line ends; one `route` is a list of routes."""
    plan = plan_of(tmp_path, TOML.replace("\n", ends), name="wrangler.toml", service="classic")
    assert (plan.script, plan.routes) == ("classic", (Route(pattern="example.com/*"),))


@pytest.mark.parametrize(
    "name,text,why",
    [
        ("wrangler.jsonc", '{"name": ', ""),
        ("wrangler.jsonc", "[1]", ""),
        ("wrangler.jsonc", '{"vars": {"x": NaN}}', ""),
        ("wrangler.jsonc", '{"env": []}', ""),
        ("wrangler.jsonc", "[" * 5000, ""),
        ("wrangler.toml", "name = ", ""),
        ("wrangler.toml", 'name = "a"\nname = "b"', ""),
        ("wrangler.toml", 'name = "a"\ncompatibility_date = 2026-01-01', '"2026-01-01"'),
    ],
)
def test_what_cannot_be_read(name: str, text: str, why: str, tmp_path: Path) -> None:
    """A broken file is an error with its place, and a date without quotes is told how to be written."""
    assert why in refusal(tmp_path, text, name=name).why


def test_not_utf8(tmp_path: Path) -> None:
    """Latin-1 is refused with a sentence, not a stack."""
    (tmp_path / "wrangler.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(ConfigError, match="cannot be read"):
        read_plan(tmp_path, ".", service="x", environment="production")


# -- environments --------------------------------------------------------------------------------------------------


def test_production_is_the_top_level(tmp_path: Path) -> None:
    """Without env.production, production is the top level, and wrangler gets an empty --env."""
    plan = plan_of(tmp_path, EVERYTHING, service="everything")
    assert (plan.wrangler_env, plan.script) == ("", "everything")
    assert plan.custom_domains == ("api.example.com",)


def test_production_of_its_own(tmp_path: Path) -> None:
    """With env.production, production is that one."""
    plan = plan_of(tmp_path, '{"name": "svc", "env": {"production": {}}}')
    assert (plan.wrangler_env, plan.script) == ("production", "svc-production")


@pytest.mark.parametrize("environment", ["qa", "Staging", "prod", "constructor", ""])
def test_an_environment_that_is_not_there(environment: str, tmp_path: Path) -> None:
    """It fails before anything is sent, and lists what there is: it would claim another one's domains."""
    error = refusal(tmp_path, EVERYTHING, environment)
    assert "staging, preview" in error.why


def test_no_environments_at_all(tmp_path: Path) -> None:
    """The same for a configuration without any."""
    assert "none" in refusal(tmp_path, '{"name": "svc"}', "staging").why


def test_what_an_environment_inherits(tmp_path: Path) -> None:
    """Crons and switches come along; vars and bindings have to be repeated, and what is left behind is said."""
    plan = plan_of(tmp_path, EVERYTHING, "staging", service="everything")
    assert plan.script == "everything-staging"
    assert plan.settings["vars"] == {"REGION": "test"}
    assert plan.crons == ("*/5 * * * *",)
    assert plan.routes == ()
    assert plan.account_id == "0123456789abcdef0123456789abcdef"
    assert "d1_databases" not in plan.settings
    assert any("does not take over ai, analytics_engine_datasets, d1_databases" in text for text in plan.warnings)


def test_inherited_domains_are_said(tmp_path: Path) -> None:
    """An environment that would take the top level's domain away says so."""
    plan = plan_of(tmp_path, EVERYTHING, "preview")
    assert plan.script == "everything-elsewhere"
    assert any("takes over the top level's routes" in text and "api.example.com" in text for text in plan.warnings)


def test_null_in_an_environment_inherits(tmp_path: Path) -> None:
    """null says nothing, as in wrangler."""
    plan = plan_of(tmp_path, '{"name": "svc", "logpush": true, "env": {"x": {"logpush": null}}}', "x")
    assert plan.settings["logpush"] is True


def test_what_belongs_to_the_top(tmp_path: Path) -> None:
    """wrangler would drop keep_vars inside an environment; here it is an error."""
    error = refusal(tmp_path, '{"name": "svc", "env": {"x": {"keep_vars": true}}}', "x")
    assert "env.x.keep_vars" in error.what


# -- names ---------------------------------------------------------------------------------------------------------


def test_service_and_worker_may_differ(tmp_path: Path) -> None:
    """The configuration names the Worker; a service of another name is deployed as that Worker, and it is said."""
    plan = plan_of(tmp_path, '{"name": "worker"}', service="chittyauth")
    assert (plan.script, plan.service) == ("worker", "chittyauth")
    assert "worker is what gets deployed, chittyauth is what it is registered as" in plan.warnings[0]


@pytest.mark.parametrize("environment,script", [("production", "chittyauth"), ("staging", "chittyauth-staging")])
def test_no_name_takes_the_service(environment: str, script: str, tmp_path: Path) -> None:
    """A configuration without a name is deployed under the service's."""
    plan = plan_of(tmp_path, '{"env": {"staging": {}}}', environment, service="chittyauth")
    assert (plan.script, plan.warnings) == (script, ())


@pytest.mark.parametrize("name", ["../evil", "a b", "a/b", "a?b", "é", "-a", "", "x" * 256])
def test_names_that_cloudflare_does_not_have(name: str, tmp_path: Path) -> None:
    """A name goes into addresses, so only a name is let through."""
    if name:
        assert "name" in refusal(tmp_path, f'{{"name": "{name}"}}').what
    else:
        assert plan_of(tmp_path, '{"name": ""}').script == "svc"


# -- what may be sent ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config,path",
    [
        ('{"kv_namespace": []}', "kv_namespace"),
        ('{"kv_namespaces": [{"binding": "A", "id": "1"}, {"binding": "B", "idd": "1"}]}', "kv_namespaces[1].idd"),
        ('{"observability": {"logs": {"invocation_log": true}}}', "observability.logs.invocation_log"),
        ('{"legacy_env": true}', "legacy_env"),
        ('{"usage_model": "bundled"}', "usage_model"),
        ('{"assets": {"directory": "d", "bucket": "x"}}', "assets.bucket"),
        ('{"durable_objects": {"classes": []}}', "durable_objects.classes"),
    ],
)
def test_an_unknown_key_is_named(config: str, path: str, tmp_path: Path) -> None:
    """Wrangler drops it with a warning; here it stops the deploy, with its path and the two ways out."""
    error = refusal(tmp_path, config)
    assert path in error.what
    assert "isolation: off" in error.yaml


def test_an_unknown_key_in_the_environment(tmp_path: Path) -> None:
    """Its path begins with the environment."""
    assert "env.x.varz" in refusal(tmp_path, '{"env": {"x": {"varz": {}}}}', "x").what


def test_all_unknown_keys_at_once(tmp_path: Path) -> None:
    """One run shows every mistake."""
    what = refusal(tmp_path, '{"a1": 1, "b2": 2, "vars": {"c3": 3}}').what
    assert "a1, b2" in what
    assert "c3" not in what


def test_free_names_are_free(tmp_path: Path) -> None:
    """vars, and props of a service binding, have any keys, also those that only wrangler dev reads elsewhere."""
    services = '[{"binding": "S", "service": "s", "props": {"remote": 1}}]'
    plan = plan_of(tmp_path, f'{{"vars": {{"remote": {{"preview_id": 1}}}}, "services": {services}}}')
    assert plan.settings["vars"] == {"remote": {"preview_id": 1}}
    assert plan.settings["services"][0]["props"] == {"remote": 1}


def test_what_only_a_laptop_reads_is_not_sent(tmp_path: Path) -> None:
    """Local settings may hold local passwords."""
    config = (
        '{"hyperdrive": [{"binding": "H", "id": "1", "localConnectionString": "postgres://u:p@h/d", "remote": true}]}'
    )
    assert plan_of(tmp_path, config).settings["hyperdrive"] == [{"binding": "H", "id": "1"}]


@pytest.mark.parametrize(
    "key", ["build", "define", "alias", "minify", "tsconfig", "rules", "dev", "previews", "$schema"]
)
def test_keys_of_the_build_are_not_sent(key: str, tmp_path: Path) -> None:
    """They are used in the build job, and stay there."""
    assert key not in plan_of(tmp_path, f'{{"{key}": {{"command": "curl evil"}}}}').settings


@pytest.mark.parametrize(
    "config,path",
    [
        ('{"site": {"bucket": "./public"}}', "site"),
        ('{"containers": [{"class_name": "C", "image": "./Dockerfile"}]}', "containers"),
        ('{"wasm_modules": {"W": "a.wasm"}}', "wasm_modules"),
        ('{"text_blobs": {"T": "a.txt"}}', "text_blobs"),
        ('{"data_blobs": {"D": "a.bin"}}', "data_blobs"),
        ('{"unsafe": {"capnp": {"base_path": "."}}}', "unsafe.capnp"),
    ],
)
def test_what_cannot_be_separated(config: str, path: str, tmp_path: Path) -> None:
    """It is said, with the reason and the input that turns isolation off; with isolation off it is let through."""
    error = refusal(tmp_path, config)
    assert f"apart from its checkout: {path}." in error.what
    assert f"{path}:" in error.why
    assert "isolation: off" in error.yaml
    assert plan_of(tmp_path, config, isolated=False).isolated is False


def test_without_isolation_an_unknown_key_warns(tmp_path: Path) -> None:
    """Plain wrangler decides then; what it means that isolation is off is said each time."""
    off, unknown = plan_of(tmp_path, '{"new_thing": 1}', isolated=False).warnings
    assert "could take its credentials" in off
    assert unknown == "wrangler.jsonc: new_thing is not a key that is known here."


@pytest.mark.parametrize("isolated", [True, False])
def test_pages_is_no_worker(isolated: bool, tmp_path: Path) -> None:
    """A Pages project is told how it is deployed, whatever the isolation."""
    assert "Pages" in refusal(tmp_path, '{"pages_build_output_dir": "dist"}', isolated=isolated).what


@pytest.mark.parametrize(
    "config",
    [
        '{"routes": [{"pattern": 1}]}',
        '{"routes": [7]}',
        '{"account_id": 5}',
        '{"workers_dev": "yes"}',
        '{"triggers": {"crons": [1]}}',
        '{"compatibility_date": 20260101}',
        '{"assets": {"directory": 5}}',
        '{"name": 5}',
        '{"main": ["a"]}',
        '{"secrets": {"required": [1]}}',
    ],
)
def test_wrong_types_are_told_before_anything_runs(config: str, tmp_path: Path) -> None:
    """What the plan needs in another form is an error of ours, never a stack."""
    refusal(tmp_path, config)


@pytest.mark.parametrize(
    "config",
    [
        '{"triggers": []}',
        '{"queues": []}',
        '{"durable_objects": [1]}',
        '{"migrations": {"tag": "v1"}}',
        '{"vars": []}',
        '{"version_metadata": "x"}',
        '{"secrets": []}',
        '{"assets": "public"}',
        '{"env": {"x": 5}}',
        '{"routes": "example.com/*"}',
    ],
)
def test_absurd_shapes_are_no_crash(config: str, tmp_path: Path) -> None:
    """A shape that wrangler will refuse is an error of ours or passed on to wrangler's own check, never a stack."""
    with contextlib.suppress(ConfigError):
        plan_of(tmp_path, config)


# -- what the plan says --------------------------------------------------------------------------------------------


def test_the_whole_plan(tmp_path: Path) -> None:
    """A configuration with all of it, in the words of the plan."""
    plan = plan_of(tmp_path, EVERYTHING, service="everything")
    assert [(b.kind, b.name) for b in plan.bindings if b.kind != "vars"] == [
        ("ai", "AI"),
        ("analytics_engine_datasets", "EVENTS"),
        ("assets", "ASSETS"),
        ("d1_databases", "DB"),
        ("durable_objects", "COUNTER"),
        ("hyperdrive", "NEON"),
        ("kv_namespaces", "CACHE"),
        ("queues", "JOBS"),
        ("r2_buckets", "FILES"),
        ("services", "AUTH"),
        ("version_metadata", "CF_VERSION_METADATA"),
    ]
    assert [b.name for b in plan.bindings if b.kind == "vars"] == ["REGION", "FLAGS", "ODD"]
    assert plan.migration_tags == ("v1",)
    assert plan.durable_objects == ("Counter",)
    assert plan.queue_consumers == ("jobs",)
    assert plan.version_metadata == "CF_VERSION_METADATA"
    assert plan.routes[1] == Route(pattern="example.com/api/*", zone_name="example.com")
    assert plan.assets is not None
    assert plan.assets.directory == "public"
    assert plan.settings["assets"] == {"binding": "ASSETS", "html_handling": "none", "run_worker_first": True}
    assert not plan.serves_workers_dev
    assert plan.serves_previews


@pytest.mark.parametrize(
    "config,workers_dev,previews",
    [
        ("{}", True, True),
        ('{"routes": ["example.com/*"]}', False, False),
        ('{"routes": ["example.com/*"], "workers_dev": true}', True, True),
        ('{"workers_dev": false}', False, False),
        ('{"preview_urls": false}', True, False),
        ('{"routes": ["example.com/*"], "preview_urls": true}', False, True),
    ],
)
def test_defaults_of_workers_dev(config: str, workers_dev: bool, previews: bool, tmp_path: Path) -> None:
    """Routes switch workers.dev off, and with it the previews, unless the configuration says otherwise."""
    plan = plan_of(tmp_path, config)
    assert (plan.serves_workers_dev, plan.serves_previews) == (workers_dev, previews)


def test_a_digest_follows_what_is_sent(tmp_path: Path) -> None:
    """Comments and build settings do not change it, a var does."""
    one = plan_of(tmp_path, '{"vars": {"A": 1}}').digest
    assert plan_of(tmp_path, '{/* x */ "vars": {"A": 1}, "minify": true}').digest == one
    assert plan_of(tmp_path, '{"vars": {"A": 2}}').digest != one
