"""What a workflow needs: the events it answers to, its labels, and every action that it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chittylocal.actrun.problems import CannotRun

TOOLKIT = "chittyos/chittyops"
STAND_INS = Path(__file__).resolve().parents[1] / "actions"
CHECKOUT = "actions/checkout"


@dataclass
class Needs:
    """Everything that a workflow reaches, itself and what it calls.

    Attributes:
        labels: each `runs-on` label, as written, and all that a matrix may make one.
        plain_labels: those of them that are no expression.
        local: `owner/repo@ref` as written → the folder that stands for it.
        missing: `owner/repo@ref` (or a Docker image) → the files that use it, for which there is no stand-in.
        grants_id_token: whether any `permissions` that GitHub would look at has `id-token: write`.
        unreadable: the caller's jobs that check out, and whose `permissions` leave `contents: read` out.
        always: (job's id, step's id) of the steps that a cancelled job runs as well.
        publishes_npm: whether it publishes to npm, or may by what an expression says.
    """

    labels: set[str] = field(default_factory=set)
    plain_labels: set[str] = field(default_factory=set)
    local: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, set[str]] = field(default_factory=dict)
    grants_id_token: bool = False
    unreadable: list[str] = field(default_factory=list)
    always: set[tuple[str, str]] = field(default_factory=set)
    publishes_npm: bool = False


def load(path: Path) -> dict[str, Any]:
    """A workflow or action file. YAML 1.1 reads the key `on` as true: it is `on` again here."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotRun(f"{path} can't be read as YAML: {error}") from None
    if not isinstance(data, dict):
        raise CannotRun(f"{path} is no workflow: it holds no mapping.")
    return {("on" if key is True else str(key)): value for key, value in data.items()}


def events(workflow: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Event name → its settings, whatever form `on` has."""
    on = workflow.get("on")
    if isinstance(on, str):
        return {on: {}}
    if isinstance(on, list):
        return {str(name): {} for name in on}
    if isinstance(on, Mapping):
        return {str(name): value if isinstance(value, Mapping) else {} for name, value in on.items()}
    return {}


def _jobs(workflow: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    jobs = workflow.get("jobs")
    found = jobs.items() if isinstance(jobs, Mapping) else ()
    return {str(name): job for name, job in found if isinstance(job, Mapping)}


def _steps(holder: Any) -> list[Mapping[str, Any]]:
    steps = holder.get("steps") if isinstance(holder, Mapping) else None
    return [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []


def _given(user: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a job or a step hands to what it uses."""
    given = user.get("with")
    return given if isinstance(given, Mapping) else {}


def _labels(job: Mapping[str, Any]) -> Iterator[str]:
    runs_on = job.get("runs-on")
    if isinstance(runs_on, Mapping):
        runs_on = [runs_on.get("labels"), runs_on.get("group")]
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, Mapping) else None
    for label in _strings(runs_on):
        # An expression is most often a matrix value: each of those becomes a label.
        yield from _strings(matrix) if "${{" in label else [label]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)


def _grants(permissions: Any) -> bool:
    if isinstance(permissions, Mapping):
        return bool(permissions.get("id-token") == "write")
    return bool(permissions == "write-all")


def _reads_contents(permissions: Any) -> bool:
    """Whether a job may read its repository. Permissions that are set take away what they do not name."""
    if isinstance(permissions, Mapping):
        return permissions.get("contents") in ("read", "write")
    return permissions in (None, "read-all", "write-all")


def _always(job: Mapping[str, Any]) -> Iterator[str]:
    """The ids of a job's steps that run after a cancellation too; a step without one has its number, as in act."""
    for number, step in enumerate(_steps(job)):
        if any(word in str(step.get("if", "")) for word in ("always()", "cancelled()")):
            yield str(step.get("id") or number)


def action_file(folder: Path) -> Path | None:
    """The action's contract in a folder."""
    return next((path for name in ("action.yml", "action.yaml") if (path := folder / name).is_file()), None)


class _Walk:
    """Follows `uses:` from file to file; each is read once."""

    def __init__(self, repository: Path, toolkit: Path, stand_ins: Mapping[str, Path]) -> None:
        self.repository, self.toolkit, self.stand_ins = repository, toolkit, stand_ins
        self.needs = Needs()
        self.checks_out = False
        self._seen: set[Path] = set()

    def workflow(self, path: Path, home: Path) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        workflow = load(path)
        # Only the caller's own permissions grant: a called workflow can but lessen them.
        if home == self.repository:
            self.needs.grants_id_token |= _grants(workflow.get("permissions"))
        for name, job in _jobs(workflow).items():
            self.needs.always |= {(name, step) for step in _always(job)}
            if home == self.repository:
                self.needs.grants_id_token |= _grants(job.get("permissions"))
            self.job(job, path, home)

    def job(self, job: Mapping[str, Any], path: Path, home: Path) -> None:
        self.needs.labels |= set(_labels(job))
        self.needs.plain_labels |= {label for label in _strings(job.get("runs-on")) if "${{" not in label}
        if isinstance(job.get("uses"), str):
            self._uses(job["uses"], _given(job), path, home)
        for step in _steps(job):
            self._step(step, path, home)

    def _step(self, step: Mapping[str, Any], path: Path, home: Path) -> None:
        if isinstance(step.get("uses"), str):
            self._uses(step["uses"], _given(step), path, home)

    def _uses(self, uses: str, given: Mapping[str, Any], path: Path, home: Path) -> None:
        if uses.startswith("./"):
            self._follow(home / uses, home)
            return
        name, _, ref = uses.partition("@")
        parts = name.split("/")
        repository, inner = "/".join(parts[:2]), "/".join(parts[2:])
        key = f"{repository}@{ref}"
        if repository.lower() == CHECKOUT and not {"repository", "ref"} & set(given):
            self.checks_out |= "token" not in given
            return  # act itself copies the staged tree
        if key in self.stand_ins or repository in self.stand_ins:
            folder = self.stand_ins.get(key) or self.stand_ins[repository]
        elif repository.lower() == TOOLKIT:
            folder = self.toolkit
            npm = str(given.get("publish_npm", "false")).lower() not in ("", "false")
            self.needs.publishes_npm |= npm and home != self.toolkit
        elif (STAND_INS / repository.lower()).is_dir():
            folder = STAND_INS / repository.lower()
        else:
            self.needs.missing.setdefault(uses, set()).add(path.name)
            return
        self.needs.local[key] = folder
        self._follow(folder / inner, folder)

    def _follow(self, target: Path, home: Path) -> None:
        if target.suffix in (".yml", ".yaml"):
            if not target.is_file():
                raise CannotRun(f"A workflow calls {target.name}, which is not in {home}.")
            self.workflow(target, home)
            return
        file = action_file(target)
        if file is None and home == self.toolkit:
            raise CannotRun(f"The workflow uses {target.relative_to(home)} of {TOOLKIT}, which this toolkit has not.")
        if file is not None and file not in self._seen:
            self._seen.add(file)
            for step in _steps(load(file).get("runs")):
                self._step(step, file, home)


def needs_of(workflow: Path, repository: Path, toolkit: Path, stand_ins: Mapping[str, Path] | None = None) -> Needs:
    """All that a workflow reaches. `stand_ins`: `owner/repo[@ref]` → folder, chosen before our own ones."""
    walk = _Walk(repository, toolkit, stand_ins or {})
    walk.workflow(workflow, repository)
    content = load(workflow)
    for name, job in _jobs(content).items():
        alone = _Walk(repository, toolkit, stand_ins or {})
        alone.job(job, workflow, repository)
        if alone.checks_out and not _reads_contents(job.get("permissions", content.get("permissions"))):
            walk.needs.unreadable.append(name)
    return walk.needs


def choose(repository: Path, wanted: str | None, event: str | None) -> tuple[Path, str]:
    """The workflow to run and the event to run it by.

    Without a name it is the one workflow that uses this toolkit; without an event, push where the workflow has
    it, else workflow_dispatch, else its first.
    """
    folder = repository / ".github" / "workflows"
    found = sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yml", ".yaml"))
    if not found:
        raise CannotRun(f"No workflow in {folder}: README.md of chittyops shows one of ten lines to begin with.")
    names = ", ".join(path.name for path in found)
    if wanted:
        candidates = [path for path in (repository / wanted, folder / wanted) if path.is_file()][:1]
        if not candidates:
            raise CannotRun(f"No workflow {wanted!r}; there are: {names}.")
    else:
        candidates = [p for p in found if TOOLKIT in p.read_text("utf-8", "replace").lower()]
        candidates = [p for p in candidates if not event or event in events(load(p))]
        if len(candidates) != 1:
            what = "More than one" if candidates else "None"
            those = ", ".join(path.name for path in candidates) or names
            by = f" and runs on {event!r}" if event else ""
            raise CannotRun(
                f"{what} of the workflows uses {TOOLKIT}{by}; say which to run: --workflow FILE (of: {those})."
            )
    workflow = candidates[0]
    answers = events(load(workflow))
    if event is None:
        event = next((name for name in ("push", "workflow_dispatch") if name in answers), next(iter(answers), "push"))
    if event not in answers:
        raise CannotRun(f"{workflow.name} does not run on {event!r}; it has: {', '.join(answers) or 'no event'}.")
    return workflow, event
