"""What the caller of `compliance-check` asked for: its inputs, read once."""

from __future__ import annotations

from dataclasses import dataclass

from chittyactions.compliance import names
from chittyactions.compliance.claims import host_of
from chittyactions.compliance.fail_on import FailOn
from chittyactions.compliance.opting import NEW_IN_V2
from chittyactions.inputs import Inputs

FORMATS = ("json", "sarif", "junit", "markdown", "badge")
"""The reports that can be written to files."""

POLICIES = tuple(one.value for one in FailOn)
"""The words of `fail_on`."""


@dataclass(frozen=True)
class Request:
    """The inputs of the action. "" and None stand for what was not given."""

    service_name: str
    type: str
    tier: int | None
    domain: str
    check_health: bool
    working_directory: str
    fail_on: str
    config: str
    formats: tuple[str, ...]
    sarif: bool
    comment: bool
    token: str
    opted_in: bool
    """Whether an input that is new in v2 was set to something else than its default."""


def read_inputs(read: Inputs) -> Request:
    """Every input of the action; raises InputError for all problems at once."""
    wanted = as_far_as_readable(read)
    read.finish()
    return wanted


def as_far_as_readable(read: Inputs) -> Request:
    """The same with its default for each input that has a problem; `finish` of the inputs raises for them."""
    wanted = Request(
        service_name=read.parsed("service_name", "", _service),
        type=read.text("type", pattern=r"[a-z][a-z0-9-]{0,60}", like="cloudflare-worker or tool"),
        tier=read.parsed("tier", "", _tier),
        domain=read.parsed("domain", "", _domain),
        check_health=read.flag("check_health", default=True),
        working_directory=read.text("working_directory", "."),
        fail_on=read.choice("fail_on", POLICIES, "auto"),
        config=read.text("config"),
        formats=read.names("format", "json"),
        sarif=read.flag("sarif", default=False),
        comment=read.flag("comment", default=False),
        token=read.secret("token"),
        opted_in=read.given(*NEW_IN_V2),
    )
    if wanted.formats != ("none",) and (unknown := [one for one in wanted.formats if one not in FORMATS]):
        read.problem(f"format names {', '.join(unknown)}: expected some of {', '.join(FORMATS)}, or none")
    return wanted


def _service(text: str) -> str:
    """A service's name; of a repository or a scoped package, its last part."""
    name = text.rpartition("/")[2] if names.is_repository(text.removeprefix("@")) else text
    if text and not names.is_service(name):
        raise ValueError("expected something like chittyauth; empty finds it out")
    return name


def _domain(text: str) -> str:
    """A domain, or an address at it: as the command and the settings read it."""
    host = host_of(text)
    if text and not host:
        raise ValueError("expected something like auth.chitty.cc")
    return host


def _tier(text: str) -> int | None:
    """A number of 0 to 5; a workflow's `number` input may come as 3.0, and -1 is none."""
    if text in ("", "-1"):
        return None
    whole = text.removesuffix(".0")
    if whole not in ("0", "1", "2", "3", "4", "5"):
        raise ValueError("expected a number from 0 to 5")
    return int(whole)
