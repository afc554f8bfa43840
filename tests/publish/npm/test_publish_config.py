"""publishConfig: what a package may say of its publishing; every other setting of npm's is refused with a reason."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

import pytest

from chittyactions.errors import ConfigError
from chittyactions.publish.publish_config import ALLOWED, AT_PACKING, judge_publish_config, same_registry
from publish.npm.packages import ENVIRONMENT, the_npm

REGISTRY = "https://npm.example/"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"access": "public", "tag": "next", "registry": "https://NPM.example", "provenance": True},
        {"access": "restricted", "provenance": False},
        {"directory": "dist", "main": "lib/index.js", "exports": {}},
        None,
    ],
)
def test_harmless(config: Mapping[str, object] | None) -> None:
    """The four settings that a package may bring, and what is for the packer alone."""
    judge_publish_config(config, registry=REGISTRY)


@pytest.mark.parametrize(
    "config, words",
    [
        ({"proxy": "http://thief"}, "proxy would send the token by a way that the package chose"),
        ({"https-proxy": "http://thief"}, "https-proxy would send the token"),
        ({"strict-ssl": False}, "strict-ssl would change whom npm takes for the registry"),
        ({"cafile": "x"}, "cafile would change whom"),
        ({"@chittyos:registry": "http://thief"}, "@chittyos:registry would send this scope's packages"),
        ({"//npm.example/:_authToken": "s3cret"}, "//npm.example/:_authToken sets what npm presents to a host"),
        ({"_auth": "s3cret"}, "_auth sets how npm signs in"),
        ({"otp": "s3cret"}, "otp sets how npm signs in"),
        ({"registry": "https://thief.example/"}, "registry names another registry"),
        ({"registry": "http://npm.example/"}, "registry names another registry"),
        ({"registry": "https://npm.example:8443/"}, "registry names another registry"),
        ({"registry": "https://npm.example@thief.example/"}, "registry names another registry"),
        ({"registry": ["https://npm.example/"]}, "registry names another registry"),
        ({"access": "s3cret"}, "access is neither"),
        ({"tag": 1}, "tag is no name"),
        ({"provenance": "yes"}, "provenance is neither true nor false"),
        ({"ignore-scripts": False}, "ignore-scripts is a setting of npm that a package may not bring, or unknown"),
        ({"userconfig": "/x"}, "userconfig is a setting"),
        ({"browser": "/bin/sh"}, "browser is a setting"),
        ({"whatever": "s3cret"}, "whatever is a setting"),
        ("s3cret", "publishConfig is no object"),
        ([], "publishConfig is no object"),
        ({"tag": "v1"}, "publishConfig is refused: tag is no name for a dist-tag"),
        ({"tag": "1.x"}, "tag is no name for a dist-tag"),
        ({"tag": ""}, "tag is no name for a dist-tag"),
    ],
)
def test_refused(config: object, words: str) -> None:
    """Each with its reason, and without its value, which may be a token."""
    with pytest.raises(ConfigError) as raised:
        judge_publish_config(config, registry=REGISTRY)
    assert words in raised.value.what
    assert "s3cret" not in str(raised.value)


def test_everything_at_once() -> None:
    """A person corrects the file once."""
    with pytest.raises(ConfigError) as raised:
        judge_publish_config({"proxy": "x", "access": "x", "tag": "next"}, registry=REGISTRY)
    assert raised.value.what.count(";") == 1


def test_one_registry_in_two_spellings() -> None:
    """A slash, the port that goes without saying and the case of the host make no other registry."""
    assert same_registry("https://npm.example", "https://NPM.example:443/")
    assert same_registry("http://127.0.0.1:80/npm/", "http://127.0.0.1/npm")
    assert not same_registry("https://npm.example/a", "https://npm.example/b")
    assert not same_registry("https://user@npm.example/", "https://npm.example/")
    assert not same_registry("https://npm.example:x/", "https://npm.example/")


@pytest.mark.engines
def test_npm_knows_our_settings_and_none_of_the_packers() -> None:
    """The locked npm itself tells its settings: the four are among them, and no field that we let pass is."""
    script = the_npm().script.parent.parent / "node_modules/@npmcli/config/lib/definitions/index.js"
    told = subprocess.run(
        ["node", "-p", "JSON.stringify(Object.keys(require(process.argv[1]).definitions))", script],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    settings = set(json.loads(told.stdout))
    assert len(settings) > 100
    assert settings >= set(ALLOWED)
    assert not settings & AT_PACKING
