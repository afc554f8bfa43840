"""git without this machine's configuration, but for how the network is reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from chittyactions.process import run

CERTIFICATES = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
"""Variables of git's own that say whom to trust, as `http.sslCAInfo` does."""
SECONDS = 30.0

Setting = tuple[str, str]


def quiet(environ: Mapping[str, str], settings: Mapping[str, str], network: Iterable[Setting] = ()) -> dict[str, str]:
    """The environment of a git that takes nothing from this machine's configuration, and asks nobody.

    `network` is what `network` gives, for one that asks a server.
    """
    outside = {name: value for name, value in environ.items() if not name.startswith("GIT_") or name in CERTIFICATES}
    env = {**outside, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "GIT_CONFIG_NOSYSTEM": "1"}
    env |= {"GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}
    ours = {"core.hooksPath": "/dev/null", "credential.helper": "", "gc.auto": "0", **settings}
    given = [*network, *ours.items()]
    env["GIT_CONFIG_COUNT"] = str(len(given))
    for number, (key, value) in enumerate(given):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def network(environ: Mapping[str, str], folder: Path) -> tuple[Setting, ...]:
    """The user's own `http.*`, in their order: a proxy, certificates, also of one server alone; not what signs them in.

    `folder` is of a repository that has none itself. () where their configuration can't be read. Raises ToolError.
    """
    outside = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    asked = ["git", "config", "--null", "--get-regexp", r"^http\."]
    done = run(asked, cwd=folder, env=outside, seconds=SECONDS)
    pairs = (line.partition("\n") for line in done.stdout.split("\0") if line)
    # A name alone stands for true.
    return tuple((key, value if newline else "true") for key, newline, value in pairs if not _signs_in(key, value))


def _signs_in(key: str, value: str) -> bool:
    """A request has one header of that name at most, which is ours."""
    return key.lower().endswith(".extraheader") and value.strip().lower().startswith("authorization")
