"""A made ecosystem: 62 services of three organisations, with all that an audit can find, as folders and a registry.

Who they are and what is wrong with them is `SERVICES`; what that comes to is in `ecosystem_flaws`. Nobody is meant.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from chittylocal.actrun.stage import toolkit_root
from chittylocal.demo.ecosystem_files import CONFIG, PACKAGE, PAGES, SDK, TOOL, WORKER
from chittylocal.demo.ecosystem_flaws import FLAWS, Made
from chittylocal.local import Local

SERVICES = """
Orchard .github config -
Orchard accounts worker 1
Orchard auth worker 1 minted
Orchard audit-log worker 1 classic
Orchard backups tool 4
Orchard billing worker 2 no-charter
Orchard catalog worker 3 minted
Orchard charts package - no-guidance
Orchard checkout worker 2 shared-token
Orchard cli sdk 4
Orchard consents worker 1 few-provisions
Orchard contracts worker 2 bad-openapi
Orchard discovery worker 1 unrouted
Orchard events worker 1
Orchard exports worker 4 by-hand unprotected
Orchard forms package 4 classic
Orchard gateway worker 1 force-push
Orchard handbook pages - no-owners
Orchard identity worker 0
Orchard imports worker 3 waived-in-registry
Orchard invoices worker 2 turned-away
Orchard jobs worker 1 sync-off
Orchard ledger worker 1 unprotected
Orchard mailer worker 1
Orchard mobile sdk 3 private
Orchard notices worker 4 empty-charter
Orchard payments worker 1 classic
Orchard permits worker 4 no-connect
Orchard profiles worker 1 other-provider
Orchard prototypes tool - empty
Orchard queues worker 1 no-beacon
Orchard reports tool 4 waived
Orchard search worker 1 sick
Orchard sessions worker 0
Orchard shared package - own-checks
Orchard signing worker 0 no-key
Orchard tags worker 1 undeclared
Orchard tax-tables pages -
Orchard uploads worker 1 own-endpoint
Orchard workbench tool 4 many odd-secret
Orchard workbench-linters tool 4 within-workbench odd-secret
Orchard workbench-snippets tool 4 within-workbench odd-secret
Harbour .github config -
Harbour berths worker 1
Harbour cranes worker 1 login
Harbour customs worker 1 unregistered
Harbour ferries worker 1 misnamed-connect no-owners
Harbour lights tool 5 broken-workflow
Harbour logbook tool 4 expired
Harbour moorings worker 1 private
Harbour pilots worker 1 no-sync
Harbour signals sdk -
Harbour tides worker 1 degraded
Harbour towage tool 5 archived
Harbour weather worker 1 disabled
Lantern .github config - placeholder-owners
Lantern almanac pages -
Lantern beacon-sdk sdk - bad-mcp
Lantern grants tool 3 mistaken
Lantern library package -
Lantern museum tool 4 deleted
Lantern trustees tool 4 two-types
"""
"""Organisation, name, kind, tier, and what is done to it (`FLAWS`), one a line."""

KINDS = {"worker": WORKER, "package": PACKAGE, "tool": TOOL, "sdk": SDK, "pages": PAGES, "config": CONFIG}
WAIVED = ("Orchard/imports", "chittycanon.charter")
"""What the registry waives."""

RULES: list[dict[str, Any]] = [
    {"type": "non_fast_forward", "parameters": {}},
    {"type": "pull_request", "parameters": {"required_approving_review_count": 1}},
    {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}]}},
]


def made(today: date, words: Mapping[str, str] | None = None) -> tuple[Made, ...]:
    """The services; `words` says of some of them (organisation/name) what is done to them instead."""
    return tuple(_one(line, today, words or {}) for line in SERVICES.strip().splitlines())


def _one(line: str, today: date, words: Mapping[str, str]) -> Made:
    organization, name, kind, tier, *usual = line.split()
    domain = f"{name}.{organization.lower()}.example" if kind == "worker" else ""
    service = Made(organization, name, KINDS[kind], None if tier == "-" else int(tier), domain, today)
    chosen = words.get(f"{organization}/{name}")
    service.flaws = tuple(FLAWS[word] for word in (usual if chosen is None else chosen.split()))
    for flaw in service.flaws:
        flaw.apply(service)
    return service


# -- as folders and settings -------------------------------------------------------------------------------------


def write(services: Iterable[Made], root: Path) -> None:
    """Have exactly their files lie in folders OWNER/NAME."""
    shutil.rmtree(root, ignore_errors=True)
    for one in services:
        if one.state != "deleted" and one.holds:
            write_one(one, root)


def write_one(service: Made, root: Path) -> None:
    """Have exactly a service's files lie in its repository's folder."""
    folder = root / service.repository
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, text in {} if service.state == "empty" else service.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def settle(services: Iterable[Made], local: Local) -> None:
    """Have GitHub, the registry and the router say of the services what is to be said."""
    services = tuple(services)
    for one in services:
        settle_one(one, local)
    known = {one.name: {"name": one.name, "status": "ok"} for one in services if one.registered}
    local.state.write("registry", known)
    local.state.write("router", {one.domain: {"service": one.name} for one in services if one.domain and one.routed})


def settle_one(service: Made, local: Local) -> None:
    """Have GitHub say of a service's repository what is to be said."""
    hub, name = local.github, service.repository
    if service.state in ("archived", "private", "disabled"):
        setattr(hub.profile(name), service.state, True)
    hub.rules.set_rules(name, RULES if service.guard == "ruleset" else [])
    if service.guard in ("classic", "weak"):
        hub.rules.set_classic(name, force_pushes=service.guard == "weak")
    hub.rules.set_workflows(name, dict.fromkeys(service.off, "disabled_manually"))


def registry(services: Iterable[Made], expires: date) -> str:
    """The services as a service-registry.yml with the toolkit's profiles; `expires`: when its one waiver does."""
    profiles = (
        (toolkit_root() / "compliance" / "service-registry.yml").read_text("utf-8").partition("organizations:")[0]
    )
    lines = ["organizations:"]
    told: set[str] = set()
    for one in services:
        if one.organization not in told:
            lines += [f"  {one.organization}:", "    services:"]
            told.add(one.organization)
        known = {"repo": one.repository, "type": one.kind, "tier": one.tier, "domain": one.domain}
        lines.append(f"      {one.name}:")
        lines += [f"        {field}: {value}" for field, value in known.items() if value not in (None, "")]
    service, check = WAIVED
    lines += [
        "waivers:",
        f"  - service: {service}",
        f"    check: {check}",
        "    reason: Its mission is being settled with those who use it.",
        '    owner: "@Orchard/platform"',
        f"    expires: {expires}",
    ]
    return profiles + "\n".join(lines) + "\n"
