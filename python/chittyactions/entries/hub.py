"""GitHub for a command that works through many repositories: whose token, and who that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from chittyactions.cancel import ended_by
from chittyactions.compliance.remediation.pace import LimitReached, PacedClient
from chittyactions.ecosystem.github_issues import Account, Issues
from chittyactions.ecosystem.github_tokens import Tokens, asker
from chittyactions.ecosystem.github_wire import BASE_URL
from chittyactions.entries.github_access import mask_for, tokens_of
from chittyactions.errors import ServiceError


class Hub:
    """GitHub with a token for each organisation; at the end of `with`, what was issued is revoked."""

    def __init__(self, client: PacedClient, tokens: Tokens, base_url: str) -> None:
        self.base_url = base_url
        self._client = client
        self._tokens = tokens
        self._logins: dict[str, str] = {}

    @classmethod
    @contextmanager
    def of(
        cls, environ: Mapping[str, str], client: PacedClient, permissions: Mapping[str, str], say: Callable[[str], None]
    ) -> Iterator[Hub]:
        """By the environment: a GitHub App's id and key, else a token. Raises CredentialError where it has neither.

        `permissions` are what an app's tokens ask for.
        """
        tokens = tokens_of(environ, permissions, mask_for(environ), say)
        with ended_by(tokens.close):
            yield cls(client, tokens, environ.get("GITHUB_API_URL") or BASE_URL)

    def token(self, repository: str) -> str:
        """The token for a repository (`owner/name`), good for some minutes: for git."""
        return self._tokens.for_owner(repository.partition("/")[0])

    def client(self, repository: str) -> PacedClient:
        """Who asks about a repository: it signs by itself, so that what asks by it is given no token."""
        return self._client.of(asker(self._tokens, repository.partition("/")[0]))

    def login(self, repository: str) -> str:
        """Who writes there."""
        account = self._tokens.account(repository.partition("/")[0])
        if account not in self._logins:
            self._logins[account] = self._account(repository).login()
        return self._logins[account]

    def issues(self, repository: str) -> Issues:
        """The issues of a repository."""
        return Issues(self.client(repository), repository=repository, token="", base_url=self.base_url)

    def is_pinned(self, repository: str, node_id: str) -> bool:
        """Whether an issue is pinned. Raises ServiceError."""
        return self._account(repository).is_pinned(node_id)

    def pin(self, repository: str, node_id: str) -> bool:
        """Pin an issue, as far as GitHub's API does; whether it is pinned."""
        try:
            return self._account(repository).pin(node_id)
        except LimitReached:
            raise
        except ServiceError:
            return False

    def _account(self, repository: str) -> Account:
        return Account(self.client(repository), token="", base_url=self.base_url)
