"""The tap of a publishing workflow is there before it runs, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chittylocal import Local
from chittylocal.actrun.taps import PUBLISH, prepare_taps


def publishing(**given: object) -> dict[str, object]:
    """A workflow that calls the publish."""
    return {"jobs": {"publish": {"uses": f"{PUBLISH}@v2", "with": given}, "other": {"runs-on": "ubuntu-latest"}}}


def test_a_named_tap_is_made_with_an_app_that_may_write(tmp_path: Path) -> None:
    """The owner's default tap; ChittyConnect grants the app's key from then on; a second run keeps what is there."""
    with Local(tmp_path) as local:
        assert prepare_taps(local, publishing(brew_formula="greet"), "acme") == ["acme/homebrew-tap"]
        local.github.push("acme/homebrew-tap", {"Formula/greet.rb": "class Greet < Formula\nend\n"})
        assert "PRIVATE KEY" in local.issue_as["GITHUB_APP_PRIVATE_KEY"]
    with Local(tmp_path) as local:
        prepare_taps(local, publishing(brew_formula="greet"), "acme")
        assert len(local.github.log("acme/homebrew-tap")) == 2


def test_no_formula_needs_no_tap() -> None:
    """A workflow that publishes elsewhere, or says where only at run time, gets neither tap nor app."""
    with Local() as local:
        elsewhere = publishing(brew_formula="x", tap="${{ inputs.tap }}")
        without: tuple[dict[str, Any], ...] = (publishing(), elsewhere, {"jobs": {}})
        for workflow in without:
            assert prepare_taps(local, workflow, "acme") == []
        assert "GITHUB_APP_ID" not in local.issue_as
        assert prepare_taps(local, publishing(brew_formula="x", tap="other/tap"), "acme") == ["other/tap"]
