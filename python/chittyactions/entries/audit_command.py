"""`chittyops audit`: every service of the registry, judged by what GitHub shows of its repository."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from chittyactions.cancel import Cancellation
from chittyactions.compliance.assemble import CHECKS, REGISTRY
from chittyactions.compliance.audit.document import pieces, read_audit
from chittyactions.compliance.audit.plan import MOST_SHARDS, Wish, shard_of
from chittyactions.compliance.audit.record import Audit, Standing
from chittyactions.compliance.audit.rules import Rules
from chittyactions.compliance.audit.run import WORKERS
from chittyactions.compliance.audit.shards import merged
from chittyactions.compliance.audit.totals import totals
from chittyactions.compliance.catalogue import read_catalogue
from chittyactions.compliance.registry import read_registry
from chittyactions.entries.audit_summary import summary
from chittyactions.entries.auditing import Auditing, audited, targets_of
from chittyactions.entries.github_access import mask_for
from chittyactions.entries.output import write_whole
from chittyactions.entries.terminal import aside, by_itself, show
from chittyactions.environment import toolkit
from chittyactions.errors import Cancelled, ChittyError, ConfigError, InputError

ABOUT = """\
Audit the services of the registry by what GitHub shows of their repositories, and ask the services themselves.

  chittyops audit -o audit.json                         everything that is active
  chittyops audit --org chittyos --skip-runtime         one organisation, and no service is asked
  chittyops audit --state state.ndjson -o audit.json    who has not moved since is not read again
  chittyops audit --shard 2/8 -o 2.json                 the second of eight parts
  chittyops audit --merge *.json -o audit.json          the parts as one

GITHUB_TOKEN or GH_TOKEN may be any token that reads the repositories; GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are a
GitHub App's. `chittyops report` makes pages of the audit, `chittyops remediate` issues.
"""

CODES = """\
exit codes: 0 enough services pass (--threshold), 1 too few, 2 the command line or a file, 3 incomplete: something
could not be looked at, or nothing at all for want of a token or of GitHub; run again with the same --state, and it goes
on. 130 stopped.
"""

USAGE = 2
INCOMPLETE = 3
MOST_WORKERS = 64


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    raw = argparse.RawDescriptionHelpFormatter
    audit = commands.add_parser(
        "audit", help="audit every service of the registry", description=ABOUT, epilog=CODES, formatter_class=raw
    )
    audit.add_argument("--org", action="append", default=[], metavar="NAME", help="this organisation alone (repeat)")
    audit.add_argument("--service", action="append", default=[], metavar="NAME", help="this service alone (repeat)")
    audit.add_argument(
        "--except", action="append", default=[], dest="without", metavar="DIMENSION", help="not this dimension (repeat)"
    )
    audit.add_argument("--skip-runtime", action="store_true", help="ask no service: no health, registration, route")
    audit.add_argument(
        "--threshold", default="100", metavar="PERCENT", help="exit 0 where that many services pass (default: 100)"
    )
    audit.add_argument("--state", default="", metavar="FILE", help="what is known of each commit, for the next audit")
    audit.add_argument("-o", "--output", default="", metavar="FILE", help="write the audit there (JSON)")
    audit.add_argument("--registry", default="", metavar="FILE", help="another service-registry.yml")
    audit.add_argument("--shard", default="1/1", metavar="I/N", help="the i-th of n parts")
    audit.add_argument("--workers", type=int, default=WORKERS, help=f"repositories at once (default: {WORKERS})")
    other = audit.add_mutually_exclusive_group()
    other.add_argument("--merge", nargs="+", default=[], metavar="FILE", help="put the audits of all shards together")
    other.add_argument(
        "--plan", type=int, default=None, metavar="N", help="print the shards of a matrix of n jobs as JSON"
    )


def run(given: argparse.Namespace) -> int:
    """Run the command; its exit code."""
    try:
        threshold = _percent(given.threshold)
        if given.plan is not None:
            return _plan(given)
        _writable(given.output)
        audit = merged([read_audit(Path(one)) for one in given.merge]) if given.merge else _audited(given)
        _write(audit, given.output)
        return _told(audit, threshold)
    except (Cancelled, KeyboardInterrupt):
        aside("Stopped. What was looked at is in the --state, if there is one: run again, and it goes on.")
        return Cancelled.exit_code
    except (ConfigError, InputError) as failure:
        aside(str(failure))
        return USAGE
    except ChittyError as failure:
        aside(str(failure))
        return INCOMPLETE


def _plan(given: argparse.Namespace) -> int:
    """No more parts than there are repositories."""
    if not 1 <= given.plan <= MOST_SHARDS:
        raise InputError(f"--plan is {given.plan}: expected 1 to {MOST_SHARDS}.", docs="audit.md#shards")
    targets = targets_of(_rules(given)[0], _wish(given, (1, 1)))
    count = max(1, min(given.plan, len(targets)))
    show(json.dumps([f"{one}/{count}" for one in range(1, count + 1)]))
    return 0


def _rules(given: argparse.Namespace) -> tuple[Rules, datetime]:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    registry = Path(given.registry) if given.registry else toolkit() / REGISTRY
    try:
        text = registry.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{registry} could not be read.", why=f"{type(error).__name__}.", fix="Name a service-registry.yml."
        ) from None
    checks = (toolkit() / CHECKS).read_text("utf-8")
    read_registry(text, str(registry), tuple(read_catalogue(checks, CHECKS).dimensions))  # its problems by its own name
    return Rules(checks, text, now.date(), now, frozenset(one.lower() for one in given.without)), now


def _wish(given: argparse.Namespace, shard: tuple[int, int]) -> Wish:
    return Wish(given.org, given.service, given.without, shard)


def _audited(given: argparse.Namespace) -> Audit:
    if not 1 <= given.workers <= MOST_WORKERS:
        raise InputError(f"--workers is {given.workers}: expected 1 to {MOST_WORKERS}.")
    how = Auditing(
        os.environ,
        _rules(given)[0],
        _wish(given, shard_of(given.shard)),
        Path(given.state) if given.state else None,
        not given.skip_runtime,
        mask_for(os.environ),
        sys.stderr,
        given.workers,
    )
    with Cancellation():
        return audited(how)


def _percent(text: str) -> int:
    """Raises InputError for what is no whole percent: `abc` would let everything pass."""
    number = text.removesuffix("%").strip()
    if not number.isascii() or not number.isdigit() or int(number) > 100:
        raise InputError(
            f"--threshold is {text[:50]!r}: expected a whole percent from 0 to 100.",
            fix="Write it as 80.",
            docs="audit.md#exit-codes",
        )
    return int(number)


def _writable(output: str) -> None:
    """Raises ConfigError where the audit could not be written in the end: it may take hours."""
    if output and (Path(output).is_dir() or not os.access(Path(output).parent, os.W_OK)):
        raise _unwritable(output, "there is no such folder, or it may not be written to")


def _write(audit: Audit, output: str) -> None:
    if not output:
        return
    try:
        write_whole(output, pieces(audit))
    except OSError as error:
        raise _unwritable(output, error.strerror or "of no stated cause") from None


def _unwritable(output: str, why: str) -> ConfigError:
    return ConfigError(
        f"{output} can't be written: {why}.",
        why="The audit goes there.",
        fix="Name a file in a folder that exists and may be written to.",
        docs="audit.md#files",
    )


def _told(audit: Audit, threshold: int) -> int:
    """Say what came of it; the exit code."""
    numbers = totals(audit.services)
    show(summary(audit))
    for why in audit.incomplete:
        aside(f"incomplete: {why}")
    if not audit.complete:
        return INCOMPLETE
    if numbers.services and not numbers.judged and threshold:
        aside("No service could be judged, so that none passes.")
        return 1
    judged = [one for one in audit.services if one.standing is Standing.JUDGED]
    if judged and threshold and all(one.score is None for one in judged):
        aside("Nothing that counts was asked of any service, so that none passes.")
        return 1
    percent = numbers.rate.percent
    return 0 if percent is None or percent >= threshold else 1


def main(argv: Sequence[str]) -> int:
    """`audit` by itself."""
    return by_itself("audit", add_parser, run, argv)


__all__ = ["add_parser", "main", "run"]
