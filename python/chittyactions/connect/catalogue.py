"""The credentials that have a name: the action's output for each, and what the API key can provision.

Outputs and names are a contract with callers; names that are not here still arrive in the `credentials` output.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CLOUDFLARE_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - a name
ACCOUNT_ID = "CLOUDFLARE_ACCOUNT_ID"

DEPLOY_TYPE = "cloudflare_workers_deploy"
"""The credential type that callers get who name none."""

NEEDED_FOR_A_DEPLOY = (CLOUDFLARE_TOKEN, ACCOUNT_ID)
"""What is asked for when `credentials` is empty."""

OUTPUTS = {
    CLOUDFLARE_TOKEN: "cloudflare_token",
    ACCOUNT_ID: "account_id",
    "NPM_TOKEN": "npm_token",
    "GITHUB_TOKEN": "github_token",
    "NEON_TOKEN": "neon_token",
    "NEON_DATABASE_URL": "neon_database_url",
    "REGISTER_TOKEN": "register_token",
    "GITHUB_APP_ID": "github_app_id",
    "GITHUB_APP_PRIVATE_KEY": "github_app_private_key",
    "OPENAI_API_KEY": "openai_api_key",
    "NOTION_TOKEN": "notion_token",
    "VERCEL_TOKEN": "vercel_token",
    "CHITTY_AUTH_TOKEN": "chitty_auth_token",
    "CHITTY_REGISTRY_TOKEN": "chitty_registry_token",
    "CHITTY_ID_TOKEN": "chitty_id_token",
    "CHITTY_DNA_TOKEN": "chitty_dna_token",
    "CHITTY_VERIFY_TOKEN": "chitty_verify_token",
    "CHITTY_CERTIFY_TOKEN": "chitty_certify_token",
}
"""Credential → output of the action; `/credentials/deploy` names its fields alike."""

IN_ONE_CALL = frozenset({CLOUDFLARE_TOKEN, ACCOUNT_ID, "NPM_TOKEN", "GITHUB_TOKEN"})
"""What `/credentials/deploy` is named to grant, whatever of it was asked for."""

PUBLIC = frozenset({ACCOUNT_ID, "GITHUB_APP_ID"})
"""Identifiers, no secrets: never masked, however short they are."""

_ALIASES = {"CHITTYREGISTER_TOKEN": "REGISTER_TOKEN", "CLOUDFLARE_TOKEN": CLOUDFLARE_TOKEN, "ACCOUNT_ID": ACCOUNT_ID}

_TYPES = {
    CLOUDFLARE_TOKEN: DEPLOY_TYPE,
    "GITHUB_TOKEN": "github_deploy_token",
    "NEON_API_KEY": "neon_api_key",
    "OPENAI_API_KEY": "openai_api_key",
    "ANTHROPIC_API_KEY": "anthropic_api_key",
    "NOTION_TOKEN": "notion_api_key",
}

_ISSUED_BY = {
    "REGISTER_TOKEN": "chittyregister",
    "CHITTY_AUTH_TOKEN": "chittyauth",
    "CHITTY_REGISTRY_TOKEN": "chittyregistry",
    "CHITTY_ID_TOKEN": "chittyid",
    "CHITTY_DNA_TOKEN": "chittydna",
    "CHITTY_VERIFY_TOKEN": "chittyverify",
    "CHITTY_CERTIFY_TOKEN": "chittycertify",
}


def canonical(name: str) -> str:
    """The one name of a credential that callers and services call by several."""
    upper = name.upper()
    return _ALIASES.get(upper, upper if upper in OUTPUTS or upper in _TYPES else name)


def name_of_type(kind: str) -> str:
    """The credential that a provisioned type gives."""
    if kind.startswith("cloudflare_"):
        return CLOUDFLARE_TOKEN
    if kind == "github_api_key":
        return "GITHUB_TOKEN"
    if kind == "neon_database_connection":
        return "NEON_DATABASE_URL"
    return next((name for name, known in _TYPES.items() if known == kind), kind.upper())


class Ask:
    """What one run asks for, and for whom.

    `names` are canonical credential names in the caller's order, `kind` a credential type for the API key or "",
    `zones` Cloudflare zone ids, `repo` is `owner/name`, `run_id` the workflow run.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        *,
        kind: str = "",
        zones: Sequence[str] = (),
        service: str = "",
        purpose: str = "ci-deploy",
        repo: str = "",
        run_id: str = "",
    ) -> None:
        self.kind = kind
        self.zones = tuple(zones)
        self.service = service or repo.rpartition("/")[2]
        self.purpose = purpose
        self.repo = repo
        self.run_id = run_id
        self.typed = name_of_type(kind) if kind not in ("", DEPLOY_TYPE) else ""
        """The credential that must be of `kind`, which only a provision can promise; "" when any will do."""
        default = (self.typed,) if self.typed not in ("", CLOUDFLARE_TOKEN) else NEEDED_FOR_A_DEPLOY
        asked = [canonical(name) for name in names or default]
        self.names = tuple(dict.fromkeys([*asked, self.typed] if self.typed else asked))

    @property
    def words(self) -> frozenset[str]:
        """What a service may repeat of this request without giving anything away."""
        types = (self.kind, *(_TYPES[name] for name in self.names if name in _TYPES))
        return frozenset({*self.names, *types, self.service, self.repo, *self.zones} - {""})

    def provision(self, name: str) -> dict[str, object] | None:
        """The body that provisions `name` by the API key, or None when no type gives it."""
        kind = self.kind if name == self.typed else _TYPES.get(name, "")
        context: dict[str, object] = {"service": self.service, "purpose": self.purpose, "repo": self.repo}
        context["run_id"] = self.run_id
        if name in _ISSUED_BY and not kind:
            kind = "chittyos_service_token"
            context |= {"source_service": self.service, "target_service": _ISSUED_BY[name]}
        if name == "GITHUB_TOKEN":
            context["repository"] = self.repo
        if name == CLOUDFLARE_TOKEN and self.zones:
            context["zones"] = list(self.zones)
        return {"type": kind, "context": context} if kind else None
