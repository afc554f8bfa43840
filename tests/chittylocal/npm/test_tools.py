"""Verdaccio is installed by whatever Node there is, in an environment that reaches the person's registries."""

from __future__ import annotations

from pathlib import Path

import pytest

from chittylocal.cloudflare.tools import Missing, find_node
from chittylocal.npm import tools

INSTALLS = """
const fs = require("fs");
fs.mkdirSync("node_modules/verdaccio/build", { recursive: true });
fs.writeFileSync("node_modules/verdaccio/build/index.js", process.env.NODE_USE_SYSTEM_CA ?? "");
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program of an npm as a wheel unpacks it: what stands beside node does not find its own modules."""
    folder = tmp_path / "node"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "node").symlink_to(find_node())
    (folder / "bin" / "npm").write_text("#!/bin/sh\necho 'Cannot find module ../lib/cli.js' >&2\nexit 1\n")
    (folder / "bin" / "npm").chmod(0o755)
    program = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    program.parent.mkdir(parents=True)
    monkeypatch.setattr(tools, "find_node", lambda: str(folder / "bin" / "node"))
    monkeypatch.setattr(tools, "ROOT", tmp_path)
    monkeypatch.delenv("NODE_USE_SYSTEM_CA", raising=False)
    monkeypatch.setenv("RUNNER_TOOL_CACHE", str(tmp_path / "tools"))
    return program


def test_the_npm_of_a_wheel_installs_it_once(npm: Path) -> None:
    """npm's own program is run, with the system's authorities (SSL_CERT_FILE); who waits is told, and only once."""
    npm.write_text(INSTALLS)
    told: list[str] = []
    module = Path(tools.find_verdaccio(told.append))
    assert module.read_text() == "1"
    assert [module] == [Path(tools.find_verdaccio(told.append))]
    assert len(told) == 1
    assert "verdaccio" in told[0]


def test_what_npm_said_is_the_reason(npm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An install that fails, or that never ends, says so in the words of a missing tool."""
    npm.write_text("console.error('registry says no'); process.exit(1)")
    with pytest.raises(Missing, match="registry says no"):
        tools.find_verdaccio()
    npm.write_text("setTimeout(() => 0, 9000)")
    monkeypatch.setattr(tools, "SECONDS", 0.2)
    with pytest.raises(Missing, match=r"0\.2 s"):
        tools.find_verdaccio()


@pytest.mark.parametrize("broken", ["a folder", "a file"])
def test_an_install_that_was_interrupted_is_replaced(npm: Path, broken: str) -> None:
    """What lies under its name without the module is no verdaccio: a good one takes its place, and nothing is left."""
    npm.write_text(INSTALLS)
    place = Path(tools.find_verdaccio()).parents[3]
    place.rename(place.parent / "elsewhere")
    if broken == "a folder":
        (place / "node_modules").mkdir(parents=True)
    else:
        place.write_text("")
    assert Path(tools.find_verdaccio()).exists()
    assert {path.name for path in place.parent.iterdir()} == {place.name, "elsewhere"}


def test_a_cache_that_can_not_be_used_is_named(npm: Path, tmp_path: Path) -> None:
    """Where no folder can be made, the reason is the folder, in the words of a missing tool."""
    npm.write_text(INSTALLS)
    (tmp_path / "tools").write_text("no folder")
    with pytest.raises(Missing, match=r"could not be installed into .*/tools/chittyops/verdaccio-.*: Not a directory"):
        tools.find_verdaccio()
