"""The contract of getchitty-creds: what callers write, what the code reads, and what the pages say are the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chittyactions.connect.catalogue import OUTPUTS
from chittyactions.entries import getchitty_creds, getchitty_creds_revoke
from chittyactions.inputs import Inputs

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "actions/getchitty-creds"
PAGE = ROOT / "docs/getchitty-creds.md"

BEFORE_V2 = {
    "inputs": {"api_key", "purpose", "service", "credentials", "type", "zones"},
    "outputs": {
        *("cloudflare_token", "account_id", "npm_token", "github_token"),
        *("neon_token", "neon_database_url", "register_token"),
    },
}


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return document


@pytest.fixture
def action() -> dict[str, Any]:
    """What callers see."""
    return read(ACTION / "action.yml")


def test_the_code_reads_what_the_action_declares(action: dict[str, Any]) -> None:
    """Names and defaults of action.yml are those that the code reads, no more and no fewer."""
    inputs = Inputs({})
    getchitty_creds.read_inputs(inputs)
    assert {name: entry["default"] for name, entry in action["inputs"].items()} == inputs.declared


def test_the_revocation_reads_no_inputs() -> None:
    """In a post step of nested composites inputs are wrong, so none is read."""
    inputs = Inputs({})
    getchitty_creds_revoke.read_inputs(inputs)
    assert inputs.declared == {}


def test_the_code_sets_what_the_action_declares(action: dict[str, Any]) -> None:
    """Outputs of action.yml are those that the code sets."""
    assert list(action["outputs"]) == list(getchitty_creds.outputs({}, [], ""))


def test_what_callers_use_today_is_there(action: dict[str, Any]) -> None:
    """Inputs and outputs of the action before v2 are still there, and no input is required."""
    for part, names in BEFORE_V2.items():
        assert names <= set(action[part])
    assert not any(entry.get("required") for entry in action["inputs"].values())


def test_every_credential_has_its_output_by_name() -> None:
    """Besides the names of old, an output is its credential's name in lower case."""
    old = {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"}
    assert all(output == name.lower() for name, output in OUTPUTS.items() if name not in old)


def test_each_layer_passes_everything_on(action: dict[str, Any]) -> None:
    """The composite takes each output from the nested action; the forwarding path has the same contract."""
    lease = read(ACTION / "lease/action.yml")
    forward = read(ROOT / ".github/actions/getchitty-creds/action.yml")
    assert list(lease["outputs"]) == list(action["outputs"])
    assert forward["inputs"] == action["inputs"]
    for outer, step in ((action, "lease"), (forward, "creds")):
        values = {name: entry["value"] for name, entry in outer["outputs"].items()}
        assert values == {name: f"${{{{ steps.{step}.outputs.{name} }}}}" for name in action["outputs"]}
        assert [found["id"] for found in outer["runs"]["steps"]] == [step]
    assert forward["runs"]["steps"][0]["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    assert action["runs"]["steps"][0]["with"] == {"inputs": "${{ toJSON(inputs) }}"}


def test_references_are_the_released_ones(action: dict[str, Any]) -> None:
    """The nested action is named by repository and version, since a relative path resolves in the caller's checkout."""
    forward = read(ROOT / ".github/actions/getchitty-creds/action.yml")
    assert action["runs"]["steps"][0]["uses"].startswith("chittyos/chittyops/actions/getchitty-creds/lease@v2")
    assert forward["runs"]["steps"][0]["uses"].startswith("chittyos/chittyops/actions/getchitty-creds@v2")


def test_the_nested_action_is_a_page_without_dependencies() -> None:
    """main.js and post.js need nothing but Node, and fit on a page."""
    lease = read(ACTION / "lease/action.yml")
    assert lease["runs"] == {"using": "node24", "main": "main.js", "post": "post.js"}
    text = (ACTION / "lease/main.js").read_text("utf-8") + (ACTION / "lease/post.js").read_text("utf-8")
    assert len(text.splitlines()) <= 75
    needed = set(re.findall(r"require\('([^']+)'\)", text))
    assert needed == {"node:child_process", "node:path", "./main.js"}
