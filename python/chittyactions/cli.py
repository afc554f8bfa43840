"""`chittyops`: what the actions do, for a person at a terminal."""

from __future__ import annotations

import importlib
import os
import sys

from chittyactions import VERSION

TYPE_CHECKING = False  # checkers know the name; `typing` itself takes milliseconds, in which Ctrl-C is a traceback
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

ABOUT = """\
Delivery for the ecosystem: ephemeral credentials, verified deploys, compliance, and all of it on a laptop.

In a repository's workflow it is ten lines (docs/worker-deploy.md); here it runs the same with no account:

  chittyops check                this repository against the ecosystem's dimensions
  chittyops check --fix          and write what is missing, after showing it
  chittyops audit                every service of the registry, from GitHub
  chittyops report audit.json    pages of an audit; `remediate` makes issues and pull requests of it
  chittyops registry lint        the registry itself; `registry discover` proposes what it lacks
  chittyops local run            this repository's own workflow, against an embedded backend
  chittyops local run --keep     and then serve what was deployed
  chittyops local demo           a sample Worker: a verified deploy, then a sick one that is rolled back
  chittyops local up             the backend alone: ChittyConnect, Cloudflare, registry, GitHub on one port

`chittyops COMMAND --help` tells more about each.
"""
# The backend shares no code with the actions, so it is a program of its own. A module of that name in the current
# folder must not be taken for it.
START_LOCAL = """\
import sys
sys.path[:] = [p for p in sys.path if p]
try:
    from chittylocal.cli import main
    code = main()
except KeyboardInterrupt:
    code = 130
sys.exit(code)
"""
STOPPED = 130
"""The exit code after Ctrl-C, as every command has it."""

NO_BACKEND = """\
`chittyops local` needs packages that are not installed.
Why: it was installed for `chittyops check` alone, which needs few.
Fix: in a clone of chittyops, `uv tool install '.[local]'` or `pip install '.[local]'`.\
"""


HELP = {
    "check": "check a repository's compliance",
    "audit": "audit every service of the registry",
    "report": "make pages of an audit",
    "remediate": "open, edit and close issues by an audit",
    "registry": "look the registry over, and find what it lacks",
    "local": "run everything on this machine, with no account",
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    import argparse

    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("chittyops", description=ABOUT, formatter_class=raw)
    top.add_argument("--version", action="version", version=f"chittyops {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, told in HELP.items():
        commands.add_parser(name, help=told, add_help=False).add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (`local` replaces this process).

    Whatever takes time to import is imported in here, where Ctrl-C is no traceback.
    """
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return STOPPED


def _run(argv: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["local"]:
        from importlib.util import find_spec

        if not find_spec("aiohttp"):
            print(NO_BACKEND, file=sys.stderr)
            return 2
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-c", START_LOCAL, *words[1:]])  # noqa: S606
    if words and words[0] in HELP:
        # Imported when it is asked for: the second tier's packages, which `local` needs none of.
        command = importlib.import_module(f"chittyactions.entries.{words[0]}_command")
        return int(command.main(words[1:]))
    if not words:
        parser().print_help()
        return 2
    parser().parse_args(words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
