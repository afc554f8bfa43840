"""What can be done to a made repository, and which checks have to say so: those of a flaw without any have to pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from chittylocal.demo.ecosystem_files import AUTH, BY_HAND, COMPARED, files_of

WELL = (200, '{"status": "ok"}')


@dataclass
class Made:
    """One service as it is made; all of it may be changed.

    Attributes:
        guard: `ruleset`, `classic`, `weak` (force pushes may be made), or "" for none.
        health: what its domain answers at /health: status and body.
        off: workflows that are switched off.
        state: `archived`, `private`, `empty`, `deleted`, `disabled`, or "" for an ordinary one.
        repository: owner/name; several services may lie in one, which `holds` is False of all but the first of.
    """

    organization: str
    name: str
    kind: str
    tier: int | None
    domain: str
    today: date
    repository: str = ""
    files: dict[str, str] = field(default_factory=dict)
    guard: str = "ruleset"
    health: tuple[int, str] = WELL
    registered: bool = True
    routed: bool = True
    off: tuple[str, ...] = ()
    state: str = ""
    holds: bool = True
    flaws: tuple[Flaw, ...] = ()

    def __post_init__(self) -> None:
        self.repository = self.repository or f"{self.organization}/{self.name}"
        self.files = self.files or files_of(self.organization, self.name, self.kind, self.domain)

    @property
    def key(self) -> str:
        """As an audit names it."""
        return f"{self.organization}/{self.name}".lower()

    def without(self, *paths: str) -> None:
        """Have no such files."""
        for path in paths:
            self.files.pop(path, None)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a file, which has to hold what is changed."""
        if old not in self.files[path]:
            raise KeyError(f"{self.repository} has no {old!r} in {path}")
        self.files[path] = self.files[path].replace(old, new)


class Flaw(NamedTuple):
    """What is done to a service, and what an audit has to say then: checks that fail, that are waived, that nobody
    knows; or why the service can't be judged at all.
    """

    apply: Callable[[Made], None]
    fails: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    standing: str = "judged"


def _flaw(apply: Callable[[Made], None], fails: str = "", **more: str) -> Flaw:
    standing = more.pop("standing", "judged")
    return Flaw(
        apply, frozenset(fails.split()), standing=standing, **{name: frozenset(more[name].split()) for name in more}
    )


CONFIG, SYNC, DEPLOY = ".chittyconnect.yml", ".github/workflows/sync.yml", ".github/workflows/deploy.yml"
OWNERS = ".github/CODEOWNERS"
SETTINGS = ".chittyops.yml"


def _lift(field_name: str, value: object) -> Callable[[Made], None]:
    return lambda made: setattr(made, field_name, value)


def _write(path: str, text: str) -> Callable[[Made], None]:
    return lambda made: made.files.update({path: text})


def _waiver(days: int) -> Callable[[Made], None]:
    def apply(made: Made) -> None:
        made.without("CHARTER.md")
        until = made.today + timedelta(days)
        made.files[SETTINGS] = (
            "waivers:\n  - check: chittycanon.charter\n    reason: The new owners are writing it.\n"
            f'    owner: "@{made.organization}/platform"\n    expires: {until}\n'
        )

    return apply


def _within(repository: str) -> Callable[[Made], None]:
    def apply(made: Made) -> None:
        made.repository, made.holds = f"{made.organization}/{repository}", False

    return apply


def _many(made: Made) -> None:
    for name in ("linters", "snippets"):
        whole = f"{made.name}-{name}"
        made.files[f"packages/{name}/pyproject.toml"] = f'[project]\nname = "{whole}"\nversion = "1.0.0"\n'
        made.files[f"packages/{name}/CHARTER.md"] = f"# {whole}\n"


OWN_CHECKS = """\
checks:
  - id: own.license
    title: There is a license
    evaluate: file_present
    with: { paths: [LICENSE] }
  - id: own.readme
    title: The README says whose it is
    required: true
    evaluate: regex
    with: { paths: [README.md], pattern: 'A part of' }
"""
ASKING = """\
checks:
  - id: own.status
    title: The status page tells the version
    evaluate: endpoint
    applies: { domain: true }
    with: { url: "https://{domain}/api/v1/status", field: version }
"""
MCP = '{"mcpServers": {"search": {"args": ["--stdio"]}}}\n'
OPENAPI = 'openapi: 3.1.0\ninfo: {title: It, version: "1"}\npaths:\n  /a:\n    get: {responses: {"200": {}}}\n'

FLAWS: dict[str, Flaw] = {
    "no-connect": _flaw(
        lambda made: made.without(CONFIG),
        "chittyconnect.config chittyrouter.declared chittytrust.provisions chittytrust.provider",
    ),
    "misnamed-connect": _flaw(
        lambda made: made.files.update({".chittyconnect.yaml": made.files.pop(CONFIG)}),
        "chittyconnect.config chittyrouter.declared chittytrust.provisions chittytrust.provider",
    ),
    "no-sync": _flaw(lambda made: made.without(SYNC), "chittyconnect.sync-workflow"),
    "sync-off": _flaw(_lift("off", (SYNC,)), "chittyconnect.sync-workflow"),
    "by-hand": _flaw(
        _write(DEPLOY, BY_HAND), "chittybeacon.installed chittyregister.heartbeat secrets-model.deprecated"
    ),
    "no-beacon": _flaw(
        lambda made: made.replace(DEPLOY, "    secrets:", "      include_beacon: false\n    secrets:"),
        "chittybeacon.installed",
    ),
    "no-key": _flaw(
        lambda made: made.replace(DEPLOY, "CHITTYCONNECT_API_KEY:", "CLOUDFLARE_API_TOKEN:"),
        "chittyregister.heartbeat",
    ),
    "no-charter": _flaw(lambda made: made.without("CHARTER.md"), "chittycanon.charter"),
    "empty-charter": _flaw(_write("CHARTER.md", "\n"), "chittycanon.charter"),
    "no-owners": _flaw(lambda made: made.without(OWNERS), "chittycanon.codeowners"),
    "placeholder-owners": _flaw(_write(OWNERS, "* @orchard/your-team\n"), "chittycanon.codeowners"),
    "no-guidance": _flaw(lambda made: made.without("CLAUDE.md"), "chittycanon.claude-md"),
    "unprotected": _flaw(_lift("guard", ""), "chittycanon.protection"),
    "force-push": _flaw(_lift("guard", "weak"), "chittycanon.protection"),
    "classic": _flaw(_lift("guard", "classic")),
    "undeclared": _flaw(
        lambda made: made.replace(CONFIG, f"  domains:\n    production: {made.domain}\n", ""), "chittyrouter.declared"
    ),
    "few-provisions": _flaw(
        lambda made: made.replace(CONFIG, ", certificate, trust_chain", ""), "chittytrust.provisions"
    ),
    "other-provider": _flaw(lambda made: made.replace(CONFIG, "chittyauth", "auth0"), "chittytrust.provider"),
    "sick": _flaw(_lift("health", (503, '{"status": "down"}')), "health_endpoint.health"),
    "degraded": _flaw(_lift("health", (200, '{"status": "degraded"}')), "health_endpoint.health"),
    "login": _flaw(_lift("health", (200, "<html>Sign in</html>")), "health_endpoint.health"),
    "turned-away": _flaw(_lift("health", (403, "{}")), unknown="health_endpoint.health"),
    "unregistered": _flaw(_lift("registered", value=False), "chittyregister.registered"),
    "unrouted": _flaw(_lift("routed", value=False), "chittyrouter.routed"),
    "minted": _flaw(lambda made: made.files.update({"src/auth.ts": AUTH % made.name})),
    "shared-token": _flaw(
        _write("src/auth.ts", COMPARED), "channel-access-pattern.shared-token channel-access-pattern.minted-tokens"
    ),
    "odd-secret": _flaw(
        lambda made: made.replace(SYNC, "secrets.CHITTYCONNECT_API_KEY", "secrets.CHITTYOS_API_KEY"),
        "secrets-model.names",
    ),
    "broken-workflow": _flaw(
        _write(".github/workflows/nightly.yml", "on: [\n"),
        "repository.workflows",
        unknown="secrets-model.deprecated secrets-model.names",
    ),
    "two-types": _flaw(lambda made: made.replace(CONFIG, "type: tool", "type: npm-package"), "repository.identity"),
    "bad-mcp": _flaw(_write(".mcp.json", MCP), "artifacts.mcp"),
    "bad-openapi": _flaw(_write("docs/openapi.yaml", OPENAPI), "artifacts.openapi"),
    "waived": _flaw(_waiver(60), waived="chittycanon.charter"),
    "waived-in-registry": _flaw(lambda made: made.without("CHARTER.md"), waived="chittycanon.charter"),
    "expired": _flaw(_waiver(-20), "chittycanon.charter"),
    "own-checks": _flaw(_write(SETTINGS, OWN_CHECKS), "own.license"),
    "own-endpoint": _flaw(_write(SETTINGS, ASKING)),
    "many": _flaw(_many),
    "within-workbench": _flaw(_within("workbench"), "repository.identity"),
    "mistaken": _flaw(_write(SETTINGS, "fail_on: sometimes\n"), standing="invalid"),
    "private": _flaw(_lift("state", "private")),
    "archived": _flaw(_lift("state", "archived"), standing="archived"),
    "empty": _flaw(_lift("state", "empty"), standing="empty"),
    "deleted": _flaw(_lift("state", "deleted"), standing="missing"),
    "disabled": _flaw(_lift("state", "disabled"), standing="no_access"),
}
"""By the word that stands behind a service in `ecosystem.SERVICES`."""
