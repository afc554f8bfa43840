"""`python -m chittylocal`: the backend for a person at a terminal."""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import os
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from chittylocal.faults import KINDS, Fault, parse_fault

SUBCOMMANDS = {"run": "chittylocal.actrun.cli", "demo": "chittylocal.demo"}
"""Subcommand → the module whose `main(argv)` takes the rest of the line and returns the exit code."""

ABOUT = """\
Everything that a delivery talks to, on this machine, with no account anywhere: GitHub's id tokens and REST API,
ChittyConnect, ChittyRegistry, ChittyBeacon, ChittyRouter, Cloudflare's API in front of real workerd, R2's S3 API,
npm's registry (real verdaccio), and gitChitty.
"""

UP_ABOUT = """\
Start the backend and serve until Ctrl-C. Prints what it serves and the environment that points a client at it.

  chittyops local up --env-file local.env
  set -a; . ./local.env; set +a     # in another terminal: now every tool of this project talks to it
  curl -H "Host: hello.chittylocal.workers.dev" "$CHITTY_EDGE_URL/health"     # a deployed Worker, by its host name
"""


def _up_notes() -> str:
    kinds = "\n".join(f"  {kind:10} {text}" for kind, text in KINDS.items())
    return f"""\
faults: SERVICE METHOD PATH KIND [name=value ...]; SERVICE, METHOD and PATH may be patterns with *
{kinds}
  options: status= headers.NAME= body= times= skip= delay= after_effect= where= interval= size= location=

  --fault "connect POST /api/credentials/provision status status=429 headers.Retry-After=2 times=1"
  --fault "edge * /health status status=500"
  --fault "cloudflare * * hang"

state folder: JSON files to read, requests.ndjson with one line a request, and no secret in either. Opened again,
it has the deployments, leases, keys and comments of last time. Without --state it is temporary.

exit codes: 0 stopped by a signal, 1 it can't start, 2 wrong usage"""


def _port(text: str) -> int:
    """A TCP port, or 0 for a free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 (a free one) to 65535, not {text!r}")
    return int(text)


SERVICES = (
    "connect", "cloudflare", "registry", "beacon", "router", "github", "oidc", "npm", "r2", "git", "edge", "unknown",
)  # fmt: skip
"""What a fault's SERVICE can be; `unknown` are paths of no service."""
NUMBERS = re.compile(r"(?P<name>status|times|skip|size|delay|interval)=(?P<value>.*)")


def read_fault(spec: str) -> tuple[str, str, str, Fault]:
    """A fault of the command line. ValueError for what could not come to pass, too."""
    for option in spec.split()[4:]:
        number = NUMBERS.fullmatch(option)
        kind = r"\d+(\.\d+)?" if number and number["name"] in ("delay", "interval") else r"\d+"
        if number and not re.fullmatch(kind, number["value"]):
            raise ValueError(f"--fault {spec!r}: {number['name']} is a number, not {number['value']!r}")
    try:
        found = parse_fault(spec)
    except ValueError as error:
        raise ValueError(f"--fault {spec!r}: {error}") from None
    if not fnmatch.filter(SERVICES, found[0]):
        raise ValueError(f"--fault {spec!r}: no service is {found[0]!r}; there are {', '.join(SERVICES[:-1])}, and *")
    return found


def parser() -> argparse.ArgumentParser:
    """The command line, for `--help` and for docs."""
    raw = argparse.RawDescriptionHelpFormatter
    name = "python -m chittylocal" if Path(sys.argv[0]).name in ("__main__.py", "-m") else "chittyops local"
    top = argparse.ArgumentParser(name, description=ABOUT, formatter_class=raw)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    up = commands.add_parser(
        "up", help="start the backend", description=UP_ABOUT, epilog=_up_notes(), formatter_class=raw
    )
    up.add_argument("--state", type=Path, metavar="DIR", help="keep the state in DIR (default: temporary)")
    up.add_argument("--port", type=_port, default=0, metavar="N", help="listen on 127.0.0.1:N (default: a free port)")
    up.add_argument(
        "--behaviour", choices=("named", "today"), default="named",
        help="today: services as they are today; named: the documented routes answer as well (default)",
    )  # fmt: skip
    up.add_argument("--fault", action="append", default=[], metavar="SPEC", help="let something go wrong (see below)")
    up.add_argument("--env-file", type=Path, metavar="FILE", help="write the environment to FILE (mode 0600)")
    up.add_argument(
        "--identity", choices=("both", "oidc", "api-key", "none"), default="both",
        help="what the environment identifies by: id-token variables, API key (default: both)",
    )  # fmt: skip
    up.add_argument(
        "--repositories", type=Path, metavar="DIR",
        help="have every folder OWNER/NAME of DIR be a repository of the embedded GitHub",
    )  # fmt: skip
    up.add_argument("--repository", metavar="OWNER/NAME", help="the id token's repository (default: chittyos/hello)")
    up.add_argument("--owner", metavar="ORG", help="the id token's repository_owner (default: the repository's)")
    up.add_argument("--allow", action="append", default=[], metavar="ORG", help="let ChittyConnect trust ORG too")
    up.add_argument("--claim", action="append", default=[], metavar="NAME=VALUE", help="another claim of the id token")
    up.add_argument("--tls", action="store_true", help="serve TLS as well, and say which CA file vouches for it")
    commands.add_parser("run", help="run a repository's own workflow under act against the backend", add_help=False)
    commands.add_parser(
        "demo",
        help="shown: a deploy with a rollback, a publish (demo publish), an audit of 62 services (demo audit)",
        add_help=False,
    )
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in SUBCOMMANDS:
        command: Callable[[list[str]], int] = importlib.import_module(SUBCOMMANDS[words[0]]).main
        return command(words[1:])
    top = parser()
    chosen = top.parse_args(words)
    try:
        claims = _claims(chosen)
        faults = [read_fault(spec) for spec in chosen.fault]
        count = _repositories(chosen.repositories)
    except ValueError as error:
        top.error(str(error))
    return _up(chosen, claims, faults, count)


def _repositories(folder: Path | None) -> int:
    """How many folders OWNER/NAME there are. ValueError for none: somebody meant another folder."""
    count = sum(one.is_dir() for one in folder.glob("*/*")) if folder else 0
    if folder and not count:
        raise ValueError(f"--repositories {folder}: there is no folder OWNER/NAME in it")
    return count


def _claims(chosen: argparse.Namespace) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    for claim in chosen.claim:
        name, equals, value = claim.partition("=")
        if not equals:
            raise ValueError(f"--claim takes NAME=VALUE, not {claim!r}")
        claims[name] = value or None
    if chosen.repository:
        claims["repository"] = chosen.repository
    if chosen.owner:
        claims["repository_owner"] = chosen.owner
    return claims


def _up(
    chosen: argparse.Namespace, claims: dict[str, Any], faults: list[tuple[str, str, str, Fault]], repositories: int
) -> int:
    from chittylocal.local import Local

    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    try:
        with Local(
            chosen.state, chosen.behaviour, chosen.tls, port=chosen.port, claims=claims, allowed=tuple(chosen.allow)
        ) as local:
            for service, method, path, fault in faults:
                local.fault(service, method, path, fault)
            environment = _environment(local, chosen.identity)
            if chosen.repositories:
                local.github.folders(chosen.repositories.resolve())
                # Git asks at the API's own address here.
                environment |= {
                    "GITHUB_SERVER_URL": environment["GITHUB_API_URL"], "GITHUB_TOKEN": local.github_token
                }  # fmt: skip
            if chosen.env_file:
                try:
                    _write_private(chosen.env_file, environment)
                except OSError as error:
                    text = f"--env-file {chosen.env_file} can't be written: {error.strerror}. Name a file in a folder"
                    print(f"{text} that exists and that you may write to.", file=sys.stderr)
                    return 1
            print(_summary(local, chosen, environment, repositories), flush=True)
            stop.wait()
    except OSError as error:
        print(f"The backend can't start: {error}. Choose another --port or --state.", file=sys.stderr)
        return 1
    if chosen.env_file:
        chosen.env_file.unlink(missing_ok=True)
    print("Stopped; nothing is left running.", flush=True)
    return 0


def _environment(local: Any, identity: str) -> dict[str, str]:
    environment: dict[str, str] = local.env(identity)
    if identity in ("both", "api-key"):
        environment["CHITTYCONNECT_API_KEY"] = local.api_key
    return environment | {"NPM_TOKEN": local.npm_token}


def _write_private(path: Path, environment: dict[str, str]) -> None:
    """Write the environment for a shell to source, readable by its owner alone."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())


SECRETS = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CHITTYCONNECT_API_KEY", "NPM_TOKEN", "GITHUB_TOKEN")


def _summary(local: Any, chosen: argparse.Namespace, environment: dict[str, str], repositories: int) -> str:
    github = "comments, deployments, comparisons, contents, apps"
    if repositories:
        github = f"{repositories} repositories of {chosen.repositories}"
    rows = [
        ("ChittyConnect", "CHITTYCONNECT_URL", f"credentials, {chosen.behaviour}"),
        ("Cloudflare API", "CLOUDFLARE_API_BASE_URL", f"account {local.account_id}"),
        ("Workers' edge", "CHITTY_EDGE_URL", "by Host header, from real workerd"),
        ("ChittyRegistry", "CHITTYREGISTRY_URL", "heartbeats, services, tools"),
        ("ChittyBeacon", "CHITTYBEACON_URL", "events"),
        ("ChittyRouter", "CHITTYROUTER_URL", "routes"),
        ("GitHub API", "GITHUB_API_URL", github),
        ("npm registry", "CHITTY_NPM_URL", "verdaccio, with trusted publishing"),
        ("R2", "CHITTY_R2_URL", "S3, keys made of a Cloudflare token"),
        ("gitChitty", "CHITTYGIT_URL", "refresh; what R2 has, as git.chitty.cc"),
        ("GitHub id tokens", "ACTIONS_ID_TOKEN_REQUEST_URL", "OIDC, signed by a key of this process"),
    ]
    lines = [f"The embedded backend serves on {local.url}", ""]
    lines += [
        f"  {name:17} {environment[variable]:64} {note}" for name, variable, note in rows if variable in environment
    ]
    if chosen.tls:
        lines += ["", f"  TLS               {local.tls_url}  (CA file: {local.ca_file})"]
    for spec in chosen.fault:
        lines.append(f"  fault             {spec}")
    lines += ["", f"State: {local.state.folder}" + ("" if chosen.state else "  (temporary)")]
    if chosen.env_file:
        lines += [f"Point at it: set -a; . {shlex.quote(str(chosen.env_file))}; set +a"]
    else:
        lines += ["Point at it:"]
        lines += [f"  export {name}={shlex.quote(value)}" for name, value in environment.items() if name not in SECRETS]
        if any(name in environment for name in SECRETS):
            lines += ["  (API key and tokens are secrets: --env-file FILE writes them down as well)"]
    return "\n".join([*lines, "Stop with Ctrl-C."])
