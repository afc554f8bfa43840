"""What `ecosystem-audit` is asked for by its inputs, and where its run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chittyactions.compliance.audit.plan import MOST_SHARDS
from chittyactions.inputs import Inputs

PHASES = ("plan", "audit", "merge", "remediate", "dashboard")
MODES = ("plan", "issues", "prs")
EVERYBODY = "all"


@dataclass(frozen=True)
class Request:
    """The inputs. Folders are None where they were not given."""

    phase: str
    organizations: tuple[str, ...]
    runtime: bool
    shards: int
    shard: str
    registry: str
    folder: Path | None
    previous: Path | None
    mode: str
    private: bool
    token: str
    app_id: str
    app_private_key: str

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment with whose token it is: the app's, where there is one."""
        told = {name: value for name, value in environ.items() if name not in ("GH_TOKEN", "CHITTY_INPUTS")}
        return told | {
            "GITHUB_TOKEN": self.token,
            "GITHUB_APP_ID": self.app_id,
            "GITHUB_APP_PRIVATE_KEY": self.app_private_key,
        }


def read_inputs(inputs: Inputs) -> Request:
    """Read every input; problems are noted in `inputs`."""
    names = inputs.names("org", EVERYBODY)
    fix = inputs.flag("fix_mode", default=False)
    mode = inputs.choice("mode", MODES, "plan")
    app_id, key = inputs.secret("app_id"), inputs.secret("app_private_key")
    if bool(app_id) != bool(key):
        inputs.problem("app_id and app_private_key go together, and one of them is empty")
    return Request(
        phase=inputs.choice("phase", PHASES, "plan"),
        organizations=tuple(one for one in names if one.lower() != EVERYBODY),
        runtime=not inputs.flag("skip_runtime", default=False),
        shards=inputs.parsed("shards", "1", _shards),
        shard=inputs.text("shard", "1/1", pattern=r"[0-9]{1,3}/[0-9]{1,3}", like="2/8"),
        registry=inputs.text("registry"),
        folder=_folder(inputs.text("folder")),
        previous=_folder(inputs.text("previous")),
        mode="issues" if fix and mode == "plan" else mode,
        private=inputs.flag("include_private", default=False),
        token=inputs.secret("token"),
        app_id=app_id,
        app_private_key=key,
    )


def _shards(text: str) -> int:
    """A `number` of a workflow comes as 3 or as 3.0."""
    number = text.removesuffix(".0")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= MOST_SHARDS:
        raise ValueError(f"expected 1 to {MOST_SHARDS}")
    return int(number)


def _folder(text: str) -> Path | None:
    return Path(text) if text else None


def run_url(environ: Mapping[str, str]) -> str:
    """Where a person looks at this run; "" outside of one."""
    server, repository, run = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server.rstrip('/')}/{repository}/actions/runs/{run}" if server and repository and run else ""
