"""What the action and the command share: read a repository, say which service it is, look around, and judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from chittyactions.compliance.assemble import Assembled, load
from chittyactions.compliance.checkout import open_checkout
from chittyactions.compliance.claims import Claim
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.fail_on import Decision, decide, read_fail_on
from chittyactions.compliance.identity import identify
from chittyactions.compliance.index import staged
from chittyactions.compliance.model import Service, Verdict
from chittyactions.compliance.repository import Observed, Repository
from chittyactions.compliance.settings import FILE, Settings, read_settings
from chittyactions.errors import ConfigError, InputError

Look = Callable[[Service, Assembled], Observed]
"""Asks services for what a checkout can't say."""


@dataclass(frozen=True)
class Inquiry:
    """What is to be checked, and by whose rules. `folder` is the service's; the repository is found around it."""

    folder: Path
    given: Claim
    config: str
    """Path of the settings from the repository's root; "" takes .chittyops.yml where there is one."""
    fail_on: str
    opted_in: bool
    slug: str
    """The repository's owner/name; "" takes it from git's remote."""
    commit: str
    today: date
    staged: bool = False
    """Whether it is about what would be committed, and not what lies on the disk."""


@dataclass(frozen=True)
class Examined:
    """What came of it."""

    repository: Repository
    assembled: Assembled
    verdict: Verdict
    decision: Decision


def examine(inquiry: Inquiry, look: Look) -> Examined:
    """Judge the service that lies in a folder. Raises ConfigError and InputError."""
    checkout, place = open_checkout(inquiry.folder)
    checkout = staged(checkout) if inquiry.staged else checkout
    checkout = replace(checkout, commit=inquiry.commit or checkout.commit)
    repository = Repository(checkout, place)
    name, settings = _settings(repository, inquiry.config)
    assembled = load(settings, settings_name=name or FILE)
    service = identify(repository, assembled.registry, settings, inquiry.given, slug=inquiry.slug, settings_path=name)
    seen = Repository(checkout, place, look(service, assembled))
    verdict = assembled.engine.judge(seen, service, waivers=assembled.waivers_for(service), today=inquiry.today)
    policy = read_fail_on(inquiry.fail_on, settings.fail_on)
    decision = decide(verdict, policy, opted_in=inquiry.opted_in or bool(name))
    return Examined(seen, assembled, verdict, decision)


def whose(inquiry: Inquiry) -> Service:
    """The service that lies in a folder, as far as it can be said where something is too wrong to judge it.

    Raises ConfigError and InputError.
    """
    checkout, place = open_checkout(inquiry.folder)
    repository = Repository(checkout, place)
    try:
        _, settings = _settings(repository, inquiry.config)
    except (ConfigError, InputError):
        settings = Settings()
    registry = load().registry
    given = replace(inquiry.given, type=next(iter(registry.compliance_profiles)))  # no wrong type is in the way
    return identify(repository, registry, settings, given, slug=inquiry.slug)


def _settings(repository: Repository, config: str) -> tuple[str, Settings]:
    """The settings and where they stand; "" where there are none."""
    path = config.removeprefix("./") or repository.find(FILE)
    if config and path not in repository.files.paths:
        raise InputError(
            f"config is {config!r}, and there is no such file.",
            why="It is looked for from the repository's root.",
            fix=f"Correct it, or leave it out: {FILE} is then taken where there is one.",
            docs="compliance.md#settings",
        )
    if not path:
        return "", Settings()
    try:
        return path, read_settings(repository.text(path) or "", path)
    except NotKnown as error:
        raise ConfigError(
            f"{path} could not be read.", why=f"{error}.", fix="Check its rights, and run again."
        ) from None
    except (Wrong, Undecided) as error:
        raise ConfigError(
            error.finding.message,
            why="The settings have to be known before anything is judged.",
            fix=error.finding.remediation,
            docs="compliance.md#settings",
        ) from None
