"""The npm that publishes: one exact version, from our lock, started where nothing but its arguments steers it.

npm takes settings from five files, every `npm_config_*` variable and the folders above the one that it works in. Here
it works in an empty folder that is named as its prefix, with files that are its own or not there, and an environment
of its own; the registry is named twice, since a scope's registry would beat the plain one.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chittyactions.environment import toolkit
from chittyactions.errors import ConfigError, ToolError
from chittyactions.node import before_path, clean_environment, find_node, install, locked_folder
from chittyactions.process import Finished, run
from chittyactions.publish.model import Say

if TYPE_CHECKING:
    from typing_extensions import Self

OLDEST_NODE = (22, 22, 2)
LOCKED = "actions/package-publish/npm"
PROGRAM = Path("node_modules/npm/bin/npm-cli.js")
TOKEN = "CHITTY_NPM_TOKEN"  # noqa: S105 - the name of a variable
SECONDS = 300.0
"""For one call of npm: as long as npm itself waits for an answer."""

MARGIN = 30.0
"""Seconds that npm gets beside that, to start and to read the package."""

IDENTITY = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
PROVENANCE = (
    *("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER_ID", "GITHUB_SHA"),
    *("GITHUB_REF", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA", "GITHUB_EVENT_NAME", "GITHUB_RUN_ID"),
    *("GITHUB_RUN_ATTEMPT", "RUNNER_ENVIRONMENT"),
)
"""What a provenance statement says of the run."""

PINNED = ("--proxy=null", "--https-proxy=null", "--strict-ssl=true", "--local-address=null")
"""npm's own defaults (a proxy of the job's environment counts): what is told goes before the package's publishConfig.

A second wall, should npm ever find another publishConfig in a package than the one that was judged.
"""


@dataclass(frozen=True)
class NpmCli:
    """An installed npm: `node` and `script` are absolute."""

    node: Path
    script: Path
    version: str

    def command(self, *arguments: str) -> list[str]:
        """The argument list that starts it."""
        return [str(self.node), str(self.script), *arguments]


def ensure_npm(cache: Path, environ: Mapping[str, str] = os.environ, report: Say = lambda _: None) -> NpmCli:
    """The locked npm, installed into `cache` when it is not there yet. Raises ToolError."""
    node = find_node(environ, OLDEST_NODE, "npm")
    source = toolkit() / LOCKED
    version = json.loads((source / "package-lock.json").read_bytes())["packages"]["node_modules/npm"]["version"]
    folder = locked_folder(cache, "npm", source)
    if not (folder / PROGRAM).is_file():
        report(f"Installing npm {version}")
        install(folder, PROGRAM, source=source, package=f"npm@{version}", node=node, environ=environ)
    return NpmCli(node=node, script=folder / PROGRAM, version=version)


def npm_registry_url(cli: NpmCli, environ: Mapping[str, str], wanted: str = "") -> str:
    """The registry to publish to, with a slash at its end: the one that the workflow names, else npm's own default.

    Raises ConfigError for an address that a token may not be sent to.
    """
    url = wanted or environ.get("CHITTY_NPM_URL", "") or default_registry(cli, environ)
    try:
        parts = urlsplit(url)
        here = parts.hostname in ("127.0.0.1", "localhost", "::1")
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = here = False
        parts = urlsplit("")
    if not usable or parts.username or parts.query or parts.fragment or not (parts.scheme == "https" or here):
        raise ConfigError(
            f"registry_url cannot be used: {parts.scheme}://{parts.hostname or ''}.",
            why="It has to be an https address without a user, a query or a fragment: the token goes there.",
            fix="Give the registry's address as its documentation names it, or leave it out for npm's public one.",
            docs="package-publish.md#inputs",
        )
    # As npm itself writes it: by this it finds the token.
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = "" if parts.port in (None, {"https": 443, "http": 80}.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}/"


def default_registry(cli: NpmCli, environ: Mapping[str, str]) -> str:
    """The registry that npm itself goes to when nobody tells it another."""
    with tempfile.TemporaryDirectory(prefix="chitty-npm-") as place:
        folder = Path(place)
        done = run(
            cli.command("config", "get", "registry", *_apart(folder)),
            cwd=folder, env=clean_environment(environ, folder / "home"), seconds=60, name="npm",
        )  # fmt: skip
    if done.code or not done.stdout.strip():
        raise ToolError("npm does not say which registry it uses.", fix="Name it by registry_url in the workflow.")
    return done.stdout.strip()


class NpmSession:
    """npm with a token, or with the job's identity, for one registry; its folder goes when the session ends.

    Args:
        registry: with a slash at the end.
        scope: of the package, "" without one.
        token: "" for trusted publishing.
        provenance: whether a statement of provenance is published too.
        temp: RUNNER_TEMP.
        seconds: for one call.
    """

    def __init__(
        self, cli: NpmCli, *, registry: str, scope: str, token: str, provenance: bool, environ: Mapping[str, str],
        temp: Path, redact: Callable[[str], str], seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._cli = cli
        self._registry = registry
        self._scope = scope
        self._token = token
        self._provenance = provenance
        self._environ = environ
        self._temp = temp
        self._redact = redact
        self._seconds = seconds

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="chitty-npm-", dir=self._temp))
        if self._token:
            # The file holds a reference; the token itself is in npm's environment alone.
            self._write(".npmrc-publish", f"//{self._registry.partition('//')[2]}:_authToken=${{{TOKEN}}}\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def publish(self, tarball: Path, *, tag: str, access: str) -> Finished:
        """`npm publish` of a tarball (copied here before) under `tag`."""
        told = [f"--tag={tag}", f"--provenance={'true' if self._provenance else 'false'}"]
        if self._provenance and not self._scope:
            access = "public"  # as every package without a scope is; npm wants it said for a new one
        return self._run("publish", str(tarball), *told, *([f"--access={access}"] if access else []))

    def dist_tag(self, name: str, version: str, tag: str) -> Finished:
        """`npm dist-tag add`."""
        return self._run("dist-tag", "add", f"{name}@{version}", tag)

    @property
    def folder(self) -> Path:
        """Of this session alone, for as long as it lasts."""
        return self._folder

    def _run(self, *arguments: str) -> Finished:
        work = self._folder / "work"
        work.mkdir(exist_ok=True)
        registry = [f"--registry={self._registry}"]
        if self._scope:
            registry.append(f"--{self._scope}:registry={self._registry}")
        options = ["--json", "--ignore-scripts", "--loglevel=verbose", *PINNED, *_apart(self._folder)]
        # Tried again by us, who look first what became of it.
        patience = ["--fetch-retries=0", f"--fetch-timeout={int(self._seconds * 1000)}"]
        command = self._cli.command(*arguments, *registry, *options, *patience)
        environment = self._environment()
        seconds = self._seconds + MARGIN
        try:
            return run(command, cwd=work, env=environment, seconds=seconds, redact=self._redact, name="npm")
        except ToolError as error:  # an answer that never ends is lost, like one that never comes
            return Finished(1, "", f"npm error code ETIMEDOUT\nnpm error {error.what}\n")

    def _environment(self) -> dict[str, str]:
        clean = clean_environment(self._environ, self._folder / "home")
        clean["PATH"] = before_path(self._cli.node, clean.get("PATH", ""))
        # With these, npm tries trusted publishing before any token.
        wanted = [*(IDENTITY if self._provenance or not self._token else ()), *(PROVENANCE if self._provenance else ())]
        clean |= {name: self._environ[name] for name in wanted if self._environ.get(name)}
        if wanted:
            clean["GITHUB_ACTIONS"] = "true"
        if self._token:
            clean[TOKEN] = self._token
        return clean

    def _write(self, name: str, text: str) -> None:
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def _apart(folder: Path) -> list[str]:
    """Options that keep npm within `folder`: its files, and none of the machine's."""
    files = [f"--userconfig={folder / '.npmrc-publish'}", f"--globalconfig={folder / '.npmrc-global'}"]
    places = [f"--prefix={folder / 'work'}", f"--cache={folder / 'cache'}"]
    return [*files, *places, "--logs-max=0", "--no-update-notifier"]
