"""What a test or a person chooses about the backend: who calls, what is issued, how the services behave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BEHAVIOURS = ("named", "today")


@dataclass
class Settings:
    """The choices; all may be changed while the backend runs.

    Attributes:
        behaviour: `named`: the routes that the project's documents name answer as well; `today`: every service
            is as it is today, with only its live routes.
        claims: claims of GitHub's id token that replace the defaults (see `services.oidc`); None removes one.
        allowed: organisations that ChittyConnect trusts, compared without case.
        issue_as: credential name → the value to issue instead of a random one (canaries).
        provision_limit: provisions an hour and service; None: no limit. The service of today counts each twice.
        retry_after: seconds in the Retry-After of a rate-limited answer; None: none is sent, as today.
        not_configured: names that ChittyConnect knows and has no value for (503).
        single_use: an id token is taken once only, which is stricter than the service is today, so that a client
            that sends one twice is found out.
        api_key: the valid API key; "": a random one.
        npm_token: the token that may publish to the npm registry; "": a random one.
        request_token: the bearer of the id-token endpoint; "": a random one.
        bucket_domains: host name → the R2 bucket that is public under it, when the backend starts; gitChitty serves
            the first bucket.
    """

    behaviour: str = "named"
    claims: dict[str, Any] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=lambda: ["chittyos", "chittyfoundation", "chittycorp", "chittyapps"])
    issue_as: dict[str, str] = field(default_factory=dict)
    provision_limit: int | None = 10
    retry_after: int | None = None
    not_configured: set[str] = field(default_factory=set)
    single_use: bool = True
    api_key: str = ""
    request_token: str = ""
    npm_token: str = ""
    bucket_domains: dict[str, str] = field(default_factory=lambda: {"packages.chitty.cc": "chittyos-packages"})

    def __post_init__(self) -> None:
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour is {' or '.join(BEHAVIOURS)}, not {self.behaviour!r}")

    @property
    def today(self) -> bool:
        """Whether the services are as they are today."""
        return self.behaviour == "today"
